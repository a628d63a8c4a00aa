"""Numbers, money, dates and phrases as Canadians read them, in English and in French."""

from datetime import date
from decimal import Decimal

from .money import plain
from .period import Period
from .phrases import NBSP, PHRASES

_MONTHS = {
    "en": ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    "fr": [
        "janv.",
        "févr.",
        "mars",
        "avr.",
        "mai",
        "juin",
        "juill.",
        "août",
        "sept.",
        "oct.",
        "nov.",
        "déc.",
    ],
}
# What a reader in Canada takes "$" for is the Canadian dollar; every other one says its name.
_SYMBOLS = {"en": {"CAD": "$", "USD": "US$"}, "fr": {"CAD": "$", "USD": f"${NBSP}US"}}


def language(lang: str) -> str:
    """'fr' for every French, else 'en': an invoice is never left without words."""
    return "fr" if lang.lower().startswith("fr") else "en"


def say(lang: str, phrase: str, **values: object) -> str:
    """The phrase in that language."""
    return PHRASES[language(lang)][phrase].format(**values)


def number(value: Decimal, lang: str = "en_CA", decimals: int = 0) -> str:
    """Grouped, with at least `decimals` decimals and never fewer than the value has.

    >>> number(Decimal("1234567.5")), number(Decimal("1250"), "fr_CA").replace(NBSP, "_")
    ('1,234,567.5', '1_250')
    """
    whole, _, fraction = plain(value).partition(".")
    fraction = fraction.ljust(decimals, "0")
    group, point = (NBSP, ",") if language(lang) == "fr" else (",", ".")
    sign, digits = ("−", whole[1:]) if whole.startswith("-") else ("", whole)
    grouped = f"{int(digits):,}".replace(",", group)
    return f"{sign}{grouped}{point}{fraction}" if fraction else f"{sign}{grouped}"


def money(
    value: Decimal, currency: str = "CAD", lang: str = "en_CA", decimals: int | None = None
) -> str:
    """A price or amount, all its digits and at least the cents.

    >>> money(Decimal("0.0008")), money(Decimal(-3), "USD"), money(Decimal(5), "EUR")
    ('$0.0008', '−US$3.00', 'EUR\xa05.00')
    >>> money(Decimal("1250.5"), lang="fr_CA").replace(NBSP, "_")
    '1_250,50_$'
    """
    text = number(value, lang, 2 if decimals is None else decimals)
    symbol = _SYMBOLS[language(lang)].get(currency)
    if language(lang) == "fr":
        return f"{text}{NBSP}{symbol or currency}"
    sign, text = ("−", text[1:]) if text.startswith("−") else ("", text)
    return f"{sign}{symbol or currency + NBSP}{text}"


def quantity(value: Decimal, unit: str = "", lang: str = "en_CA") -> str:
    """A number with its unit, which is never translated.

    >>> quantity(Decimal(1250), "GB")
    '1,250 GB'
    """
    text = number(value, lang)
    separator = NBSP if language(lang) == "fr" else " "
    return f"{text}{separator}{unit}" if unit else text


def percent(rate: Decimal, lang: str = "en_CA") -> str:
    """A rate in percent, with a space in both languages.

    >>> [percent(Decimal("2.90"), lang).replace(NBSP, "_") for lang in ("en_CA", "fr_CA")]
    ['2.9_%', '2,9_%']
    """
    return f"{number(rate, lang)}{NBSP}%"


def day(value: date, lang: str = "en_CA") -> str:
    """Short, unambiguous in both languages.

    >>> day(date(2026, 3, 1)), day(date(2026, 3, 1), "fr_CA")
    ('1 Mar 2026', '1er mars 2026')
    """
    key = language(lang)
    ordinal = "er" if key == "fr" and value.day == 1 else ""
    return f"{value.day}{ordinal} {_MONTHS[key][value.month - 1]} {value.year}"


def period_text(period: Period, lang: str = "en_CA") -> str:
    """First and last day, both inside, as people write them.

    >>> period_text(Period(date(2026, 3, 1), date(2026, 4, 1)))
    '(1 Mar 2026 to 31 Mar 2026)'
    """
    return say(lang, "period", start=day(period.start, lang), end=day(period.last_day, lang))
