"""Volume: all units cost what the tier the whole quantity lies in says."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from ..money import exactly
from ..usage import Usage
from .graduated import Tier
from .priced import NOTHING_ELSE, Priced, Step
from .tiers import check_ladder, lower_edge, read_tiers, tier_of


@dataclass(frozen=True, slots=True)
class Volume:
    """``quantity × unit_price + flat_price`` of the one tier that holds the whole quantity.

    Named rules (Lago, charge model "volume"):

    * **the edge belongs below**: exactly 100 units stay in the tier up to 100, 100.5 do not;
    * **first flat always due**: zero usage bills the first tier's flat price;
    * **tier by units, price by time** (prorated): the tier is that of the full units, the price
      that of the units weighted by their days; the flat price is whole.

    More usage can cost less here: 101 units at 1.00 are cheaper than 100 at 2.00. That is the
    model, not an error.
    """

    model: ClassVar[str] = "volume"
    reads: ClassVar[frozenset[str]] = NOTHING_ELSE

    tiers: tuple[Tier, ...]

    def __post_init__(self) -> None:
        check_ladder(self.tiers, self.model)

    @exactly
    def price(self, quantity: Decimal | Usage) -> Priced:
        """65,000 units lie in the third tier: 65,000 × 0.0006 + 10 = 49.

        >>> volume = Volume.from_json({"tiers": [
        ...     {"up_to": "10000", "unit_price": "0.0010", "flat_price": "10"},
        ...     {"up_to": "50000", "unit_price": "0.0008", "flat_price": "10"},
        ...     {"up_to": "100000", "unit_price": "0.0006", "flat_price": "10"},
        ...     {"unit_price": "0.0004", "flat_price": "10"}]})
        >>> volume.price(Decimal(65000)).amount, volume.price(Decimal(0)).amount
        (Decimal('49.0000'), Decimal('10.0000'))
        """
        usage = Usage.of(quantity)
        index = tier_of(self.tiers, usage.quantity)
        tier = self.tiers[index]
        step = Step(
            key=f"tier-{index + 1}",
            quantity=usage.units,
            unit_price=tier.unit_price,
            flat_price=tier.flat_price,
            lower=lower_edge(self.tiers, index),
            upper=tier.up_to,
        )
        # With a flat price no single unit price gives the amount.
        unit_amount = None if tier.flat_price else tier.unit_price
        return Priced(usage.units, unit_amount, (step,))

    def to_json(self) -> dict[str, Any]:
        return {"tiers": [tier.to_json() for tier in self.tiers]}

    @classmethod
    def from_json(cls, properties: Mapping[str, Any]) -> "Volume":
        """Errors are named ``tiers.1.unit_price`` (counted from 0)."""
        return cls(read_tiers(properties, lambda data: Tier.from_json(data, cls.model)))
