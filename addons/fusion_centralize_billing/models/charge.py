"""The price of one metric on one plan."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine import errors
from ..engine.charge import Charge
from ..engine.money import plain
from ..pipeline.gate import to_decimal


class BillingCharge(models.Model):
    """Plan + metric → pricing model, quota and prices.

    ``plan_code`` is what the app calls the plan. ``plan_id`` stays empty until go-live, and a
    charge without it never rates: the second of the three shadow locks.
    """

    _name = "fusion.billing.charge"
    _description = "Billing Charge"
    _order = "service_id, plan_code, sequence, id"

    name = fields.Char(required=True, help="Shown on the invoice line, e.g. “Bandwidth”.")
    code = fields.Char(required=True, help="Tells two charges on one metric apart.")
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    plan_code = fields.Char(required=True, index=True, help="What the app calls the plan.")
    service_id = fields.Many2one(
        "fusion.billing.service", required=True, ondelete="restrict", index=True
    )
    plan_id = fields.Many2one(
        "sale.subscription.plan",
        ondelete="restrict",
        copy=False,
        index=True,
        help="Set by go-live. Empty = this charge never bills.",
    )
    metric_id = fields.Many2one(
        "fusion.billing.metric",
        required=True,
        ondelete="restrict",
        index=True,
        domain="[('service_id', '=', service_id)]",
    )
    tier_ids = fields.One2many("fusion.billing.charge.tier", "charge_id", string="Tiers", copy=True)
    currency_id = fields.Many2one(
        "res.currency", required=True, default=lambda self: self.env.company.currency_id
    )
    model = fields.Selection(
        [
            ("quota", "Included quota, then per unit"),
            ("standard", "Per unit"),
            ("graduated", "Graduated tiers"),
        ],
        string="Pricing",
        required=True,
        default="quota",
    )
    # No `digits`: Odoo rounds those in binary and would store 1000 as 1000.000000000001. A Float
    # with display digits only is NUMERIC too, and keeps what was typed, digit for digit.
    included_quantity = fields.Float(min_display_digits=2, help="Units per period at no charge.")
    unit_price = fields.Float(min_display_digits=2, help="Price of one unit beyond the quota.")

    price_summary = fields.Char(
        string="Price", compute="_compute_price_summary", help="The price in one line."
    )

    _charge_uniq = models.UniqueIndex(
        "(service_id, plan_code, metric_id, code)",
        "This plan already has a charge with this code on this metric.",
    )

    @api.depends("model", "included_quantity", "unit_price", "metric_id.unit", "tier_ids.up_to")
    def _compute_price_summary(self) -> None:
        for charge in self:
            price = plain(to_decimal(charge.unit_price))
            unit = charge.metric_id.unit or self.env._("unit")
            if charge.model == "graduated":
                text = self.env._("%(count)s tiers", count=len(charge.tier_ids))
            elif charge.model == "quota" and charge.included_quantity:
                included = f"{to_decimal(charge.included_quantity):,f}".removesuffix(".0")
                text = self.env._(
                    "%(included)s %(unit)s included, then %(price)s per %(unit)s",
                    included=included,
                    price=price,
                    unit=unit,
                )
            else:
                text = self.env._("%(price)s per %(unit)s", price=price, unit=unit)
            charge.price_summary = text

    @api.constrains(
        "code", "model", "included_quantity", "unit_price", "tier_ids", "currency_id", "metric_id"
    )
    def _check_engine(self) -> None:
        """The engine decides what a valid price is; its codes name the wrong fields."""
        for charge in self:
            try:
                charge._to_engine()
            except errors.Invalid as error:
                raise ValidationError(
                    self.env._("%(charge)s: %(problem)s", charge=charge.display_name, problem=error)
                ) from error

    @api.constrains("service_id", "metric_id", "plan_id")
    def _check_service(self) -> None:
        """A charge, its metric and its plan belong to one service."""
        for charge in self:
            owners = charge.metric_id.service_id | charge.plan_id.x_fc_service_id
            if owners - charge.service_id:
                raise ValidationError(
                    self.env._(
                        "“%(charge)s” mixes services: its metric and plan must belong to "
                        "%(service)s.",
                        charge=charge.name,
                        service=charge.service_id.name,
                    )
                )

    def _to_engine(self) -> Charge:
        """The charge as the engine knows it: exact numbers, no record.

        :raise engine.errors.Invalid: naming every wrong field
        """
        self.ensure_one()
        properties = {
            "included_quantity": to_decimal(self.included_quantity),
            "unit_price": to_decimal(self.unit_price),
            "tiers": [tier._to_engine() for tier in self.tier_ids.sorted("sequence")],
        }
        return Charge.build(
            self.model,
            self.code,
            self.metric_id.code,
            properties,
            name=self.name,
            unit=self.metric_id.unit or "",
            currency=self.currency_id.name,
        )
