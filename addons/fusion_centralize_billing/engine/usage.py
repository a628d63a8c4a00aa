"""The measured usage of one metric in one period: all that a charge model may ask about it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from .money import ZERO, exactly, plain

# (value, how many events in a row had it): thousands of equal payments are one pair.
Transactions = tuple[tuple[Decimal, int], ...]
# (units in place, for how many days in a row).
Levels = tuple[tuple[Decimal, int], ...]


@dataclass(frozen=True, slots=True)
class Usage:
    """`quantity` is after the metric's rounding, `measured` before it, `count` the events.

    `prorated` is None where time plays no part: else the units weighted by the days they were in
    place, `levels` the units of each day (run-length) and `full_days` the days of the full period.
    `precise_amount` is what the app itself said the events cost. `transactions` are the events'
    values in the order they happened, only filled for charges that price event by event.
    """

    metric_code: str
    quantity: Decimal
    measured: Decimal
    count: int
    prorated: Decimal | None = None
    levels: Levels = ()
    full_days: int = 0
    precise_amount: Decimal = ZERO
    transactions: Transactions = ()

    @classmethod
    def of(cls, quantity: "Decimal | Usage", count: int = 0, **more: Any) -> "Usage":
        """A bare quantity as usage; a usage stays itself.

        >>> Usage.of(Decimal(3), count=2).count
        2
        """
        if isinstance(quantity, Usage):
            return quantity
        return cls("", quantity, quantity, count, **more)

    @property
    def units(self) -> Decimal:
        """What is multiplied by a price: units weighted by time, if time plays a part."""
        return self.quantity if self.prorated is None else self.prorated

    def clamped(self) -> "Usage":
        """Corrections above the usage bill 0 units, as Lago does; never a negative amount.

        >>> Usage.of(Decimal(-5), count=2).clamped().units
        Decimal('0')
        """
        prorated = None if self.prorated is None else max(self.prorated, ZERO)
        return replace(self, quantity=max(self.quantity, ZERO), prorated=prorated)

    def only(self, fields: Collection[str]) -> "Usage":
        """With nothing but the quantity and the named fields: what a charge's price depends on.

        >>> Usage.of(Decimal(3), count=2).only(()).count
        0
        """
        kept = {name: getattr(self, name) for name in fields}
        return Usage(self.metric_code, self.quantity, self.quantity, kept.pop("count", 0), **kept)

    def to_json(self) -> dict[str, Any]:
        """Text only and without defaults; `from_json` restores what pricing needs.

        >>> Usage.of(Decimal(7), transactions=((Decimal("3.50"), 2),)).to_json()
        {'transactions': [['3.5', '2']]}
        """
        data: dict[str, Any] = {}
        if self.count:
            data["count"] = str(self.count)
        if self.prorated is not None:
            data["prorated"] = plain(self.prorated)
        if self.full_days:
            data["full_days"] = str(self.full_days)
        if self.precise_amount:
            data["precise_amount"] = plain(self.precise_amount)
        for name in ("levels", "transactions"):
            if pairs := getattr(self, name):
                data[name] = [[plain(value), str(times)] for value, times in pairs]
        return data

    @classmethod
    def from_json(cls, quantity: Decimal, data: Mapping[str, Any]) -> "Usage":
        """`quantity` stands beside the other inputs in a derivation."""
        pairs = {
            name: tuple((Decimal(value), int(times)) for value, times in data.get(name, ()))
            for name in ("levels", "transactions")
        }
        prorated = data.get("prorated")
        return cls.of(
            quantity,
            count=int(data.get("count", "0")),
            prorated=None if prorated is None else Decimal(prorated),
            full_days=int(data.get("full_days", "0")),
            precise_amount=Decimal(data.get("precise_amount", "0")),
            **pairs,
        )


def run_length(pairs: Iterable[tuple[Decimal, int]]) -> tuple[tuple[Decimal, int], ...]:
    """Neighbours of one value together, in order; what occurs no times is left out.

    >>> run_length([(Decimal(5), 1), (Decimal(5), 2), (Decimal(3), 1)])
    ((Decimal('5'), 3), (Decimal('3'), 1))
    """
    runs: list[tuple[Decimal, int]] = []
    for value, times in pairs:
        if runs and runs[-1][0] == value:
            runs[-1] = (runs[-1][0], runs[-1][1] + times)
        elif times:
            runs.append((value, times))
    return tuple(runs)


@exactly
def total_of(pairs: Iterable[tuple[Decimal, int]]) -> Decimal:
    """Σ value × times, exact."""
    return sum((value * times for value, times in pairs), ZERO)
