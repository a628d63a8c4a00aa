"""A rated line in words: one line for the invoice, all steps for whoever asks."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from .credit import explain_credit
from .period import Period
from .wording import money, number, period_text, quantity, say

# An invoice line with more tiers than this becomes unreadable; `explain` shows all of them.
MAX_TIERS_IN_DESCRIPTION = 4


def describe(derivation: Mapping[str, Any], lang: str = "en_CA") -> str:
    """The invoice line's description.

    >>> from .charge import Charge
    >>> from .rate import rate
    >>> march = Period(date(2026, 3, 1), date(2026, 4, 1))
    >>> charge = Charge.build("quota", "over", "gb", {"included_quantity": 1000,
    ...     "unit_price": "0.05"}, name="Bandwidth", unit="GB")
    >>> describe(rate(charge, Decimal(1250), march).derivation)
    'Bandwidth: 1,250 GB used, 1,000 included, 250 × $0.05 (1 Mar 2026 to 31 Mar 2026)'
    """
    charge = derivation["charge"]
    teller = {"quota": _quota, "standard": _standard}.get(charge["model"], _tiers)
    label = charge["name"] or charge["metric_code"]
    colon = say(lang, "colon")
    return f"{label}{colon}{teller(derivation, lang)} {period_text(_period(derivation), lang)}"


def explain(derivation: Mapping[str, Any], lang: str = "en_CA") -> list[str]:
    """Every step from the counter to the amount, one sentence each.

    >>> from .charge import Charge
    >>> from .rate import rate
    >>> charge = Charge.build("standard", "c", "gb", {"unit_price": "0.0025"}, name="Traffic",
    ...                       unit="GB")
    >>> march = Period(date(2026, 3, 1), date(2026, 4, 1))
    >>> for line in explain(rate(charge, Decimal(1250), march).derivation):
    ...     print(line)
    Traffic (1 Mar 2026 to 31 Mar 2026)
    Quantity measured: 1,250 GB
    Units: 1,250 × $0.0025 = $3.125
    Sum before rounding: $3.125
    Rounded half up to 2 decimals: $3.13
    """
    if derivation.get("kind") == "credit":
        return explain_credit(derivation, lang)
    charge = derivation["charge"]
    places = int(derivation["currency_exponent"])
    currency = charge["currency"]
    measured = Decimal(derivation["quantity"])
    label = charge["name"] or charge["metric_code"]
    unrounded = money(Decimal(derivation["amount_unrounded"]), currency, lang, places)
    rounded = money(Decimal(derivation["amount"]), currency, lang, places)
    return [
        f"{label} {period_text(_period(derivation), lang)}",
        say(lang, "measured", quantity=quantity(measured, charge["unit"], lang)),
        *([say(lang, "clamped")] if measured < 0 else []),
        *(_step(step, derivation, lang) for step in derivation["steps"]),
        say(lang, "sum", amount=unrounded),
        say(lang, "rounded", places=places, amount=rounded),
    ]


def _period(derivation: Mapping[str, Any]) -> Period:
    bounds = derivation["period"]
    return Period(date.fromisoformat(bounds["start"]), date.fromisoformat(bounds["end"]))


def _used(derivation: Mapping[str, Any], lang: str) -> str:
    return quantity(Decimal(derivation["quantity"]), derivation["charge"]["unit"], lang)


def _quota(derivation: Mapping[str, Any], lang: str) -> str:
    """1,250 GB used, 1,000 included, 250 × $0.05"""
    properties = derivation["charge"]["properties"]
    included = Decimal(properties["included_quantity"])
    if not included:
        return _standard(derivation, lang)
    above = Decimal(derivation["billable_quantity"])
    price = money(Decimal(properties["unit_price"]), derivation["charge"]["currency"], lang)
    used = say(
        lang,
        "used_above_nothing",
        quantity=_used(derivation, lang),
        included=number(included, lang),
    )
    return f"{used}, {number(above, lang)} × {price}"


def _standard(derivation: Mapping[str, Any], lang: str) -> str:
    """1,250 GB × $0.05"""
    charge = derivation["charge"]
    price = money(Decimal(charge["properties"]["unit_price"]), charge["currency"], lang)
    billable = Decimal(derivation["billable_quantity"])
    return f"{quantity(billable, charge['unit'], lang)} × {price}"


def _tiers(derivation: Mapping[str, Any], lang: str) -> str:
    """21 calls used, 10 × $10.00 + $2.00, 10 × $5.00 + $3.00, …"""
    currency = derivation["charge"]["currency"]
    parts = [say(lang, "used", quantity=_used(derivation, lang))]
    steps = derivation["steps"]
    shown = steps if len(steps) <= MAX_TIERS_IN_DESCRIPTION else steps[:MAX_TIERS_IN_DESCRIPTION]
    parts += [_product(step, currency, lang) for step in shown]
    if len(shown) < len(steps):
        parts.append(say(lang, "more", count=len(steps) - len(shown)))
    return ", ".join(parts)


def _product(step: Mapping[str, str], currency: str, lang: str) -> str:
    flat = Decimal(step["flat_price"])
    units = Decimal(step["quantity"])
    if flat and not units:
        return say(lang, "flat", price=money(flat, currency, lang))
    product = f"{number(units, lang)} × {money(Decimal(step['unit_price']), currency, lang)}"
    return f"{product} + {money(flat, currency, lang)}" if flat else product


def _step(step: Mapping[str, str], derivation: Mapping[str, Any], lang: str) -> str:
    currency = derivation["charge"]["currency"]
    places = int(derivation["currency_exponent"])
    amount = money(Decimal(step["amount"]), currency, lang, places)
    label = _step_label(step, lang)
    return f"{label}{say(lang, 'colon')}{_product(step, currency, lang)} = {amount}"


def _step_label(step: Mapping[str, str], lang: str) -> str:
    kind, _, index = step["key"].partition("-")
    if kind != "tier":
        return say(lang, kind)
    lower = number(Decimal(step["lower"]), lang)
    if not step["upper"]:
        return say(lang, "tier", number=index, lower=lower)
    upper = number(Decimal(step["upper"]), lang)
    return say(lang, "tier_bounded", number=index, lower=lower, upper=upper)
