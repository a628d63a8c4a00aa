"""A charge: a metric of a plan, priced by one model."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from .errors import Invalid
from .filters import ChargeFilter, read_filters
from .money import ZERO, D, plain
from .pricing import PRICERS, PRORATABLE_MODELS, Pricer


@dataclass(frozen=True, slots=True)
class Charge:
    """`name` and `unit` are words for the invoice; `currency` is the ISO code of the prices.

    `filters` give parts of the usage their own price, `pricing_group_keys` their own lines.
    `prorated` weighs the units by the days they were in place. `min_amount` and `cap_amount` bound
    what all lines of the charge cost in a full period; None: no cap.

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
    filters: tuple[ChargeFilter, ...] = ()
    pricing_group_keys: tuple[str, ...] = ()
    prorated: bool = False
    min_amount: Decimal = ZERO
    cap_amount: Decimal | None = None

    def __post_init__(self) -> None:
        errors = {
            field: ["value_is_mandatory"]
            for field in ("code", "metric_code")
            if not getattr(self, field)
        }
        if not (len(self.currency) == 3 and self.currency.isalpha() and self.currency.isupper()):
            errors["currency"] = ["value_is_invalid"]
        if self.prorated and self.model not in PRORATABLE_MODELS:
            errors["prorated"] = ["invalid_billable_metric_or_charge_model"]
        if any(own.pricer.model != self.model for own in self.filters):
            errors["filters"] = ["value_is_invalid"]
        if self.min_amount < 0:
            errors["min_amount"] = ["invalid_amount"]
        if self.cap_amount is not None and self.cap_amount < max(self.min_amount, ZERO):
            errors["cap_amount"] = ["invalid_amount"]
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

    @property
    def split_keys(self) -> frozenset[str]:
        """Event properties that decide about the bucket: rollups must be split by them."""
        named = {name for own in self.filters for name in own.values}
        return frozenset(named | set(self.pricing_group_keys))

    @property
    def needs_days(self) -> bool:
        """Whether it is rated from rollups of single days; else they may come folded."""
        return self.prorated

    @property
    def needs_transactions(self) -> bool:
        """Whether the events themselves are needed, in order: such a charge costs by events."""
        pricers = (self.pricer, *(own.pricer for own in self.filters))
        return any("transactions" in pricer.reads for pricer in pricers)

    @property
    def reads(self) -> frozenset[str]:
        """Fields of `Usage` that the price depends on."""
        by_days = {"prorated", "levels", "full_days"}
        return self.pricer.reads | by_days if self.prorated else self.pricer.reads - by_days

    @property
    def own(self) -> "Charge":
        """The price alone: without filters, groups and bounds."""
        if not (self.split_keys or self.min_amount) and self.cap_amount is None:
            return self
        return replace(self, filters=(), pricing_group_keys=(), min_amount=ZERO, cap_amount=None)

    @classmethod
    def build(
        cls,
        model: str,
        code: str,
        metric_code: str,
        properties: Mapping[str, Any],
        *,
        filters: Iterable[Any] = (),
        pricing_group_keys: Iterable[str] = (),
        min_amount: str | int | Decimal = ZERO,
        cap_amount: str | int | Decimal | None = None,
        **words: Any,
    ) -> "Charge":
        """From plain values, as a database row or a stored derivation has them.

        :param properties: quota ``{included_quantity, unit_price}``; standard ``{unit_price}``;
            graduated and volume ``{tiers: [{up_to, unit_price, flat_price}]}``; package
            ``{amount, package_size, free_units}``; percentage ``{rate, fixed_amount,
            free_units_per_events, free_units_per_total_aggregation, per_transaction_min_amount,
            per_transaction_max_amount}``; graduated_percentage ``{tiers: [{up_to, rate,
            flat_price}]}``; dynamic ``{}``; numbers as str, int or Decimal
        :param filters: ``[{key, name, values: {property: [value, …]}, properties}]``
        :param words: `name`, `unit`, `currency`, `prorated`
        :raise Invalid: naming every wrong field.

        >>> Charge.build("stairs", "c", "m", {})
        Traceback (most recent call last):
        ...
        engine.errors.Invalid: charge_model: value_is_invalid
        """
        if model not in PRICERS:
            raise Invalid.field("charge_model", "value_is_invalid")
        pricer = PRICERS[model]
        return cls(
            code,
            metric_code,
            pricer.from_json(properties),
            filters=read_filters(filters, pricer),
            pricing_group_keys=tuple(pricing_group_keys),
            min_amount=D(min_amount, "min_amount"),
            cap_amount=None if cap_amount in (None, "") else D(cap_amount, "cap_amount"),
            **words,
        )

    def to_json(self) -> dict[str, Any]:
        """Text only; what is not set is left out. `from_json` restores an equal charge."""
        data: dict[str, Any] = {
            "code": self.code,
            "metric_code": self.metric_code,
            "name": self.name,
            "unit": self.unit,
            "currency": self.currency,
            "model": self.model,
            "properties": self.pricer.to_json(),
        }
        if self.filters:
            data["filters"] = [own.to_json() for own in self.filters]
        if self.pricing_group_keys:
            data["pricing_group_keys"] = list(self.pricing_group_keys)
        if self.prorated:
            data["prorated"] = "true"
        if self.min_amount:
            data["min_amount"] = plain(self.min_amount)
        if self.cap_amount is not None:
            data["cap_amount"] = plain(self.cap_amount)
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Charge":
        """From `to_json`, also of a time when a charge was nothing but a price."""
        return cls.build(
            data["model"],
            data["code"],
            data["metric_code"],
            data["properties"],
            filters=data.get("filters", ()),
            pricing_group_keys=data.get("pricing_group_keys", ()),
            min_amount=data.get("min_amount", "0"),
            cap_amount=data.get("cap_amount"),
            name=data["name"],
            unit=data["unit"],
            currency=data["currency"],
            prorated=data.get("prorated") == "true",
        )
