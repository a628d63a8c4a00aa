"""A part of a charge's usage with its own price and its own invoice line."""

from typing import Any

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine.filters import ALL_VALUES, filter_text

ANY = "*"


class BillingChargeFilter(models.Model):
    """Usage whose properties have these values. Of several that match, the one that names the
    most properties wins; the charge's own price is for what none matches."""

    _name = "fusion.billing.charge.filter"
    _inherit = ["fusion.billing.price"]
    _description = "Billing Charge Filter"
    _order = "charge_id, sequence, id"

    name = fields.Char(help="Shown on the invoice line in brackets. Empty = the values.")
    sequence = fields.Integer(default=10)
    charge_id = fields.Many2one(
        "fusion.billing.charge", required=True, ondelete="cascade", index=True
    )
    service_id = fields.Many2one(related="charge_id.service_id", store=True, index=True)
    model = fields.Selection(related="charge_id.model")
    values = fields.Json(
        string="Values (JSON)",
        required=True,
        default=dict,
        help='As the engine reads it: {"region": ["eu", "uk"]}.',
    )
    former = fields.Json(
        readonly=True,
        copy=False,
        help="What it matched before, as invoice lines of that time have it.",
    )
    values_text = fields.Text(
        string="Values",
        compute="_compute_values_text",
        inverse="_inverse_values_text",
        help="One “property = value” a line; a property may have several. “*” is any value.",
    )
    tier_ids = fields.One2many("fusion.billing.charge.tier", "filter_id", string="Tiers", copy=True)
    price_summary = fields.Char(string="Price", compute="_compute_price_summary")

    @api.depends("values")
    def _compute_values_text(self) -> None:
        for own in self:
            own.values_text = "\n".join(
                f"{name} = {ANY if value == ALL_VALUES else value}"
                for name, values in sorted((own.values or {}).items())
                for value in values
            )

    def _inverse_values_text(self) -> None:
        for own in self:
            own.values = _read(own.values_text or "")

    @api.depends("name", "values")
    def _compute_display_name(self) -> None:
        for own in self:
            own.display_name = own.name or (own.values_text or "").replace("\n", ", ")

    @api.depends("charge_id.model", "charge_id.metric_id.unit", "unit_price", "rate", "tier_ids")
    def _compute_price_summary(self) -> None:
        for own in self:
            unit = own.charge_id.metric_id.unit or self.env._("unit")
            own.price_summary = own._price_text(own.charge_id.model or "standard", unit)

    @api.model_create_multi
    def create(self, vals_list: list[dict[str, Any]]) -> models.BaseModel:
        """A form sends the lines of text only; the column they stand for is never empty."""
        return super().create(
            [
                vals | {"values": _read(vals["values_text"])}
                if vals.get("values_text") and not vals.get("values")
                else vals
                for vals in vals_list
            ]
        )

    def write(self, vals: dict[str, Any]) -> bool:
        """An invoice line says what its usage matched: keep it, to know the filter again."""
        before = {own: own._identity() for own in self} if "values" in vals else {}
        result = super().write(vals)
        for own, identity in before.items():
            if own._identity() != identity:
                own.former = [*(own.former or []), identity]
        return result

    def _identity(self) -> str:
        """As the engine spells it in the key of a line."""
        self.ensure_one()
        return filter_text(self.values or {})

    def _check_values(self) -> None:
        """Names and values are text, and there is one of each at least."""
        for own in self:
            values = own.values
            fits = isinstance(values, dict) and values and all(map(_is_named, values.items()))
            if not fits:
                raise ValidationError(
                    self.env._(
                        "A filter needs one “property = value” a line, and got: %s",
                        own.values_text or values,
                    )
                )

    @api.constrains("values", "name", "sequence", "tier_ids", "unit_price", "rate", "amount")
    def _check_engine(self) -> None:
        """A filter's price is valid or not under its charge's model: ask the charge."""
        self._check_values()
        self.charge_id._check_engine()

    def _to_engine(self) -> dict[str, Any]:
        """``{key, name, values, properties}`` as `engine.Charge.build` takes it."""
        self.ensure_one()
        return {
            "key": "",
            "name": self.name or "",
            "values": self.values or {},
            "properties": self._properties(self.charge_id.model),
        }


def _read(text: str) -> dict[str, list[str]]:
    """Values from lines; a line without “=” names a property without a value.

    >>> _read("region = eu\\nregion = uk\\nkind=*")
    {'region': ['eu', 'uk'], 'kind': ['__ALL_FILTER_VALUES__']}
    """
    values: dict[str, list[str]] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        name, _equals, value = (part.strip() for part in line.partition("="))
        listed = values.setdefault(name, [])
        if value:
            listed.append(ALL_VALUES if value == ANY else value)
    return values


def _is_named(item: tuple[Any, Any]) -> bool:
    name, values = item
    return bool(name and isinstance(values, list) and values) and all(
        isinstance(value, str) and value for value in values
    )
