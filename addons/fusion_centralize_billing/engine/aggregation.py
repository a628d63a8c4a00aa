"""From day rollups to one quantity per metric and period.

A rollup folds all events of one subscription, metric, local day and dimension. Folding is
commutative and associative, so the order in which pushes arrive can never matter; two events of
the very same microsecond are ordered by value (the greater one is "last").
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

from .errors import Invalid
from .money import ZERO, exactly, quantize

_ROUNDINGS = {"round": ROUND_HALF_UP, "ceil": ROUND_CEILING, "floor": ROUND_FLOOR}


@dataclass(frozen=True, slots=True)
class Rollup:
    """The day's figures. `dimension` holds the counted value of a `unique` metric, else ''."""

    day: date
    dimension: str
    total: Decimal
    maximum: Decimal
    last: Decimal
    last_at: datetime
    count: int

    @classmethod
    def of(cls, day: date, value: Decimal, at: datetime, dimension: str = "") -> "Rollup":
        """The rollup of a single event."""
        return cls(day, dimension, value, value, value, at, 1)

    @exactly
    def fold(self, other: "Rollup") -> "Rollup":
        """Both together.

        >>> noon, one = datetime(2026, 3, 1, 12), datetime(2026, 3, 1, 13)
        >>> both = Rollup.of(noon.date(), Decimal(5), noon).fold(
        ...     Rollup.of(one.date(), Decimal(2), one))
        >>> both.total, both.maximum, both.last, both.count
        (Decimal('7'), Decimal('5'), Decimal('2'), 2)
        """
        if (self.day, self.dimension) != (other.day, other.dimension):
            raise ValueError("rollups of different days or dimensions do not fold")
        last_at, last = max((self.last_at, self.last), (other.last_at, other.last))
        return Rollup(
            day=self.day,
            dimension=self.dimension,
            total=self.total + other.total,
            maximum=max(self.maximum, other.maximum),
            last=last,
            last_at=last_at,
            count=self.count + other.count,
        )


def _sum(rollups: Sequence[Rollup]) -> Decimal:
    return sum((rollup.total for rollup in rollups), ZERO)


def _count(rollups: Sequence[Rollup]) -> Decimal:
    return Decimal(sum(rollup.count for rollup in rollups))


def _max(rollups: Sequence[Rollup]) -> Decimal:
    return max((rollup.maximum for rollup in rollups), default=ZERO)


def _last(rollups: Sequence[Rollup]) -> Decimal:
    return max(((rollup.last_at, rollup.last) for rollup in rollups), default=(None, ZERO))[1]


def _unique(rollups: Sequence[Rollup]) -> Decimal:
    return Decimal(len({rollup.dimension for rollup in rollups}))


AGGREGATIONS: dict[str, Callable[[Sequence[Rollup]], Decimal]] = {
    "sum": _sum,
    "count": _count,
    "max": _max,
    "last": _last,
    "unique": _unique,
}


@exactly
def aggregate(kind: str, rollups: Iterable[Rollup]) -> Decimal:
    """One quantity from the rollups of a period; no rollups give 0.

    :param kind: ``sum``, ``count``, ``max``, ``last`` or ``unique``.

    >>> at = datetime(2026, 3, 1, 12)
    >>> days = [Rollup.of(at.date(), Decimal(value), at) for value in ("1.5", "2")]
    >>> aggregate("sum", days)
    Decimal('3.5')
    """
    if kind not in AGGREGATIONS:
        raise Invalid.field("aggregation_type", "value_is_invalid")
    return AGGREGATIONS[kind]([rollup for rollup in rollups if rollup.count])


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
    """What is counted, how it is aggregated and how the aggregate is rounded."""

    code: str
    aggregation: str = "sum"
    name: str = ""
    unit: str = ""
    rounding_function: str = "none"
    rounding_precision: int = 0

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

    def measure(self, rollups: Iterable[Rollup]) -> "Usage":
        """Aggregate, then round.

        >>> at = datetime(2026, 3, 1, 12)
        >>> day = Rollup.of(at.date(), Decimal("1.2"), at)
        >>> Metric("gb", rounding_function="ceil").measure([day])
        Usage(metric_code='gb', quantity=Decimal('2'), measured=Decimal('1.2'), count=1)
        """
        rows = list(rollups)
        measured = aggregate(self.aggregation, rows)
        quantity = round_quantity(measured, self.rounding_function, self.rounding_precision)
        return Usage(self.code, quantity, measured, sum(row.count for row in rows))


@dataclass(frozen=True, slots=True)
class Usage:
    """The quantity of one metric in one period. `measured` is before the metric's rounding."""

    metric_code: str
    quantity: Decimal
    measured: Decimal
    count: int
