"""One step of a price in words."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from .wording import money, number, percent, quantity, say

# Models whose unit prices are rates: 0.029 reads 2.9 %.
_RATED = ("percentage", "graduated_percentage")


def product(step: Mapping[str, str], derivation: Mapping[str, Any], lang: str) -> str:
    """``10 × $5.00 + $3.00``, ``2.9 % of 300 + $5.00``, ``2 events × $0.30``."""
    charge = derivation["charge"]
    kind, units = step["key"], Decimal(step["quantity"])

    def price(amount: Decimal) -> str:
        return money(amount, charge["currency"], lang)

    if kind in ("minimum", "maximum"):
        return _correction(step, derivation, lang)
    if kind == "free":
        return say(lang, "free_of", quantity=quantity(units, charge["unit"], lang))
    if kind == "dynamic":
        return say(lang, "dynamic", quantity=quantity(units, charge["unit"], lang))
    flat = Decimal(step["flat_price"])
    if flat and not units:
        return say(lang, "flat", price=price(flat))
    if kind == "fixed":
        return f"{_events(units, lang)} × {price(Decimal(step['unit_price']))}"
    if charge["model"] in _RATED:
        rate = percent(Decimal(step["unit_price"]).scaleb(2), lang)
        words = say(lang, "of", rate=rate, amount=quantity(units, charge["unit"], lang))
    else:
        words = f"{number(units, lang)} × {price(Decimal(step['unit_price']))}"
    return f"{words} + {price(flat)}" if flat else words


def step_words(step: Mapping[str, str], derivation: Mapping[str, Any], lang: str) -> str:
    """``Tier 1, above 0 up to 10: 10 × $10.00 + $2.00 = $102.00``."""
    currency = derivation["charge"]["currency"]
    places = int(derivation["currency_exponent"])
    amount = money(Decimal(step["amount"]), currency, lang, places)
    words = product(step, derivation, lang)
    label = _label(step, derivation, lang)
    if not label:
        return f"{words}{say(lang, 'colon')}{amount}"
    return f"{label}{say(lang, 'colon')}{words} = {amount}"


def _label(step: Mapping[str, str], derivation: Mapping[str, Any], lang: str) -> str:
    kind, _, index = step["key"].partition("-")
    if kind in ("dynamic", "free"):
        return ""
    if kind in ("minimum", "maximum"):
        return say(lang, "raised" if kind == "minimum" else "lowered")
    if kind == "packages":
        size = Decimal(derivation["charge"]["properties"]["package_size"])
        return say(lang, kind, size=quantity(size, derivation["charge"]["unit"], lang))
    if kind != "tier":
        return say(lang, kind)
    lower = number(Decimal(step["lower"]), lang)
    if not step["upper"]:
        return say(lang, "tier", number=index, lower=lower)
    upper = number(Decimal(step["upper"]), lang)
    return say(lang, "tier_bounded", number=index, lower=lower, upper=upper)


def _correction(step: Mapping[str, str], derivation: Mapping[str, Any], lang: str) -> str:
    """``3 events, at most $5.00 each``."""
    charge = derivation["charge"]
    side = {"minimum": "min", "maximum": "max"}[step["key"]]
    bound = Decimal(charge["properties"][f"per_transaction_{side}_amount"])
    return say(
        lang,
        "at_least" if side == "min" else "at_most",
        price=money(bound, charge["currency"], lang),
        events=_events(Decimal(step["quantity"]), lang),
    )


def _events(count: Decimal, lang: str) -> str:
    return say(lang, "one_event" if count == 1 else "events", count=number(count, lang))
