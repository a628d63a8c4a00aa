"""Numbers, money, dates and phrases as Canadians read them, in English and in French."""

from datetime import date
from decimal import Decimal

from .money import plain
from .period import Period

NBSP = "\u00a0"
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

PHRASES: dict[str, dict[str, str]] = {
    "en": {
        "colon": ": ",
        "used": "{quantity} used",
        "used_above_nothing": "{quantity} used, {included} included",
        "period": "({start} to {end})",
        "measured": "Quantity measured: {quantity}",
        "clamped": "A negative quantity bills as 0",
        "included": "Included in the plan",
        "overage": "Above the included quantity",
        "units": "Units",
        "tier": "Tier {number}, above {lower}",
        "tier_bounded": "Tier {number}, above {lower} up to {upper}",
        "flat": "{price} flat",
        "sum": "Sum before rounding: {amount}",
        "rounded": "Rounded half up to {places} decimals: {amount}",
        "more": "{count} more tiers",
        "credit": "Credit",
        "credit_billed": "Billed {period}, {used} of {days} days used: {amount}",
        "credit_before": "Credited before {period}, {used} of {days} days past: {amount}",
        "credit_share": "Of the days not used, {share} stays billed",
        "credit_kept": "Kept, rounded half up to {places} decimals: {amount}",
        "credit_given": "Credited: {amount}",
    },
    "fr": {
        "colon": f"{NBSP}: ",
        "used": "consommation de {quantity}",
        "used_above_nothing": "consommation de {quantity}, quantité incluse {included}",
        "period": "(du {start} au {end})",
        "measured": f"Quantité mesurée{NBSP}: {{quantity}}",
        "clamped": "Une quantité négative est facturée comme 0",
        "included": "Compris dans le forfait",
        "overage": "Au-delà de la quantité incluse",
        "units": "Unités",
        "tier": "Palier {number}, au-delà de {lower}",
        "tier_bounded": "Palier {number}, au-delà de {lower} jusqu’à {upper}",
        "flat": "{price} fixe",
        "sum": f"Somme avant arrondi{NBSP}: {{amount}}",
        "rounded": f"Arrondi au plus proche à {{places}} décimales{NBSP}: {{amount}}",
        "more": "{count} paliers de plus",
        "credit": "Crédit",
        "credit_billed": (
            f"Facturé {{period}}, {{used}} jours utilisés sur {{days}}{NBSP}: {{amount}}"
        ),
        "credit_before": (
            f"Déjà crédité {{period}}, {{used}} jours passés sur {{days}}{NBSP}: {{amount}}"
        ),
        "credit_share": "Des jours non utilisés, {share} reste facturé",
        "credit_kept": f"Conservé, arrondi au plus proche à {{places}} décimales{NBSP}: {{amount}}",
        "credit_given": f"Crédité{NBSP}: {{amount}}",
    },
}


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
