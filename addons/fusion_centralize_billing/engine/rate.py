"""Rating: a charge and a quantity become an amount that can prove itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from .charge import Charge
from .errors import Invalid
from .money import ZERO, plain, round_money
from .period import Period
from .pricing import Priced

# Raised when a formula changes what an old derivation would give: old lines keep replaying
# with the number they were rated with.
DERIVATION_VERSION = "1"


@dataclass(frozen=True, slots=True)
class RatedLine:
    """One invoice line before Odoo. `amount` is rounded to the currency, once, here."""

    key: str
    charge_code: str
    metric_code: str
    model: str
    quantity: Decimal
    billable_quantity: Decimal
    unit_amount: Decimal | None
    amount: Decimal
    amount_unrounded: Decimal
    derivation: dict[str, Any]


def rate(
    charge: Charge, quantity: Decimal, period: Period, currency_exponent: int = 2
) -> RatedLine:
    """Price `quantity` units of `period`: clamp, price, round, in this order.

    1. clamp: a negative quantity (corrections above the usage) bills 0 units, as Lago does;
    2. price: the charge's model, exact;
    3. round: half up to the currency, once, last.

    >>> charge = Charge.build("quota", "over", "gb",
    ...                       {"included_quantity": 1000, "unit_price": "0.05"})
    >>> march = Period(date(2026, 3, 1), date(2026, 4, 1))
    >>> line = rate(charge, Decimal("1250.5"), march)
    >>> line.billable_quantity, line.amount_unrounded, line.amount
    (Decimal('250.5'), Decimal('12.525'), Decimal('12.53'))
    """
    rated_quantity = max(quantity, ZERO)
    priced = charge.pricer.price(rated_quantity)
    unrounded = priced.amount
    amount = round_money(unrounded, currency_exponent)
    return RatedLine(
        key=charge.key,
        charge_code=charge.code,
        metric_code=charge.metric_code,
        model=charge.model,
        quantity=quantity,
        billable_quantity=priced.billable_quantity,
        unit_amount=priced.unit_amount,
        amount=amount,
        amount_unrounded=unrounded,
        derivation=_derivation(charge, quantity, period, currency_exponent, priced, amount),
    )


def replay(derivation: Mapping[str, Any]) -> RatedLine:
    """Rate again from the stored inputs alone, ignoring the stored results.

    :raise Invalid: unknown version, or inputs that no longer make a charge.
    """
    if derivation.get("version") != DERIVATION_VERSION:
        raise Invalid.field("version", "value_is_invalid")
    period = Period(
        date.fromisoformat(derivation["period"]["start"]),
        date.fromisoformat(derivation["period"]["end"]),
    )
    return rate(
        Charge.from_json(derivation["charge"]),
        Decimal(derivation["quantity"]),
        period,
        int(derivation["currency_exponent"]),
    )


def agrees(derivation: Mapping[str, Any]) -> bool:
    """Whether every stored result is what the stored inputs give. False: somebody edited it.

    >>> charge = Charge.build("standard", "c", "m", {"unit_price": "2"})
    >>> trace = rate(charge, Decimal(3), Period(date(2026, 3, 1), date(2026, 4, 1))).derivation
    >>> agrees(trace), agrees({**trace, "amount": "7.00"})
    (True, False)
    """
    return replay(derivation).derivation == dict(derivation)


def _derivation(
    charge: Charge,
    quantity: Decimal,
    period: Period,
    currency_exponent: int,
    priced: Priced,
    amount: Decimal,
) -> dict[str, Any]:
    """Inputs first, then every step, then the results. Text only, so that JSON keeps it exact."""
    return {
        "version": DERIVATION_VERSION,
        "key": charge.key,
        "charge": charge.to_json(),
        "period": {"start": period.start.isoformat(), "end": period.end.isoformat()},
        "currency_exponent": str(currency_exponent),
        "quantity": plain(quantity),
        "billable_quantity": plain(priced.billable_quantity),
        "steps": [step.to_json() for step in priced.steps],
        "amount_unrounded": plain(priced.amount),
        "amount": str(amount),
    }
