"""Part of a period: whole days over the days of the full period."""

from decimal import Decimal
from fractions import Fraction

from .errors import Invalid
from .money import ROUNDING
from .period import Period


def ratio(part: Period, full: Period) -> Fraction:
    """Days of `part` over days of `full`, exact. The denominator is always the full period.

    :raise Invalid: `part` does not lie inside `full`.
    """
    if part.start < full.start or part.end > full.end:
        raise Invalid.field("period", "value_is_out_of_range")
    return Fraction(part.days, full.days)


def prorate(amount: Decimal, part: Period, full: Period) -> Decimal:
    """`amount` for `part` of `full`, not yet rounded to money.

    A third has no finite decimal: the result carries 160 digits. That cannot change the cent: a
    quotient with a denominator below 400 is either exactly a half cent or more than 10^-40 away.

    >>> from datetime import date
    >>> quarter = Period(date(2024, 4, 1), date(2024, 7, 1))  # 91 days
    >>> prorate(Decimal(910), Period(date(2024, 5, 20), date(2024, 6, 21)), quarter)  # 32 of them
    Decimal('320')
    """
    share = ratio(part, full)
    product = ROUNDING.multiply(amount, Decimal(share.numerator))
    return ROUNDING.divide(product, Decimal(share.denominator))
