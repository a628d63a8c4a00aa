"""One step of a graduated price."""

from decimal import Decimal

from odoo import api, fields, models

from ..pipeline.gate import to_decimal


class BillingChargeTier(models.Model):
    """Units above the previous tier's bound, up to ``up_to`` (0 = no upper bound).

    Of a charge, or of one of its filters, which has a ladder of its own.
    """

    _name = "fusion.billing.charge.tier"
    _description = "Billing Charge Tier"
    _order = "charge_id, filter_id, sequence, id"

    sequence = fields.Integer(default=10)
    charge_id = fields.Many2one("fusion.billing.charge", ondelete="cascade", index=True)
    filter_id = fields.Many2one(
        "fusion.billing.charge.filter", ondelete="cascade", index="btree_not_null"
    )
    service_id = fields.Many2one(
        "fusion.billing.service", compute="_compute_service_id", store=True, index=True
    )
    up_to = fields.Float(min_display_digits=2, help="Last unit of this tier. 0 = no upper bound.")
    unit_price = fields.Float(min_display_digits=2, help="Price of each unit within the tier.")
    rate = fields.Float(
        string="Rate (%)", min_display_digits=2, help="Share of the value within the tier."
    )
    flat_price = fields.Float(min_display_digits=2, help="Charged once when the tier is entered.")

    _owner = models.Constraint(
        "CHECK (num_nonnulls(charge_id, filter_id) = 1)",
        "A tier belongs to one charge or to one filter.",
    )

    @api.depends("charge_id.service_id", "filter_id.charge_id.service_id")
    def _compute_service_id(self) -> None:
        for tier in self:
            tier.service_id = (tier.charge_id or tier.filter_id.charge_id).service_id

    @api.constrains("sequence", "up_to", "unit_price", "rate", "flat_price")
    def _check_engine(self) -> None:
        """A tier is valid or not only among its neighbours: ask the charge."""
        (self.charge_id | self.filter_id.charge_id)._check_engine()

    def _to_engine(self) -> dict[str, Decimal | None]:
        """``{up_to, unit_price, rate, flat_price}``; ``up_to`` None = no upper bound."""
        self.ensure_one()
        return {
            "up_to": to_decimal(self.up_to) or None,
            "unit_price": to_decimal(self.unit_price),
            "rate": to_decimal(self.rate),
            "flat_price": to_decimal(self.flat_price),
        }
