"""Graduated percentages: each part of the value pays the rate of the tier it falls in."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from ..money import ZERO, exactly, plain
from ..usage import Usage
from .priced import NOTHING_ELSE, Priced, Step, read_numbers, refuse_negative
from .tiers import check_ladder, read_edge, read_tiers


@dataclass(frozen=True, slots=True)
class RateTier:
    """Value up to and including `up_to` (None: no end) pays `rate` percent."""

    up_to: Decimal | None
    rate: Decimal
    flat_price: Decimal = ZERO

    def __post_init__(self) -> None:
        refuse_negative(
            rate=(self.rate, "invalid_rate"), flat_price=(self.flat_price, "invalid_amount")
        )

    def to_json(self) -> dict[str, str]:
        return {
            "up_to": "" if self.up_to is None else plain(self.up_to),
            "rate": plain(self.rate),
            "flat_price": plain(self.flat_price),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "RateTier":
        codes = {"rate": "invalid_rate", "flat_price": "invalid_amount"}
        numbers = read_numbers(data, codes, optional={"flat_price": ZERO})
        return cls(read_edge(data, GraduatedPercentage.model), **numbers)


@dataclass(frozen=True, slots=True)
class GraduatedPercentage:
    """``Σ over entered tiers (value in the tier × rate / 100 + flat_price)``.

    The rules of graduated tiers hold: **first flat always due**, **entering is enough**, **the
    edge belongs below** (Lago, charge model "graduated_percentage").
    """

    model: ClassVar[str] = "graduated_percentage"
    reads: ClassVar[frozenset[str]] = NOTHING_ELSE

    tiers: tuple[RateTier, ...]

    def __post_init__(self) -> None:
        check_ladder(self.tiers, self.model)

    @exactly
    def price(self, quantity: Decimal | Usage) -> Priced:
        """1,500 at 3 % up to 1,000 and 2 % + 5.00 above: 30 + 10 + 5 = 45.

        >>> fees = GraduatedPercentage((RateTier(Decimal(1000), Decimal(3)),
        ...                             RateTier(None, Decimal(2), Decimal(5))))
        >>> fees.price(Decimal(1500)).amount, fees.price(Decimal(1000)).amount
        (Decimal('45.00'), Decimal('30.00'))
        """
        units = Usage.of(quantity).units
        steps: list[Step] = []
        lower = ZERO
        for index, tier in enumerate(self.tiers):
            if index and units <= lower:
                break
            upper = units if tier.up_to is None else min(units, tier.up_to)
            rate = tier.rate.scaleb(-2)
            key = f"tier-{index + 1}"
            steps.append(Step(key, upper - lower, rate, tier.flat_price, lower, tier.up_to))
            lower = upper
        return Priced(units, None, tuple(steps))

    def to_json(self) -> dict[str, Any]:
        return {"tiers": [tier.to_json() for tier in self.tiers]}

    @classmethod
    def from_json(cls, properties: Mapping[str, Any]) -> "GraduatedPercentage":
        """Errors are named ``tiers.1.rate`` (counted from 0)."""
        return cls(read_tiers(properties, RateTier.from_json))
