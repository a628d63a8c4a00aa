"""Percentage: a share of the value that went through, and a fixed price per event.

Named rules, Lago's unless said otherwise:

* **whichever limit comes first**: the free part ends after `free_units_per_events` events or when
  `free_units_per_total_aggregation` is used up, whichever is hit first;
* **no units, no fixed price**: events that add up to 0 bill nothing;
* **each event has its bounds**: with a minimum or maximum per transaction every event is priced on
  its own, rate and fixed price together, and then brought within the bounds;
* **amount first** (with bounds): an event that is partly free pays the rate on the rest, and the
  fixed price; one that is wholly free pays neither, nor the minimum;
* **a refund pays too** (ours): with bounds, an event of a negative value bills the minimum.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from ..errors import Invalid
from ..money import ZERO, exactly, plain
from ..usage import Transactions, Usage
from .bounded import Bounds, price_each
from .priced import Priced, Step, read_numbers, refuse_negative

_CODES = {
    "rate": "invalid_rate",
    "fixed_amount": "invalid_fixed_amount",
    "free_units_per_events": "invalid_free_units_per_events",
    "free_units_per_total_aggregation": "invalid_free_units_per_total_aggregation",
    "per_transaction_min_amount": "invalid_amount",
    "per_transaction_max_amount": "invalid_amount",
}


@dataclass(frozen=True, slots=True)
class Percentage:
    """``(quantity − free) × rate / 100 + (events − free events) × fixed_amount``.

    None and 0 free units are the same: no such limit. `rate` is a percentage: 2.9 is 2.9 %.
    """

    model: ClassVar[str] = "percentage"

    rate: Decimal
    fixed_amount: Decimal = ZERO
    free_units_per_events: int = 0
    free_units_per_total_aggregation: Decimal = ZERO
    per_transaction_min_amount: Decimal | None = None
    per_transaction_max_amount: Decimal | None = None

    def __post_init__(self) -> None:
        values = {name: getattr(self, name) for name in _CODES}
        refuse_negative(**{name: (value or ZERO, _CODES[name]) for name, value in values.items()})
        low, high = self.per_transaction_min_amount, self.per_transaction_max_amount
        if low is not None and high is not None and low > high:
            raise Invalid.field(
                "per_transaction_max_amount", "per_transaction_max_lower_than_per_transaction_min"
            )

    @property
    def reads(self) -> frozenset[str]:
        """The events one by one, only if a limit or a bound looks at them one by one."""
        if self.needs_transactions:
            return frozenset({"count", "transactions"})
        return frozenset({"count"} if self.fixed_amount else ())

    @property
    def needs_transactions(self) -> bool:
        """Only such a charge costs by events; all others cost by days."""
        free_amount = bool(self.free_units_per_total_aggregation)
        by_event = self.free_units_per_events or (free_amount and self.fixed_amount)
        return bool(by_event) or self.bounds is not None

    @property
    def bounds(self) -> Bounds | None:
        if self.per_transaction_min_amount is None and self.per_transaction_max_amount is None:
            return None
        return Bounds(
            self.rate,
            self.fixed_amount,
            self.free_units_per_events,
            self.free_units_per_total_aggregation,
            self.per_transaction_min_amount,
            self.per_transaction_max_amount,
        )

    @exactly
    def price(self, quantity: Decimal | Usage) -> Priced:
        """Two payments of 100 and 300 at 2.9 % + 0.30: 400 × 0.029 + 2 × 0.30 = 12.20.

        >>> payments = Usage.of(Decimal(400), count=2,
        ...                     transactions=((Decimal(100), 1), (Decimal(300), 1)))
        >>> Percentage(Decimal("2.9"), Decimal("0.30")).price(payments).amount
        Decimal('12.200')
        >>> first_free = Percentage(Decimal("2.9"), Decimal("0.30"), free_units_per_events=1)
        >>> first_free.price(payments).amount  # 300 × 0.029 + 0.30
        Decimal('9.000')
        >>> capped = Percentage(Decimal("2.9"), Decimal("0.30"),
        ...                     per_transaction_max_amount=Decimal(5))
        >>> capped.price(payments).amount  # 3.20, and 9.00 brought down to 5.00
        Decimal('8.200')
        """
        usage = Usage.of(quantity)
        if not usage.units:
            return Priced(ZERO, None, (Step("rate", ZERO, self.rate.scaleb(-2)),))
        if self.needs_transactions:
            self._check(usage)
        if self.bounds:
            return price_each(self.bounds, usage.transactions)
        free, free_events = self._free(usage)
        steps = [Step("rate", usage.units - free, self.rate.scaleb(-2))]
        if free:
            steps.insert(0, Step("free", free, ZERO))
        if self.fixed_amount:
            steps.append(Step("fixed", Decimal(usage.count - free_events), self.fixed_amount))
        return Priced(usage.units - free, None, tuple(steps))

    def _free(self, usage: Usage) -> tuple[Decimal, int]:
        """Units and leading events that cost nothing."""
        limit = self.free_units_per_total_aggregation
        fitting = _leading(usage.transactions, limit) if limit else 0
        if not self.free_units_per_events:
            return min(usage.units, limit), fitting
        units, events = _first(usage.transactions, self.free_units_per_events)
        if limit and fitting < events:
            units, events = min(usage.units, limit), fitting
        return max(min(units, usage.units), ZERO), events

    def _check(self, usage: Usage) -> None:
        """The events must be there: else a free event would be billed, silently."""
        if not usage.transactions:
            raise Invalid.field("transactions", "value_is_mandatory")

    def to_json(self) -> dict[str, Any]:
        data = {"rate": plain(self.rate), "fixed_amount": plain(self.fixed_amount)}
        data["free_units_per_events"] = str(self.free_units_per_events)
        data["free_units_per_total_aggregation"] = plain(self.free_units_per_total_aggregation)
        for name in ("per_transaction_min_amount", "per_transaction_max_amount"):
            value = getattr(self, name)
            data[name] = "" if value is None else plain(value)
        return data

    @classmethod
    def from_json(cls, properties: Mapping[str, Any]) -> "Percentage":
        """None and '' leave a limit out."""
        optional = {name: None for name in _CODES if name != "rate"}
        numbers = read_numbers(properties, _CODES, optional=optional)
        events = numbers.pop("free_units_per_events") or ZERO
        if events != int(events):
            raise Invalid.field("free_units_per_events", _CODES["free_units_per_events"])
        numbers["fixed_amount"] = numbers["fixed_amount"] or ZERO
        name = "free_units_per_total_aggregation"
        numbers[name] = numbers[name] or ZERO
        return cls(**numbers, free_units_per_events=int(events))


def _first(transactions: Transactions, events: int) -> tuple[Decimal, int]:
    """Value and number of the first `events` events."""
    total, left = ZERO, events
    for value, times in transactions:
        taken = min(times, left)
        total, left = total + value * taken, left - taken
    return total, events - left


def _leading(transactions: Transactions, limit: Decimal) -> int:
    """How many events, from the first on, fit into `limit` whole."""
    events, room = 0, limit
    for value, times in transactions:
        fitting = times if value <= 0 else min(times, int(room // value))
        events, room = events + fitting, room - value * fitting
        if fitting < times:
            break
    return events
