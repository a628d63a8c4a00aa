"""What a period will have used at its end, if it goes on as it began: a straight line.

Named rules:

* **what is counted anew goes on at its pace**: a sum, a count or a unique count of a metered metric
  is multiplied by the days of the period over the days passed, today among them;
* **what is a level stays**: the greatest and the latest value, a time-weighted sum (it counts the
  present value until the end already) and everything that carries over are what they are;
* **whole things stay whole**: counts come to whole numbers, half up; where a price looks at events
  one by one, each occurs more often and the order stays.
"""

from dataclasses import replace
from decimal import Decimal

from .aggregation import WEIGHTED_DECIMALS, Metric, round_quantity
from .errors import Invalid
from .money import ROUNDING, ZERO, allocate, exactly, quantize
from .usage import Usage, total_of

WHOLE = frozenset({"count", "unique"})
LINEAR = WHOLE | {"sum"}


@exactly
def project(metric: Metric, usage: Usage, passed: int, days: int) -> Usage:
    """The usage at the period's end.

    :param passed: days of the period so far, today included; `days`: all of them
    :raise Invalid: not ``0 < passed``

    >>> gb = Usage("gb", Decimal("12.5"), Decimal("12.5"), 4)
    >>> then = project(Metric("gb"), gb, 10, 30)
    >>> (then.quantity, then.count) == (Decimal("37.5"), 12)
    True
    >>> project(Metric("seats", "max"), gb, 10, 30).quantity
    Decimal('12.5')
    """
    if passed < 1:
        raise Invalid.field("period", "value_is_out_of_range")
    if metric.recurring or metric.aggregation not in LINEAR or passed >= days:
        return usage

    def later(amount: Decimal, places: int) -> Decimal:
        return quantize(ROUNDING.divide(amount * days, Decimal(passed)), places)

    count = int(later(Decimal(usage.count), 0))
    places = 0 if metric.aggregation in WHOLE else WEIGHTED_DECIMALS
    measured = later(usage.measured, places)
    transactions = usage.transactions
    if transactions:
        times = allocate(Decimal(count), [Decimal(times) for _, times in transactions], 0)
        pairs = zip(transactions, times, strict=True)
        transactions = tuple((value, int(often)) for (value, _), often in pairs)
        if metric.aggregation == "sum":
            measured = total_of(transactions)
    quantity = round_quantity(measured, metric.rounding_function, metric.rounding_precision)
    precise = later(usage.precise_amount, WEIGHTED_DECIMALS) if usage.precise_amount else ZERO
    return replace(
        usage,
        quantity=quantity,
        measured=measured,
        count=count,
        precise_amount=precise,
        transactions=transactions,
    )
