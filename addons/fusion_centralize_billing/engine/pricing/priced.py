"""What every charge model returns, and how its properties are read."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar, Protocol

from ..errors import Invalid
from ..money import ZERO, D, exactly, plain
from ..usage import Usage

# Most models ask nothing but the quantity; others name the fields of `Usage` they read.
NOTHING_ELSE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a price: `quantity` units at `unit_price`, plus `flat_price` once.

    `lower` and `upper` are the edges of the tier the units fall in; `upper` None is open.
    """

    key: str
    quantity: Decimal
    unit_price: Decimal
    flat_price: Decimal = ZERO
    lower: Decimal = ZERO
    upper: Decimal | None = None

    @property
    @exactly
    def amount(self) -> Decimal:
        """Unrounded."""
        return self.quantity * self.unit_price + self.flat_price

    def to_json(self) -> dict[str, str]:
        """Strings only; an open upper edge is ''."""
        return {
            "key": self.key,
            "lower": plain(self.lower),
            "upper": "" if self.upper is None else plain(self.upper),
            "quantity": plain(self.quantity),
            "unit_price": plain(self.unit_price),
            "flat_price": plain(self.flat_price),
            "amount": plain(self.amount),
        }


@dataclass(frozen=True, slots=True)
class Priced:
    """A quantity with its price. `unit_amount` is None where no single unit price exists."""

    billable_quantity: Decimal
    unit_amount: Decimal | None
    steps: tuple[Step, ...]

    @property
    @exactly
    def amount(self) -> Decimal:
        """Unrounded sum of the steps."""
        return sum((step.amount for step in self.steps), ZERO)


class Pricer(Protocol):
    """A charge model. Frozen, validated on construction, knows nothing but usage."""

    model: ClassVar[str]

    @property
    def reads(self) -> frozenset[str]:
        """Fields of `Usage` beside the quantity that the price depends on: kept to replay it."""

    def price(self, quantity: Decimal | Usage) -> Priced:
        """Price a usage or a bare quantity (never negative: `rate()` clamps before).

        A usage with `prorated` units is priced by these.
        """

    def to_json(self) -> dict[str, Any]:
        """The properties as strings; `from_json` restores an equal pricer."""

    @classmethod
    def from_json(cls, properties: Mapping[str, Any]) -> "Pricer":
        """Read and validate properties, naming every wrong field at once."""


def read_numbers(
    properties: Mapping[str, Any],
    codes: Mapping[str, str],
    optional: Mapping[str, Decimal | None] | None = None,
) -> dict[str, Any]:
    """Read the named properties as numbers.

    :param codes: ``{property: Lago's code when it is there but no number}``
    :param optional: values of properties that may be missing
    :raise Invalid: all problems at once; a missing property is ``value_is_mandatory``.

    >>> read_numbers({"unit_price": "abc"}, {"unit_price": "invalid_amount"})
    Traceback (most recent call last):
    ...
    engine.errors.Invalid: unit_price: invalid_amount
    """
    numbers: dict[str, Any] = {}
    errors: dict[str, list[str]] = {}
    defaults = optional or {}
    for name, code in codes.items():
        value = properties.get(name)
        if value is None or value == "":
            if name in defaults:
                numbers[name] = defaults[name]
                continue
            errors[name] = ["value_is_mandatory"]
            continue
        try:
            numbers[name] = D(value)
        except (Invalid, TypeError):
            errors[name] = [code]
    if errors:
        raise Invalid(errors)
    return numbers


def refuse_negative(**values: tuple[Decimal, str]) -> None:
    """``field=(value, code)``: raise `Invalid` naming every negative one."""
    errors = {name: [code] for name, (value, code) in values.items() if value < 0}
    if errors:
        raise Invalid(errors)
