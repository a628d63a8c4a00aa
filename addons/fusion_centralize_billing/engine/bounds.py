"""What a charge costs at least and at most in a period: the true-up line and the cap line.

Named rules:

* **true-up** (Lago's ``min_amount_cents``): min × active days / days of the full period, less all
  lines of the charge; never negative;
* **a cap is a share too** (ours; Lago has none): cap × active days / days of the full period; what
  the lines are above it is given back in a line of its own, so that each usage line stays what it
  is and the sum is the cap;
* **bounds look at what is billed**: they compare with the rounded lines, so that the invoice adds
  up; the share itself is rounded once, half up.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from .charge import Charge
from .errors import Invalid
from .money import ZERO, exactly, plain, round_money
from .period import Period
from .proration import prorate
from .rated import RatedLine, closing_line, period_json, read_period

KINDS = ("minimum", "cap")


@exactly
def bound_line(
    kind: str,
    charge: Charge,
    lines_amount: Decimal,
    full: Period,
    active: Period | None = None,
    currency_exponent: int = 2,
) -> RatedLine:
    """The line that brings `lines_amount` up to the charge's minimum or down to its cap.

    :param kind: ``minimum`` or ``cap``
    :param lines_amount: sum of the rounded lines of the charge, all filters and groups

    >>> from datetime import date
    >>> charge = Charge.build("standard", "c", "gb", {"unit_price": "0.05"}, min_amount=31)
    >>> march = Period(date(2026, 3, 1), date(2026, 4, 1))
    >>> bound_line("minimum", charge, Decimal("12.50"), march).amount
    Decimal('18.50')
    >>> last_days = Period(date(2026, 3, 20), march.end)  # 12 of 31
    >>> bound_line("minimum", charge, Decimal("12.50"), march, last_days).amount
    Decimal('0.00')
    """
    if kind not in KINDS:
        raise Invalid.field("kind", "value_is_invalid")
    active = active or full
    bound = charge.min_amount if kind == "minimum" else charge.cap_amount
    if bound is None:
        raise Invalid.field("cap_amount", "value_is_mandatory")
    share = round_money(prorate(bound, active, full), currency_exponent)
    missing = share - lines_amount
    needed = max(missing, ZERO) if kind == "minimum" else min(missing, ZERO)
    amount = round_money(needed, currency_exponent)
    inputs = {
        "kind": kind,
        "key": f'{charge.key}{{"line":"{kind}"}}',
        "charge": _terms(charge),
        "period": period_json(active),
        "full_period": period_json(full),
        "currency_exponent": str(currency_exponent),
        "lines_amount": plain(lines_amount),
        "share": str(share),
    }
    return closing_line(
        inputs,
        amount,
        charge_code=charge.code,
        metric_code=charge.metric_code,
        model=charge.model,
        charge_key=charge.key,
        terms=charge.to_json(),
    )


def replay_bound(derivation: Mapping[str, Any]) -> RatedLine:
    """The line again from its stored inputs."""
    return bound_line(
        derivation["kind"],
        Charge.from_json(derivation["charge"]),
        Decimal(derivation["lines_amount"]),
        read_period(derivation["full_period"]),
        read_period(derivation["period"]),
        int(derivation["currency_exponent"]),
    )


def _terms(charge: Charge) -> dict[str, Any]:
    """The charge without its filters, which have no say in a bound."""
    terms = charge.to_json()
    return {name: terms[name] for name in terms if name not in ("filters", "pricing_group_keys")}
