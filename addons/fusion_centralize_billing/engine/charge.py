"""A charge: a metric of a plan, priced by one model."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .errors import Invalid
from .pricing import PRICERS, Pricer


@dataclass(frozen=True, slots=True)
class Charge:
    """`name` and `unit` are words for the invoice; `currency` is the ISO code of the prices.

    >>> bandwidth = Charge.build("quota", "gb-over", "gb",
    ...     {"included_quantity": "1000", "unit_price": "0.05"}, name="Bandwidth", unit="GB")
    >>> bandwidth.key, bandwidth.model
    ('gb/gb-over', 'quota')
    """

    code: str
    metric_code: str
    pricer: Pricer
    name: str = ""
    unit: str = ""
    currency: str = "CAD"

    def __post_init__(self) -> None:
        errors = {
            field: ["value_is_mandatory"]
            for field in ("code", "metric_code")
            if not getattr(self, field)
        }
        if not (len(self.currency) == 3 and self.currency.isalpha() and self.currency.isupper()):
            errors["currency"] = ["value_is_invalid"]
        if errors:
            raise Invalid(errors)

    @property
    def model(self) -> str:
        return self.pricer.model

    @property
    def key(self) -> str:
        """Stable identity of the invoice line: survives every recalculation."""
        return f"{self.metric_code}/{self.code}"

    @property
    def label(self) -> str:
        """The name a person reads."""
        return self.name or self.metric_code

    @classmethod
    def build(
        cls,
        model: str,
        code: str,
        metric_code: str,
        properties: Mapping[str, Any],
        **words: str,
    ) -> "Charge":
        """From plain values, as a database row or a stored derivation has them.

        :param properties: quota ``{included_quantity, unit_price}``; standard ``{unit_price}``;
            graduated ``{tiers: [{up_to, unit_price, flat_price}]}``; numbers as str, int or Decimal
        :param words: `name`, `unit`, `currency`
        :raise Invalid: naming every wrong field.

        >>> Charge.build("stairs", "c", "m", {})
        Traceback (most recent call last):
        ...
        engine.errors.Invalid: charge_model: value_is_invalid
        """
        if model not in PRICERS:
            raise Invalid.field("charge_model", "value_is_invalid")
        return cls(code, metric_code, PRICERS[model].from_json(properties), **words)

    def to_json(self) -> dict[str, Any]:
        """Strings only; `from_json` restores an equal charge."""
        return {
            "code": self.code,
            "metric_code": self.metric_code,
            "name": self.name,
            "unit": self.unit,
            "currency": self.currency,
            "model": self.model,
            "properties": self.pricer.to_json(),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Charge":
        words = {word: data[word] for word in ("name", "unit", "currency")}
        return cls.build(
            data["model"], data["code"], data["metric_code"], data["properties"], **words
        )
