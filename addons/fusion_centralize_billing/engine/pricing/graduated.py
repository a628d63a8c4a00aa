"""Graduated tiers: each unit costs what the tier it falls in says, as with income tax.

Three rules of Lago that surprise people, kept because apps compare against it:

* **first flat always due**: zero usage still bills the first tier's flat price;
* **entering is enough**: the first fraction of a unit in a tier bills its whole flat price;
* **the edge belongs below**: exactly 10 units stay in the tier up to 10.

Prorated (units in place for a part of the period): every day's units fall into the tiers as a
whole period's would, and a day is one day's share of the price; flat prices are due whole, up to
the tier that the highest day reached. That is Lago's event by event calculation (each change is
priced in the tier it falls in, for the days it lasts), summed by days instead of by events. Within
one day only the day's end counts, and each tier's units are rounded up at five decimals.

Source: facts in Lago's public documentation and the examples in tests/golden.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from ..levels import prorated
from ..money import ZERO, exactly, plain
from ..usage import Usage
from .priced import Priced, Step, read_numbers, refuse_negative
from .tiers import check_ladder, lower_edge, read_edge, read_tiers


@dataclass(frozen=True, slots=True)
class Tier:
    """Units up to and including `up_to` (None: no end). Edges are cumulative, not tier sizes."""

    up_to: Decimal | None
    unit_price: Decimal
    flat_price: Decimal = ZERO

    def __post_init__(self) -> None:
        refuse_negative(
            unit_price=(self.unit_price, "invalid_amount"),
            flat_price=(self.flat_price, "invalid_amount"),
        )

    def to_json(self) -> dict[str, str]:
        return {
            "up_to": "" if self.up_to is None else plain(self.up_to),
            "unit_price": plain(self.unit_price),
            "flat_price": plain(self.flat_price),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any], model: str = "graduated") -> "Tier":
        """`up_to` None, '' or 0 means no upper end; `model` is named in the errors."""
        codes = {"unit_price": "invalid_amount", "flat_price": "invalid_amount"}
        prices = read_numbers({"flat_price": "0", **data}, codes)
        return cls(read_edge(data, model), prices["unit_price"], prices["flat_price"])


@dataclass(frozen=True, slots=True)
class Graduated:
    """``amount = Σ over entered tiers (units in the tier × unit_price + flat_price)``."""

    model: ClassVar[str] = "graduated"
    reads: ClassVar[frozenset[str]] = frozenset({"levels", "full_days"})

    tiers: tuple[Tier, ...]

    def __post_init__(self) -> None:
        check_ladder(self.tiers, self.model)

    @exactly
    def price(self, quantity: Decimal | Usage) -> Priced:
        """21 units over tiers of 10: (10×10 + 2) + (10×5 + 3) + (1×5 + 3) = 163.

        >>> tiers = Graduated((Tier(Decimal(10), Decimal(10), Decimal(2)),
        ...                    Tier(Decimal(20), Decimal(5), Decimal(3)),
        ...                    Tier(None, Decimal(5), Decimal(3))))
        >>> tiers.price(Decimal(21)).amount, tiers.price(Decimal(0)).amount
        (Decimal('163'), Decimal('2'))

        Ten units all April, five more from the 16th on: (10×10 + 2) + (5 × 15/30 × 5 + 3).

        >>> april = Usage.of(Decimal(15), prorated=Decimal("12.5"), full_days=30,
        ...                  levels=((Decimal(10), 15), (Decimal(15), 15)))
        >>> tiers.price(april).amount
        Decimal('117.50000')
        """
        usage = Usage.of(quantity)
        reached = usage.quantity
        if usage.prorated is not None:
            reached = max((level for level, _ in usage.levels), default=ZERO)
        steps: list[Step] = []
        for index, tier in enumerate(self.tiers):
            lower = lower_edge(self.tiers, index)
            if index and reached <= lower:
                break
            steps.append(
                Step(
                    key=f"tier-{index + 1}",
                    quantity=self._within(usage, lower, tier.up_to),
                    unit_price=tier.unit_price,
                    flat_price=tier.flat_price,
                    lower=lower,
                    upper=tier.up_to,
                )
            )
        return Priced(usage.units, None, tuple(steps))

    def _within(self, usage: Usage, lower: Decimal, upper: Decimal | None) -> Decimal:
        """Units between the edges, weighted by time if time plays a part."""
        if usage.prorated is None:
            return _between(usage.quantity, lower, upper)
        days = tuple((_between(level, lower, upper), times) for level, times in usage.levels)
        return prorated(days, usage.full_days)

    def to_json(self) -> dict[str, Any]:
        return {"tiers": [tier.to_json() for tier in self.tiers]}

    @classmethod
    def from_json(cls, properties: Mapping[str, Any]) -> "Graduated":
        """Errors are named ``tiers.1.unit_price`` (counted from 0)."""
        return cls(read_tiers(properties, Tier.from_json))


def _between(quantity: Decimal, lower: Decimal, upper: Decimal | None) -> Decimal:
    return max((quantity if upper is None else min(quantity, upper)) - lower, ZERO)
