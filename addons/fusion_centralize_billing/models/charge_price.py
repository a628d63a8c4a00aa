"""What a price is made of: shared by a charge and by its filters."""

from typing import Any

from odoo import fields, models

from ..engine.money import plain
from ..pipeline.gate import to_decimal

LADDERS = ("graduated", "volume", "graduated_percentage")
# The engine's properties of each charge model; field names here are the engine's.
PROPERTIES: dict[str, tuple[str, ...]] = {
    "quota": ("included_quantity", "unit_price"),
    "standard": ("unit_price",),
    "package": ("amount", "package_size", "free_units"),
    "percentage": (
        "rate",
        "fixed_amount",
        "free_units_per_events",
        "free_units_per_total_aggregation",
        "per_transaction_min_amount",
        "per_transaction_max_amount",
    ),
    "dynamic": (),
} | dict.fromkeys(LADDERS, ())
# 0 and “not set” are the same to a person; to the engine only the absence is “no bound”.
UNSET_AT_ZERO = ("per_transaction_min_amount", "per_transaction_max_amount")


class BillingPrice(models.AbstractModel):
    """The properties of every charge model. Which ones apply is for ``model`` to say.

    No `digits` on any of them: Odoo rounds those in binary and would store 1000 as
    1000.000000000001. A Float with display digits only is NUMERIC too, and keeps what was typed,
    digit for digit.
    """

    _name = "fusion.billing.price"
    _description = "Billing Price"

    included_quantity = fields.Float(min_display_digits=2, help="Units per period at no charge.")
    unit_price = fields.Float(min_display_digits=2, help="Price of one unit beyond the quota.")
    amount = fields.Float(
        string="Price per Package", min_display_digits=2, help="A started package is a whole one."
    )
    package_size = fields.Float(min_display_digits=2, default=1, help="Units in a package.")
    free_units = fields.Float(min_display_digits=2, help="Units before the first package.")
    rate = fields.Float(
        string="Rate (%)", min_display_digits=2, help="Share of the value: 2.9 is 2.9 %."
    )
    fixed_amount = fields.Float(
        string="Price per Event", min_display_digits=2, help="Charged once an event."
    )
    free_units_per_events = fields.Integer(
        string="Free Events", help="The first events of a period are free. 0 = none."
    )
    free_units_per_total_aggregation = fields.Float(
        string="Free Value", min_display_digits=2, help="Value of a period that is free. 0 = none."
    )
    per_transaction_min_amount = fields.Float(
        string="Least per Event", min_display_digits=2, help="0 = no minimum."
    )
    per_transaction_max_amount = fields.Float(
        string="Most per Event", min_display_digits=2, help="0 = no maximum."
    )

    def _properties(self, model: str) -> dict[str, Any]:
        """The engine's ``properties`` of this price under a charge model."""
        self.ensure_one()
        values = {name: to_decimal(self[name]) for name in PROPERTIES[model]}
        values = {
            name: None if name in UNSET_AT_ZERO and not value else value
            for name, value in values.items()
        }
        if model in LADDERS:
            values["tiers"] = [tier._to_engine() for tier in self.tier_ids.sorted("sequence")]
        return values

    def _price_text(self, model: str, unit: str) -> str:
        """The price in one line, for lists."""
        self.ensure_one()
        texts = {
            "package": self._package_text,
            "percentage": self._percentage_text,
            "quota": self._quota_text,
        }
        if model in LADDERS:
            return self.env._("%(count)s tiers", count=len(self.tier_ids))
        if model == "dynamic":
            return self.env._("As the app prices each event")
        if model == "quota" and not self.included_quantity:
            model = "standard"
        return texts.get(model, self._unit_text)(unit)

    def _unit_text(self, unit: str) -> str:
        return self.env._("%(price)s per %(unit)s", price=_text(self.unit_price), unit=unit)

    def _quota_text(self, unit: str) -> str:
        included = f"{to_decimal(self.included_quantity):,f}".removesuffix(".0")
        return self.env._(
            "%(included)s %(unit)s included, then %(price)s per %(unit)s",
            included=included,
            price=_text(self.unit_price),
            unit=unit,
        )

    def _package_text(self, unit: str) -> str:
        return self.env._(
            "%(price)s per %(size)s %(unit)s started, %(free)s free",
            price=_text(self.amount),
            size=_text(self.package_size),
            unit=unit,
            free=_text(self.free_units),
        )

    def _percentage_text(self, unit: str) -> str:
        parts = [self.env._("%(rate)s %%", rate=_text(self.rate))]
        if self.fixed_amount:
            parts.append(self.env._("%(price)s per event", price=_text(self.fixed_amount)))
        return " + ".join(parts)


def _text(number: float) -> str:
    return plain(to_decimal(number))
