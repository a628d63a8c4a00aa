"""An example of each request body; a test sends them through the models that validate."""

from typing import Any

ID = "1321c55a-da3a-8007-8000-000000000001"
FEE_ID = "1321c55a-da3a-8008-8000-000000000001"
METRIC_ID = "1321c55a-da3a-8005-8000-000000000001"

CHARGE = {
    "billable_metric_id": METRIC_ID,
    "code": "bandwidth",
    "charge_model": "standard",
    "properties": {"amount": "0.05"},
}
FILTER = {"values": {"region": ["ca"]}, "properties": {"amount": "0.04"}}
PLAN = {
    "name": "Pro",
    "code": "pro",
    "interval": "monthly",
    "amount_cents": 2000,
    "amount_currency": "CAD",
    "pay_in_advance": True,
    "charges": [CHARGE],
}
METRIC = {
    "name": "Bandwidth",
    "code": "bandwidth",
    "aggregation_type": "sum_agg",
    "field_name": "gb",
}
EVENT = {
    "transaction_id": "7f5c-0001",
    "external_subscription_id": "acme-hosting",
    "code": "bandwidth",
    "timestamp": 1773156600,
}
CUSTOMER = {
    "external_id": "acme",
    "name": "Acme Inc.",
    "email": "billing@acme.example",
    "address_line1": "1 King St",
    "city": "Toronto",
    "state": "ON",
    "zipcode": "M5H 1A1",
    "country": "CA",
    "timezone": "America/Toronto",
}
SUBSCRIPTION = {
    "external_customer_id": "acme",
    "plan_code": "pro",
    "external_id": "acme-hosting",
    "billing_time": "anniversary",
}
APP_INVOICE = {
    "external_invoice_id": "A-2026-0042",
    "external_subscription_id": "acme-hosting",
    "period_start": "2026-03-01",
    "period_end": "2026-04-01",
    "issued_on": "2026-04-01",
    "currency": "CAD",
    "lines": [
        {"kind": "base", "code": "pro", "amount": "20.00"},
        {"kind": "usage", "code": "bandwidth", "quantity": "1250.5", "amount": "12.53"},
        {"kind": "tax", "code": "HST", "rate": "13", "amount": "4.23"},
    ],
}
CREDIT = {"invoice_id": ID, "items": [{"fee_id": FEE_ID, "amount_cents": 500}]}

# Component of the document -> what its body looks like. What is not here is made of its schema.
REQUESTS: dict[str, Any] = {
    "CustomerIn": CUSTOMER,
    "SubscriptionIn": SUBSCRIPTION,
    "SubscriptionUpdateIn": {"name": "Hosting", "ending_at": "2026-12-31T23:59:59Z"},
    "PlanIn": PLAN,
    "PlanInChange": {"name": "Pro", "amount_cents": 2500},
    "ChargeIn": CHARGE,
    "ChargeInChange": {"properties": {"amount": "0.04"}},
    "FilterIn": FILTER,
    "FilterChangeIn": FILTER,
    "MetricIn": METRIC,
    "MetricInChange": {"description": "Gigabytes that left the server"},
    "EventIn": EVENT | {"properties": {"gb": "12.5"}},
    "UsageIn": EVENT | {"value": "12.5"},
    "CounterIn": {
        "external_subscription_id": "acme-hosting",
        "code": "bandwidth",
        "bucket": "2026-03-10",
        "value": "1250.5",
        "sequence": 7,
    },
    "SealIn": {
        "external_subscription_id": "acme-hosting",
        "code": "bandwidth",
        "start": "2026-03-01",
        "end": "2026-04-01",
        "count": 31,
        "sum": "1250.5",
    },
    "AppInvoicesIn": {"app_invoice": APP_INVOICE},
    "InvoicePreviewIn": {"customer": {"external_id": "acme"}, "plan_code": "pro"},
    "InvoiceChangeIn": {"metadata": [{"key": "cost centre", "value": "42"}]},
    "InvoiceVoidIn": {"generate_credit_note": True},
    "CreditNoteIn": CREDIT | {"reason": "order_change", "credit_amount_cents": 565},
    "CreditNoteEstimateIn": CREDIT,
    "PaymentIn": {"invoice_id": ID, "amount_cents": 2260, "reference": "cheque 1042"},
    "WebhookEndpointIn": {"webhook_url": "https://app.example/webhooks", "signature_algo": "hmac"},
    "WebhookEndpointChange": {"event_types": ["invoice.created", "subscription.terminated"]},
    "CheckpointIn": {"sequence": 120, "name": "mailer"},
    "ReplayIn": {"from_sequence": 100, "to_sequence": 120},
}
