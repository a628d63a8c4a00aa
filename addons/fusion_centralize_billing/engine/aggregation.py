"""From day rollups to one quantity per metric and period.

A metric is metered (only what happened in the period counts) or **recurring** (carried over: what
happened before the period counts as well; the caller passes those rollups too, and may have folded
them into one per dimension and split, dated any day before the period).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

from . import levels
from .errors import Invalid
from .money import ROUNDING, ZERO, exactly, quantize
from .rollup import Rollup
from .usage import Levels, Usage, run_length
from .window import Window

_ROUNDINGS = {"round": ROUND_HALF_UP, "ceil": ROUND_CEILING, "floor": ROUND_FLOOR}
# A quotient of seconds has no end: kept to what the database stores of a quantity.
WEIGHTED_DECIMALS = 12


def _sum(rollups: Sequence[Rollup]) -> Decimal:
    return sum((rollup.total for rollup in rollups), ZERO)


def _count(rollups: Sequence[Rollup]) -> Decimal:
    return Decimal(sum(rollup.count for rollup in rollups))


def _max(rollups: Sequence[Rollup]) -> Decimal:
    return max((rollup.maximum for rollup in rollups), default=ZERO)


def _last(rollups: Sequence[Rollup]) -> Decimal:
    """Named rule of Lago's ``latest``: **a negative last value is none**."""
    newest = max(((rollup.last_at, rollup.last) for rollup in rollups), default=(None, ZERO))[1]
    return max(newest, ZERO)


def _unique(rollups: Sequence[Rollup]) -> Decimal:
    """Values whose last operation is no removal (−1): adding twice is once, removing what is not
    there is nothing."""
    state: dict[str, tuple] = {}
    for rollup in rollups:
        own = (rollup.last_at, rollup.last)
        state[rollup.dimension] = max(state.get(rollup.dimension, own), own)
    return Decimal(sum(last >= 0 for _, last in state.values()))


def _weighted(rollups: Sequence[Rollup], window: Window | None) -> Decimal:
    """``Σ value × (end − t) / seconds``: of a rollup ``total × end − moment``, exact."""
    if not rollups:
        return ZERO
    if window is None:
        raise Invalid.field("period", "value_is_mandatory")
    starts, ends, full_seconds = window.instants
    area = ZERO
    for rollup in rollups:
        if window.is_carried(rollup.day):
            area += rollup.total * (ends - starts)
        else:
            area += rollup.total * ends - rollup.moment
    return quantize(ROUNDING.divide(area, full_seconds), WEIGHTED_DECIMALS)


AGGREGATIONS: dict[str, Callable[[Sequence[Rollup], Window | None], Decimal]] = {
    "sum": lambda rollups, _window: _sum(rollups),
    "count": lambda rollups, _window: _count(rollups),
    "max": lambda rollups, _window: _max(rollups),
    "last": lambda rollups, _window: _last(rollups),
    "unique": lambda rollups, _window: _unique(rollups),
    "weighted": _weighted,
}
# Only of these is it known what was in place on a day; as in Lago.
PRORATABLE: dict[str, Callable[[Iterable[Rollup], Window], Levels]] = {
    "sum": levels.sum_levels,
    "unique": levels.unique_levels,
}


@exactly
def aggregate(kind: str, rollups: Iterable[Rollup], window: Window | None = None) -> Decimal:
    """One quantity from the rollups of a period; no rollups give 0.

    :param kind: ``sum``, ``count``, ``max``, ``last``, ``unique`` or ``weighted``
    :param window: with instants; needed by ``weighted`` only

    >>> from datetime import datetime
    >>> at = datetime(2026, 3, 1, 12)
    >>> days = [Rollup.of(at.date(), Decimal(value), at) for value in ("1.5", "2")]
    >>> aggregate("sum", days)
    Decimal('3.5')
    """
    if kind not in AGGREGATIONS:
        raise Invalid.field("aggregation_type", "value_is_invalid")
    return AGGREGATIONS[kind]([rollup for rollup in rollups if rollup.count], window)


def round_quantity(quantity: Decimal, function: str = "none", precision: int = 0) -> Decimal:
    """Round an aggregate as its metric says: none, round (half up), ceil, floor.

    >>> round_quantity(Decimal("1.21"), "ceil", 1), round_quantity(Decimal("1.25"), "round", 1)
    (Decimal('1.3'), Decimal('1.3'))
    >>> round_quantity(Decimal("-1.5"), "floor")
    Decimal('-2')
    """
    if function == "none":
        return quantity
    if function not in _ROUNDINGS:
        raise Invalid.field("rounding_function", "value_is_invalid")
    return quantize(quantity, precision, _ROUNDINGS[function])


@dataclass(frozen=True, slots=True)
class Metric:
    """What is counted, how it is aggregated, whether it carries over, how it is rounded."""

    code: str
    aggregation: str = "sum"
    name: str = ""
    unit: str = ""
    rounding_function: str = "none"
    rounding_precision: int = 0
    recurring: bool = False

    def __post_init__(self) -> None:
        errors: dict[str, list[str]] = {}
        if not self.code:
            errors["code"] = ["value_is_mandatory"]
        if self.aggregation not in AGGREGATIONS:
            errors["aggregation_type"] = ["value_is_invalid"]
        if self.rounding_function not in ("none", *_ROUNDINGS):
            errors["rounding_function"] = ["value_is_invalid"]
        if errors:
            raise Invalid(errors)

    @property
    def can_be_prorated(self) -> bool:
        """Lago: a recurring sum or unique count."""
        return self.recurring and self.aggregation in PRORATABLE

    def measure(
        self,
        rollups: Iterable[Rollup],
        window: Window | None = None,
        *,
        prorated: bool = False,
        transactions: Iterable[tuple[Decimal, int]] = (),
    ) -> Usage:
        """Aggregate, then round.

        :param window: what is billed; without it all rollups count as inside. With it, what lies
            before counts if the metric is recurring, what lies after never does.
        :param prorated: also weigh the units by their days (`rollups` must be of single days)
        :param transactions: ``(value, times)`` in the order of the events, for charges that need it
        :raise Invalid: proration of a metric that has none.

        >>> from datetime import datetime
        >>> at = datetime(2026, 3, 1, 12)
        >>> usage = Metric("gb", rounding_function="ceil").measure(
        ...     [Rollup.of(at.date(), Decimal("1.2"), at)])
        >>> usage.quantity, usage.measured, usage.count
        (Decimal('2'), Decimal('1.2'), 1)
        """
        rows = [row for row in rollups if row.count and self.counts(row, window)]
        inside = [row for row in rows if window is None or not window.is_carried(row.day)]
        measured = aggregate(self.aggregation, rows, window)
        usage = Usage(
            self.code,
            self._round(measured),
            measured,
            count=sum(row.count for row in inside),
            precise_amount=_precise(inside),
            transactions=run_length(transactions),
        )
        return self._weigh(usage, rows, window) if prorated else usage

    def counts(self, row: Rollup, window: Window | None) -> bool:
        """Whether the rollup has a say in what the window bills."""
        if window is None or row.day in window.active:
            return True
        return self.recurring and window.is_carried(row.day)

    def _round(self, quantity: Decimal) -> Decimal:
        return round_quantity(quantity, self.rounding_function, self.rounding_precision)

    def _weigh(self, usage: Usage, rows: Sequence[Rollup], window: Window | None) -> Usage:
        if not self.can_be_prorated or window is None:
            raise Invalid.field("prorated", "invalid_billable_metric_or_charge_model")
        days = levels.rounded(PRORATABLE[self.aggregation](rows, window), self._round)
        full_days = window.full.days
        return Usage(
            usage.metric_code,
            usage.quantity,
            usage.measured,
            usage.count,
            prorated=levels.prorated(days, full_days),
            levels=days,
            full_days=full_days,
            precise_amount=usage.precise_amount,
            transactions=usage.transactions,
        )


@exactly
def _precise(rollups: Iterable[Rollup]) -> Decimal:
    return sum((rollup.precise_amount for rollup in rollups), ZERO)
