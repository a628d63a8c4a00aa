from . import (
    test_claims,
    test_contract_fields,
    test_contract_invoicing,
    test_contract_lifecycle,
    test_contract_periods,
    test_contract_pricing,
    test_expiration,
    test_period_dates,
    test_proration,
)
