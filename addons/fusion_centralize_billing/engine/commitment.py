"""Minimum commitment of a plan: what a subscription pays at least in a period, usage or not.

Named rule (Lago's ``minimum_commitment``): amount × active days / days of the full period, less
base fees and charge lines (their true-ups and caps included), never negative. The share is rounded
once, half up, and compared with what is billed, so that the invoice adds up to it.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from .errors import Invalid
from .money import ZERO, exactly, plain, round_money
from .period import Period
from .proration import prorate
from .rated import RatedLine, closing_line, period_json, read_period

KEY = "commitment"


@exactly
def commitment(
    amount: Decimal,
    period: Period,
    base: Decimal,
    usage: Decimal,
    currency_exponent: int = 2,
    *,
    active: Period | None = None,
    currency: str = "CAD",
    name: str = "",
) -> RatedLine:
    """The line that brings base fees and usage up to the commitment.

    :param amount: committed for a full period
    :param period: the full period; `active` the days of it that are billed, None: all
    :param base: base fees of the period, rounded; `usage` the sum of all its charge lines
    :raise Invalid: a negative commitment

    >>> from datetime import date
    >>> march = Period(date(2026, 3, 1), date(2026, 4, 1))
    >>> commitment(Decimal(100), march, Decimal("29.00"), Decimal("12.50")).amount
    Decimal('58.50')
    >>> commitment(Decimal(100), march, Decimal("29.00"), Decimal("90.00")).amount
    Decimal('0.00')
    """
    if amount < 0:
        raise Invalid.field("minimum_commitment", "invalid_amount")
    active = active or period
    share = round_money(prorate(amount, active, period), currency_exponent)
    due = round_money(max(share - base - usage, ZERO), currency_exponent)
    terms = {"amount": plain(amount), "base": plain(base), "currency": currency, "name": name}
    inputs = {
        "kind": KEY,
        "key": KEY,
        "commitment": terms,
        "period": period_json(active),
        "full_period": period_json(period),
        "currency_exponent": str(currency_exponent),
        "usage_amount": plain(usage),
        "share": str(share),
    }
    more = {"charge_code": "", "metric_code": "", "model": KEY, "terms": {KEY: terms}}
    return closing_line(inputs, due, **more)


def replay_commitment(derivation: Mapping[str, Any]) -> RatedLine:
    """The line again from its stored inputs."""
    return recommit(
        derivation["commitment"],
        read_period(derivation["full_period"]),
        Decimal(derivation["usage_amount"]),
        int(derivation["currency_exponent"]),
        read_period(derivation["period"]),
    )


def recommit(
    terms: Mapping[str, str],
    period: Period,
    usage: Decimal,
    currency_exponent: int = 2,
    active: Period | None = None,
) -> RatedLine:
    """A commitment at its stored terms and base fees, with other usage."""
    return commitment(
        Decimal(terms["amount"]),
        period,
        Decimal(terms["base"]),
        usage,
        currency_exponent,
        active=active,
        currency=terms["currency"],
        name=terms["name"],
    )
