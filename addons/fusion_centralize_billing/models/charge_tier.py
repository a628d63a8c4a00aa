"""One step of a graduated price."""

from decimal import Decimal

from odoo import api, fields, models

from ..pipeline.gate import to_decimal


class BillingChargeTier(models.Model):
    """Units above the previous tier's bound, up to ``up_to`` (0 = no upper bound)."""

    _name = "fusion.billing.charge.tier"
    _description = "Billing Charge Tier"
    _order = "charge_id, sequence, id"

    sequence = fields.Integer(default=10)
    charge_id = fields.Many2one(
        "fusion.billing.charge", required=True, ondelete="cascade", index=True
    )
    service_id = fields.Many2one(related="charge_id.service_id", store=True, index=True)
    up_to = fields.Float(min_display_digits=2, help="Last unit of this tier. 0 = no upper bound.")
    unit_price = fields.Float(min_display_digits=2, help="Price of each unit within the tier.")
    flat_price = fields.Float(min_display_digits=2, help="Charged once when the tier is entered.")

    @api.constrains("sequence", "up_to", "unit_price", "flat_price")
    def _check_engine(self) -> None:
        """A tier is valid or not only among its neighbours: ask the charge."""
        self.charge_id._check_engine()

    def _to_engine(self) -> dict[str, Decimal | None]:
        """``{up_to, unit_price, flat_price}``; ``up_to`` None = no upper bound."""
        self.ensure_one()
        return {
            "up_to": to_decimal(self.up_to) or None,
            "unit_price": to_decimal(self.unit_price),
            "flat_price": to_decimal(self.flat_price),
        }
