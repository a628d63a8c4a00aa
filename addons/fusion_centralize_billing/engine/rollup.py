"""Rollups: the figures of one day, foldable in any order.

A rollup folds all events of one subscription, metric, local day, dimension and split. Folding is
commutative and associative, so the order in which pushes arrive can never matter; two events of
the very same microsecond are ordered by value (the greater one is "last").
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from .money import ZERO, exactly, plain

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = Decimal(1).scaleb(-6)


@dataclass(frozen=True, slots=True)
class Rollup:
    """The day's figures. `dimension` holds the counted value of a `unique` metric, else ''.

    `split` is the canonical JSON of the properties that filters and groups look at ('': none),
    `moment` is Σ value × UTC epoch seconds of the event (what a time-weighted sum needs),
    `precise_amount` Σ of what the app says the events cost, in currency units.
    """

    day: date
    dimension: str
    total: Decimal
    maximum: Decimal
    last: Decimal
    last_at: datetime
    count: int
    split: str = ""
    moment: Decimal = ZERO
    precise_amount: Decimal = ZERO

    @classmethod
    @exactly
    def of(
        cls,
        day: date,
        value: Decimal,
        at: datetime,
        dimension: str = "",
        split: str = "",
        precise_amount: Decimal = ZERO,
    ) -> "Rollup":
        """The rollup of a single event.

        >>> at = datetime(1970, 1, 1, 0, 0, 10, 500000, tzinfo=UTC)
        >>> Rollup.of(at.date(), Decimal(2), at).moment
        Decimal('21.000000')
        """
        moment = value * epoch_seconds(at)
        return cls(day, dimension, value, value, value, at, 1, split, moment, precise_amount)

    @exactly
    def fold(self, other: "Rollup") -> "Rollup":
        """Both together.

        >>> noon, one = datetime(2026, 3, 1, 12), datetime(2026, 3, 1, 13)
        >>> both = Rollup.of(noon.date(), Decimal(5), noon).fold(
        ...     Rollup.of(one.date(), Decimal(2), one))
        >>> both.total, both.maximum, both.last, both.count
        (Decimal('7'), Decimal('5'), Decimal('2'), 2)
        """
        if (self.day, self.dimension, self.split) != (other.day, other.dimension, other.split):
            raise ValueError("rollups of different days, dimensions or splits do not fold")
        last_at, last = max((self.last_at, self.last), (other.last_at, other.last))
        return Rollup(
            day=self.day,
            dimension=self.dimension,
            total=self.total + other.total,
            maximum=max(self.maximum, other.maximum),
            last=last,
            last_at=last_at,
            count=self.count + other.count,
            split=self.split,
            moment=self.moment + other.moment,
            precise_amount=self.precise_amount + other.precise_amount,
        )


@exactly
def epoch_seconds(at: datetime) -> Decimal:
    """Seconds since 1970 in UTC, exact to the microsecond; naive means UTC, as in a database.

    >>> epoch_seconds(datetime(1970, 1, 2, 0, 0, 0, 1))
    Decimal('86400.000001')
    """
    since = (at if at.tzinfo else at.replace(tzinfo=UTC)) - _EPOCH
    return since.days * 86400 + since.seconds + since.microseconds * _MICROSECOND


def split_of(properties: Mapping[str, Any] | None, keys: Iterable[str]) -> str:
    """The properties named by `keys`, as canonical JSON text; '' when there are none of them.

    Every value becomes text, as PostgreSQL's ``properties ->> key`` gives it, and objects, lists
    and nulls count as missing. The text is compact and sorted by key.

    >>> split_of({"region": "eu", "gb": 3, "cpu": Decimal("2.50"), "tags": []},
    ...          ["region", "cpu", "tags", "zone"])
    '{"cpu":"2.5","region":"eu"}'
    >>> split_of({"gb": 3}, ["region"])
    ''
    """
    found = {key: _text((properties or {}).get(key)) for key in keys}
    return split_text({key: text for key, text in found.items() if text is not None})


def split_text(values: Mapping[str, str]) -> str:
    """Canonical JSON of text values; '' for none."""
    if not values:
        return ""
    return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def split_values(split: str) -> dict[str, str]:
    """The inverse of `split_of`.

    >>> split_values('{"region":"eu"}'), split_values("")
    ({'region': 'eu'}, {})
    """
    return json.loads(split) if split else {}


def _text(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        # The shortest text that names this float is what was sent.
        value = Decimal(repr(value))
    if isinstance(value, int | Decimal):
        return plain(Decimal(value))
    return value if isinstance(value, str) else None
