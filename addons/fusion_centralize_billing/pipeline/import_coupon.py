"""A coupon of the app as a discount of the base line, where that is exact. Pure."""

from datetime import date
from decimal import Decimal

from ..importers.values import CouponValue

HUNDRED = Decimal(100)
CENT_OF_A_PERCENT = Decimal("0.01")


def discount(
    coupon: CouponValue | None, price: Decimal, minor: int, unbilled: date
) -> tuple[float, str]:
    """Per cent off the base line, and why the order is held; one of them is empty.

    :param minor: how many minor units one unit of the currency has (100)
    :param unbilled: the first day the app has not billed; a coupon that ends by then is over

    >>> discount(CouponValue("HALF", percent_off=Decimal(50)), Decimal(29), 100, date(2026, 4, 1))
    (50.0, '')
    >>> five = CouponValue("FIVE", amount_off_minor=500)
    >>> discount(five, Decimal(20), 100, date(2026, 4, 1))
    (25.0, '')
    >>> discount(five, Decimal(29), 100, date(2026, 4, 1))[1]
    '5.00 off is no whole hundredth of a per cent of 29: set its price by hand'
    """
    if coupon is None or (coupon.ends_on and coupon.ends_on <= unbilled):
        return 0.0, ""
    if coupon.ends_on:
        return 0.0, f"it ends on {coupon.ends_on}: give it by hand, and take it off then"
    percent = coupon.percent_off
    if percent is None:
        amount = Decimal(coupon.amount_off_minor or 0) / minor
        if not price:
            return 0.0, ""
        percent = amount * HUNDRED / price
        if percent > HUNDRED or percent != percent.quantize(CENT_OF_A_PERCENT):
            return 0.0, (
                f"{amount:.2f} off is no whole hundredth of a per cent of {price:f}: "
                "set its price by hand"
            )
    elif percent != percent.quantize(CENT_OF_A_PERCENT):
        return 0.0, f"{percent:f}% has more than two decimals: set its price by hand"
    return float(percent), ""
