"""Rating: a charge and a usage become an amount that can prove itself."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from .base_fee import replay_base_fee
from .bounds import replay_bound
from .charge import Charge
from .commitment import replay_commitment
from .errors import Invalid
from .filters import Bucket
from .gone import replay_gone
from .money import plain, round_money
from .period import Period
from .rated import DERIVATION_VERSION, RatedLine, check_version, period_json, read_period
from .usage import Usage

_REPLAYS: dict[str, Callable[[Mapping[str, Any]], RatedLine]] = {
    "cap": replay_bound,
    "commitment": replay_commitment,
    "gone": replay_gone,
    "minimum": replay_bound,
}

__all__ = ["DERIVATION_VERSION", "RatedLine", "agrees", "rate", "replay"]


def rate(
    charge: Charge,
    quantity: Decimal | Usage,
    period: Period,
    currency_exponent: int = 2,
    *,
    bucket: Bucket | None = None,
) -> RatedLine:
    """Price one bucket's usage of `period`: clamp, price, round, in this order.

    1. clamp: a negative quantity (corrections above the usage) bills 0 units, as Lago does;
    2. price: the charge's model, exact;
    3. round: half up to the currency, once, last.

    :param quantity: what the metric measured; a bare number where the model needs no more
    :raise Invalid: a bare number, or units not weighted by time, where the price needs more
    :param bucket: names the line; the price is the charge's own in any case. Charges with filters,
        groups or bounds go through `rate_charge`.

    >>> from datetime import date
    >>> charge = Charge.build("quota", "over", "gb",
    ...                       {"included_quantity": 1000, "unit_price": "0.05"})
    >>> march = Period(date(2026, 3, 1), date(2026, 4, 1))
    >>> line = rate(charge, Decimal("1250.5"), march)
    >>> line.billable_quantity, line.amount_unrounded, line.amount
    (Decimal('250.5'), Decimal('12.525'), Decimal('12.53'))
    """
    measured = _checked(charge, quantity)
    named = bucket or Bucket()
    kept = measured.only(charge.reads)
    priced = charge.pricer.price(kept.clamped())
    terms = charge.to_json()
    unrounded = priced.amount
    amount = round_money(unrounded, currency_exponent)
    inputs = _inputs(terms, named, period, currency_exponent, kept)
    results = {
        "billable_quantity": plain(priced.billable_quantity),
        "steps": [step.to_json() for step in priced.steps],
        "amount_unrounded": plain(unrounded),
        "amount": str(amount),
    }
    return RatedLine(
        key=inputs["key"],
        charge_code=charge.code,
        metric_code=charge.metric_code,
        model=charge.model,
        quantity=measured.quantity,
        billable_quantity=priced.billable_quantity,
        unit_amount=priced.unit_amount,
        amount=amount,
        amount_unrounded=unrounded,
        derivation={**inputs, **results},
        charge_key=charge.key,
        filter_key=named.filter_key,
        group=named.group,
        usage=measured,
        terms=terms,
    )


def _checked(charge: Charge, quantity: Decimal | Usage) -> Usage:
    """What is missing would be billed as nothing, silently."""
    if charge.reads and not isinstance(quantity, Usage):
        raise Invalid.field("usage", "value_is_mandatory")
    usage = Usage.of(quantity)
    if charge.prorated and usage.prorated is None:
        raise Invalid.field("prorated", "value_is_mandatory")
    return usage


def replay(derivation: Mapping[str, Any]) -> RatedLine:
    """Rate again from the stored inputs alone, ignoring the stored results.

    :raise Invalid: unknown version, or inputs that no longer make a charge.
    """
    check_version(derivation)
    kind = derivation.get("kind", "usage")
    if kind in _REPLAYS:
        return _REPLAYS[kind](derivation)
    if kind != "usage":
        raise Invalid.field("kind", "value_is_invalid")
    return rate(
        Charge.from_json(derivation["charge"]),
        Usage.from_json(Decimal(derivation["quantity"]), derivation.get("usage", {})),
        read_period(derivation["period"]),
        int(derivation["currency_exponent"]),
        bucket=Bucket.from_json(derivation.get("bucket")),
    )


def agrees(derivation: Mapping[str, Any]) -> bool:
    """Whether every stored result is what the stored inputs give. False: somebody edited it.

    >>> from datetime import date
    >>> charge = Charge.build("standard", "c", "m", {"unit_price": "2"})
    >>> trace = rate(charge, Decimal(3), Period(date(2026, 3, 1), date(2026, 4, 1))).derivation
    >>> agrees(trace), agrees({**trace, "amount": "7.00"})
    (True, False)
    """
    again = replay_base_fee if derivation.get("kind") == "base" else replay
    return again(derivation).derivation == dict(derivation)


def _inputs(
    terms: Mapping[str, Any], bucket: Bucket, period: Period, currency_exponent: int, usage: Usage
) -> dict[str, Any]:
    """What replaying needs, as text only, so that JSON keeps it exact.

    What a line does not have (a bucket, inputs beside the quantity) is left out, so that plain
    charges keep the shape they always had.
    """
    data: dict[str, Any] = {
        "version": DERIVATION_VERSION,
        "key": bucket.key(f"{terms['metric_code']}/{terms['code']}"),
        "charge": terms,
        "period": period_json(period),
        "currency_exponent": str(currency_exponent),
        "quantity": plain(usage.quantity),
    }
    if stored := usage.to_json():
        data["usage"] = stored
    if not bucket.is_default:
        data["bucket"] = bucket.to_json()
    return data
