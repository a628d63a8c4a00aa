"""Dynamic: the app says with each event what it costs."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from ..money import ZERO
from ..usage import Usage
from .priced import Priced, Step


@dataclass(frozen=True, slots=True)
class Dynamic:
    """``Σ of the events' precise amounts``, rounded once like every line.

    Named rules (Lago, charge model "dynamic"): **no units, no amount**: events whose units add up
    to 0 bill nothing, whatever they said; and, ours, **never below zero**.
    """

    model: ClassVar[str] = "dynamic"
    reads: ClassVar[frozenset[str]] = frozenset({"precise_amount"})

    def price(self, quantity: Decimal | Usage) -> Priced:
        """Three units that cost 1.234 and 0.5 together.

        >>> usage = Usage.of(Decimal(3), precise_amount=Decimal("1.734"))
        >>> Dynamic().price(usage).amount, Dynamic().price(Decimal(0)).amount
        (Decimal('1.734'), Decimal('0'))
        """
        usage = Usage.of(quantity)
        amount = max(usage.precise_amount, ZERO) if usage.quantity else ZERO
        return Priced(usage.quantity, None, (Step("dynamic", usage.quantity, ZERO, amount),))

    def to_json(self) -> dict[str, Any]:
        return {}

    @classmethod
    def from_json(cls, properties: Mapping[str, Any]) -> "Dynamic":
        return cls()
