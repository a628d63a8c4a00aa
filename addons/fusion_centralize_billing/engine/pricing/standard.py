"""Standard price: every unit costs the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from ..money import plain
from ..usage import Usage
from .priced import NOTHING_ELSE, Priced, Step, read_numbers, refuse_negative


@dataclass(frozen=True, slots=True)
class Standard:
    """``amount = quantity × unit_price``. Source: Lago, charge model "standard"."""

    model: ClassVar[str] = "standard"
    reads: ClassVar[frozenset[str]] = NOTHING_ELSE

    unit_price: Decimal

    def __post_init__(self) -> None:
        refuse_negative(unit_price=(self.unit_price, "invalid_amount"))

    def price(self, quantity: Decimal | Usage) -> Priced:
        """12.5 units at 0.10 each.

        >>> Standard(Decimal("0.10")).price(Decimal("12.5")).amount
        Decimal('1.250')
        """
        units = Usage.of(quantity).units
        return Priced(units, self.unit_price, (Step("units", units, self.unit_price),))

    def to_json(self) -> dict[str, Any]:
        return {"unit_price": plain(self.unit_price)}

    @classmethod
    def from_json(cls, properties: Mapping[str, Any]) -> "Standard":
        return cls(**read_numbers(properties, {"unit_price": "invalid_amount"}))
