"""A rated line in words: one line for the invoice, all steps for whoever asks."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from .credit import explain_credit
from .explain_bounds import describe_bound, explain_base_fee, explain_bound
from .explain_steps import product, step_words
from .filters import Bucket
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
    kind = derivation.get("kind")
    if kind in ("credit", "base"):
        return explain(derivation, lang)[0]
    if kind:
        return describe_bound(derivation, lang)
    teller = _TELLERS[derivation["charge"]["model"]]
    words = f"{_label(derivation)}{say(lang, 'colon')}{teller(derivation, lang)}"
    return f"{words} {period_text(_period(derivation), lang)}"


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
    kind = derivation.get("kind")
    if kind == "credit":
        return explain_credit(derivation, lang)
    if kind == "base":
        return explain_base_fee(derivation, lang)
    if kind:
        return explain_bound(derivation, lang)
    charge = derivation["charge"]
    places = int(derivation["currency_exponent"])
    measured = Decimal(derivation["quantity"])
    unrounded = money(Decimal(derivation["amount_unrounded"]), charge["currency"], lang, places)
    rounded = money(Decimal(derivation["amount"]), charge["currency"], lang, places)
    return [
        f"{_label(derivation)} {period_text(_period(derivation), lang)}",
        say(lang, "measured", quantity=quantity(measured, charge["unit"], lang)),
        *([say(lang, "clamped")] if measured < 0 else []),
        *_time_words(derivation, lang),
        *(step_words(step, derivation, lang) for step in derivation["steps"]),
        say(lang, "sum", amount=unrounded),
        say(lang, "rounded", places=places, amount=rounded),
    ]


def _time_words(derivation: Mapping[str, Any], lang: str) -> list[str]:
    """How long how many units were in place, and what that comes to."""
    usage = derivation.get("usage", {})
    if "prorated" not in usage:
        return []
    unit = derivation["charge"]["unit"]
    levels = [
        say(
            lang,
            "in_place_day" if days == "1" else "in_place_days",
            days=days,
            quantity=quantity(Decimal(level), unit, lang),
        )
        for level, days in usage.get("levels", ())
    ]
    weighted = quantity(Decimal(usage["prorated"]), unit, lang)
    return [*levels, say(lang, "in_place", days=usage["full_days"], quantity=weighted)]


def _label(derivation: Mapping[str, Any]) -> str:
    charge = derivation["charge"]
    return Bucket.from_json(derivation.get("bucket")).label(charge["name"] or charge["metric_code"])


def _period(derivation: Mapping[str, Any]) -> Period:
    bounds = derivation["period"]
    return Period(date.fromisoformat(bounds["start"]), date.fromisoformat(bounds["end"]))


def _used(derivation: Mapping[str, Any], lang: str) -> str:
    return quantity(Decimal(derivation["quantity"]), derivation["charge"]["unit"], lang)


def _used_words(derivation: Mapping[str, Any], lang: str) -> str:
    """1,250 GB used; 15 seats used, 12.58065 weighted by time"""
    weighted = derivation.get("usage", {}).get("prorated")
    used = _used(derivation, lang)
    if weighted is None:
        return say(lang, "used", quantity=used)
    return say(lang, "used_weighted", quantity=used, weighted=number(Decimal(weighted), lang))


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
    if "prorated" in derivation.get("usage", {}):
        return f"{_used_words(derivation, lang)}, {number(billable, lang)} × {price}"
    return f"{quantity(billable, charge['unit'], lang)} × {price}"


def _tiers(derivation: Mapping[str, Any], lang: str) -> str:
    """21 calls used, 10 × $10.00 + $2.00, 10 × $5.00 + $3.00, …"""
    parts = [_used_words(derivation, lang)]
    steps = derivation["steps"]
    shown = steps if len(steps) <= MAX_TIERS_IN_DESCRIPTION else steps[:MAX_TIERS_IN_DESCRIPTION]
    parts += [product(step, derivation, lang) for step in shown]
    if len(shown) < len(steps):
        parts.append(say(lang, "more", count=len(steps) - len(shown)))
    return ", ".join(parts)


def _package(derivation: Mapping[str, Any], lang: str) -> str:
    """121 GB used, 100 included, 3 packages of 10 × $100.00"""
    charge = derivation["charge"]
    free = Decimal(charge["properties"]["free_units"])
    used = {"quantity": _used(derivation, lang), "included": number(free, lang)}
    words = say(lang, "used_above_nothing" if free else "used", **used)
    sold = Decimal(derivation["billable_quantity"])
    size = number(Decimal(charge["properties"]["package_size"]), lang)
    # French counts 0 and 1 as one, English only 1; 0 packages read alike in both.
    packages = say(
        lang, "one_package" if sold == 1 else "packages_sold", count=number(sold, lang), size=size
    )
    price = money(Decimal(charge["properties"]["amount"]), charge["currency"], lang)
    return f"{words}, {packages} × {price}"


def _percentage(derivation: Mapping[str, Any], lang: str) -> str:
    """400 used, 100 free, 2.9 % of 300, 1 event × $0.30"""
    parts = [_used_words(derivation, lang)]
    parts += [product(step, derivation, lang) for step in derivation["steps"]]
    return ", ".join(parts)


def _dynamic(derivation: Mapping[str, Any], lang: str) -> str:
    """3 GB, as priced by the service"""
    return say(lang, "dynamic", quantity=_used(derivation, lang))


_TELLERS = {
    "dynamic": _dynamic,
    "graduated": _tiers,
    "graduated_percentage": _tiers,
    "package": _package,
    "percentage": _percentage,
    "quota": _quota,
    "standard": _standard,
    "volume": _tiers,
}
