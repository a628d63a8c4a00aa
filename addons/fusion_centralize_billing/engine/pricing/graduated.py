"""Graduated tiers: each unit costs what the tier it falls in says, as with income tax.

Two rules of Lago that surprise people, kept because apps compare against it:

* **the first flat is always due**: zero usage still bills the first tier's flat price;
* **entering is enough**: the first fraction of a unit in a tier bills its whole flat price.

Source: facts in Lago's public documentation and the examples in tests/golden.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from ..errors import Invalid
from ..money import ZERO, exactly, plain
from .priced import Priced, Step, read_numbers, refuse_negative


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
    def from_json(cls, data: Mapping[str, Any]) -> "Tier":
        """`up_to` None, '' or 0 means no upper end."""
        codes = {"unit_price": "invalid_amount", "flat_price": "invalid_amount"}
        prices = read_numbers({"flat_price": "0", **data}, codes)
        raw = data.get("up_to")
        up_to = read_numbers({"up_to": raw or "0"}, {"up_to": "invalid_graduated_ranges"})["up_to"]
        return cls(up_to or None, prices["unit_price"], prices["flat_price"])


@dataclass(frozen=True, slots=True)
class Graduated:
    """``amount = Σ over entered tiers (units in the tier × unit_price + flat_price)``."""

    model: ClassVar[str] = "graduated"

    tiers: tuple[Tier, ...]

    def __post_init__(self) -> None:
        if not self.tiers:
            raise Invalid.field("tiers", "missing_graduated_ranges")
        edges = [tier.up_to for tier in self.tiers]
        lower = ZERO
        for up_to in edges[:-1]:
            if up_to is None or up_to <= lower:
                raise Invalid.field("tiers", "invalid_graduated_ranges")
            lower = up_to
        if edges[-1] is not None:
            # A last tier with an end would leave the units above it unpriced, silently free.
            raise Invalid.field("tiers", "invalid_graduated_ranges")

    @exactly
    def price(self, quantity: Decimal) -> Priced:
        """21 units over tiers of 10: (10×10 + 2) + (10×5 + 3) + (1×5 + 3) = 163.

        >>> tiers = Graduated((Tier(Decimal(10), Decimal(10), Decimal(2)),
        ...                    Tier(Decimal(20), Decimal(5), Decimal(3)),
        ...                    Tier(None, Decimal(5), Decimal(3))))
        >>> tiers.price(Decimal(21)).amount, tiers.price(Decimal(0)).amount
        (Decimal('163'), Decimal('2'))
        """
        steps: list[Step] = []
        lower = ZERO
        for index, tier in enumerate(self.tiers):
            if index and quantity <= lower:
                break
            upper = quantity if tier.up_to is None else min(quantity, tier.up_to)
            steps.append(
                Step(
                    key=f"tier-{index + 1}",
                    quantity=upper - lower,
                    unit_price=tier.unit_price,
                    flat_price=tier.flat_price,
                    lower=lower,
                    upper=tier.up_to,
                )
            )
            lower = upper
        return Priced(quantity, None, tuple(steps))

    def to_json(self) -> dict[str, Any]:
        return {"tiers": [tier.to_json() for tier in self.tiers]}

    @classmethod
    def from_json(cls, properties: Mapping[str, Any]) -> "Graduated":
        """Errors are named ``tiers.1.unit_price`` (counted from 0)."""
        tiers: list[Tier] = []
        errors: dict[str, list[str]] = {}
        for index, data in enumerate(properties.get("tiers") or ()):
            try:
                tiers.append(Tier.from_json(data))
            except Invalid as error:
                errors |= {f"tiers.{index}.{key}": codes for key, codes in error.details.items()}
        if errors:
            raise Invalid(errors)
        return cls(tuple(tiers))
