"""True-ups, caps, commitments and base fees in words."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from .filters import Bucket
from .period import Period
from .rated import read_period
from .wording import day, money, period_text, say


def describe_bound(derivation: Mapping[str, Any], lang: str = "en_CA") -> str:
    """The invoice line of a true-up, a cap or a commitment.

    >>> from .bounds import bound_line
    >>> from .charge import Charge
    >>> charge = Charge.build("standard", "c", "gb", {"unit_price": "0.05"}, min_amount=31,
    ...                       name="Bandwidth")
    >>> march = Period(date(2026, 3, 1), date(2026, 4, 1))
    >>> days = Period(date(2026, 3, 22), march.end)
    >>> describe_bound(bound_line("minimum", charge, Decimal(4), march, days).derivation)
    'Bandwidth: minimum amount of $31.00, 10 of 31 days (22 Mar 2026 to 31 Mar 2026)'
    """
    if derivation["kind"] == "gone":
        label = f"{_bucket_label(derivation)}{say(lang, 'colon')}{say(lang, 'gone')}"
        return f"{label} {period_text(read_period(derivation['period']), lang)}"
    kind, bound, label, _ = _terms(derivation, lang)
    active, full = read_period(derivation["period"]), read_period(derivation["full_period"])
    words = [say(lang, f"{kind}_line", price=_money(derivation, bound, lang))]
    words += [_days(active, full, lang)] if active != full else []
    return f"{label}{say(lang, 'colon')}{', '.join(words)} {period_text(active, lang)}"


def explain_bound(derivation: Mapping[str, Any], lang: str = "en_CA") -> list[str]:
    """Every step of a true-up, a cap or a commitment.

    >>> from .commitment import commitment
    >>> march = Period(date(2026, 3, 1), date(2026, 4, 1))
    >>> for line in explain_bound(
    ...         commitment(Decimal(100), march, Decimal(29), Decimal("12.50")).derivation):
    ...     print(line)
    Minimum commitment (1 Mar 2026 to 31 Mar 2026)
    Commitment for the full period: $100.00
    Billed as base fees: $29.00
    Billed for usage: $12.50
    Missing to the commitment: $58.50
    """
    if derivation["kind"] == "gone":
        words = period_text(read_period(derivation["period"]), lang)
        return [f"{_bucket_label(derivation)} {words}", say(lang, "gone_whole")]
    kind, bound, label, billed = _terms(derivation, lang)
    active, full = read_period(derivation["period"]), read_period(derivation["full_period"])
    share = _money(derivation, Decimal(derivation["share"]), lang)
    amount = _money(derivation, Decimal(derivation["amount"]), lang)
    days = {"days": active.days, "full_days": full.days}
    result = {"minimum": "true_up", "cap": "given_back", "commitment": "commitment_due"}[kind]
    return [
        f"{label} {period_text(active, lang)}",
        say(lang, f"{kind}_full", amount=_money(derivation, bound, lang)),
        *([say(lang, "share", amount=share, **days)] if active != full else []),
        *(say(lang, word, amount=_money(derivation, value, lang)) for word, value in billed),
        say(lang, result, amount=amount),
    ]


def explain_base_fee(derivation: Mapping[str, Any], lang: str = "en_CA") -> list[str]:
    """Every step of a base fee.

    >>> from .base_fee import base_fee
    >>> march = Period(date(2026, 3, 1), date(2026, 4, 1))
    >>> for line in explain_base_fee(
    ...         base_fee(Decimal(31), march, free_until=date(2026, 3, 15)).derivation):
    ...     print(line)
    Base fee (1 Mar 2026 to 31 Mar 2026)
    Fee for the full period: $31.00
    Free trial before 15 Mar 2026
    17 of 31 days billed
    Rounded half up to 2 decimals: $17.00
    """
    period = read_period(derivation["period"])
    free = derivation["free_until"]
    places = derivation["currency_exponent"]
    return [
        f"{derivation['name'] or say(lang, 'base_fee')} {period_text(period, lang)}",
        say(lang, "base_price", amount=_money(derivation, Decimal(derivation["price"]), lang)),
        *([say(lang, "base_trial", day=day(date.fromisoformat(free), lang))] if free else []),
        say(lang, "base_days", days=derivation["days"], full_days=derivation["full_days"]),
        say(
            lang,
            "rounded",
            places=places,
            amount=_money(derivation, Decimal(derivation["amount"]), lang),
        ),
    ]


def _terms(
    derivation: Mapping[str, Any], lang: str
) -> tuple[str, Decimal, str, list[tuple[str, Decimal]]]:
    """Kind, bound, label, and what was billed before the line."""
    kind = derivation["kind"]
    if kind == "commitment":
        terms = derivation["commitment"]
        billed = [
            ("base", Decimal(terms["base"])),
            ("lines", Decimal(derivation["usage_amount"])),
        ]
        return kind, Decimal(terms["amount"]), terms["name"] or say(lang, kind), billed
    charge = derivation["charge"]
    bound = Decimal(charge["min_amount" if kind == "minimum" else "cap_amount"])
    label = charge["name"] or charge["metric_code"]
    return kind, bound, label, [("lines", Decimal(derivation["lines_amount"]))]


def _bucket_label(derivation: Mapping[str, Any]) -> str:
    charge = derivation["charge"]
    return Bucket.from_json(derivation["bucket"]).label(charge["name"] or charge["metric_code"])


def _days(active: Period, full: Period, lang: str) -> str:
    return say(lang, "days_of", days=active.days, full_days=full.days)


def _money(derivation: Mapping[str, Any], amount: Decimal, lang: str) -> str:
    terms = derivation.get("charge") or derivation.get("commitment") or derivation
    return money(amount, terms["currency"], lang, int(derivation["currency_exponent"]))
