"""Included quota: the first units belong to the plan, each unit above costs the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from ..money import ZERO, exactly, plain
from ..usage import Usage
from .priced import NOTHING_ELSE, Priced, Step, read_numbers, refuse_negative


@dataclass(frozen=True, slots=True)
class Quota:
    """``amount = max(quantity − included_quantity, 0) × unit_price``.

    The quota belongs to one period and one subscription; what is left over expires.
    """

    model: ClassVar[str] = "quota"
    reads: ClassVar[frozenset[str]] = NOTHING_ELSE

    included_quantity: Decimal
    unit_price: Decimal

    def __post_init__(self) -> None:
        refuse_negative(
            included_quantity=(self.included_quantity, "invalid_free_units"),
            unit_price=(self.unit_price, "invalid_amount"),
        )

    @exactly
    def price(self, quantity: Decimal | Usage) -> Priced:
        """1,250 GB used, 1,000 included: 250 × 0.05 = 12.50.

        >>> gigabytes = Quota(Decimal(1000), Decimal("0.05"))
        >>> gigabytes.price(Decimal(1250)).amount, gigabytes.price(Decimal(999)).amount
        (Decimal('12.50'), Decimal('0.00'))
        """
        units = Usage.of(quantity).units
        included = min(units, self.included_quantity)
        above = units - included
        steps = (
            Step("included", included, ZERO, upper=self.included_quantity),
            Step("overage", above, self.unit_price, lower=self.included_quantity),
        )
        return Priced(above, self.unit_price, steps)

    def to_json(self) -> dict[str, Any]:
        return {
            "included_quantity": plain(self.included_quantity),
            "unit_price": plain(self.unit_price),
        }

    @classmethod
    def from_json(cls, properties: Mapping[str, Any]) -> "Quota":
        codes = {"included_quantity": "invalid_free_units", "unit_price": "invalid_amount"}
        return cls(**read_numbers(properties, codes))
