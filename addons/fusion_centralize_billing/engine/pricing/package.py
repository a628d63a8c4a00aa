"""Packages: units are sold by the package, and a started package is a whole one."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from ..errors import Invalid
from ..money import ROUNDING, ZERO, exactly, plain
from ..usage import Usage
from .priced import NOTHING_ELSE, Priced, Step, read_numbers, refuse_negative


@dataclass(frozen=True, slots=True)
class Package:
    """``amount × ⌈(quantity − free_units) / package_size⌉``, nothing up to the free units.

    Named rules (Lago, charge model "package"; Kill Bill counts its blocks the same way):

    * **started is whole**: the first fraction of a unit in a package bills all of it;
    * **free units first**: they are taken off before packages are counted, and need not be a
      multiple of the package.
    """

    model: ClassVar[str] = "package"
    reads: ClassVar[frozenset[str]] = NOTHING_ELSE

    amount: Decimal
    package_size: Decimal
    free_units: Decimal = ZERO

    def __post_init__(self) -> None:
        refuse_negative(
            amount=(self.amount, "invalid_amount"),
            free_units=(self.free_units, "invalid_free_units"),
        )
        if self.package_size <= 0:
            raise Invalid.field("package_size", "invalid_package_size")

    @exactly
    def price(self, quantity: Decimal | Usage) -> Priced:
        """121 units in packages of 10 at 100.00, the first 100 free: ⌈21 / 10⌉ = 3 packages.

        >>> sold = Package(Decimal(100), Decimal(10), Decimal(100))
        >>> [str(sold.price(Decimal(units)).amount) for units in ("100", "100.5", "110", "121")]
        ['0', '100', '100', '300']
        """
        units = Usage.of(quantity).units
        free = min(units, self.free_units)
        started = ROUNDING.divide_int(units - free, self.package_size)
        packages = started + (1 if started * self.package_size < units - free else 0)
        steps = (
            Step("included", free, ZERO, upper=self.free_units),
            Step("packages", packages, self.amount, lower=self.free_units),
        )
        return Priced(packages, self.amount, steps)

    def to_json(self) -> dict[str, Any]:
        return {
            "amount": plain(self.amount),
            "package_size": plain(self.package_size),
            "free_units": plain(self.free_units),
        }

    @classmethod
    def from_json(cls, properties: Mapping[str, Any]) -> "Package":
        codes = {
            "amount": "invalid_amount",
            "package_size": "invalid_package_size",
            "free_units": "invalid_free_units",
        }
        return cls(**read_numbers(properties, codes, optional={"free_units": ZERO}))
