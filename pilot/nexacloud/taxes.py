"""Sales taxes in Canada as the app charges them, by the customer's province. In force in 2026.

Sources: Canada Revenue Agency, "GST/HST rates by province" (Nova Scotia 14 % since 1 April 2025);
the finance ministries of British Columbia, Manitoba, Saskatchewan and Québec for PST and QST.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")

_GST = ("GST", Decimal("5"))

# Percent of the untaxed amount, tax by tax. None of them is charged on another.
RATES: dict[str, tuple[tuple[str, Decimal], ...]] = {
    "AB": (_GST,),
    "BC": (_GST, ("PST", Decimal("7"))),
    "MB": (_GST, ("PST", Decimal("7"))),
    "NB": (("HST", Decimal("15")),),
    "NL": (("HST", Decimal("15")),),
    "NS": (("HST", Decimal("14")),),
    "NT": (_GST,),
    "NU": (_GST,),
    "ON": (("HST", Decimal("13")),),
    "PE": (("HST", Decimal("15")),),
    "QC": (_GST, ("QST", Decimal("9.975"))),
    "SK": (_GST, ("PST", Decimal("6"))),
    "YT": (_GST,),
}


def cents(amount: Decimal) -> Decimal:
    """Round to the cent, a half cent up.

    >>> cents(Decimal("0.125")), cents(Decimal("0.0008"))
    (Decimal('0.13'), Decimal('0.00'))
    """
    return amount.quantize(CENT, ROUND_HALF_UP)


def taxes(province: str, untaxed: Decimal) -> dict[str, Decimal]:
    """Return each tax on an invoice of `untaxed`, rounded once per tax.

    >>> taxes("QC", Decimal("100.00"))
    {'GST': Decimal('5.00'), 'QST': Decimal('9.98')}
    """
    return {name: cents(untaxed * percent / 100) for name, percent in RATES[province]}
