"""What an app calls a plan is one recurring plan with a code and a base product."""

from odoo import fields, models


class SaleSubscriptionPlan(models.Model):
    _inherit = "sale.subscription.plan"

    x_fc_service_id = fields.Many2one(
        "fusion.billing.service", string="Billing Service", ondelete="restrict", index=True
    )
    x_fc_code = fields.Char(string="Plan Code", copy=False, help="What the app calls this plan.")
    x_fc_parent_id = fields.Many2one(
        "sale.subscription.plan",
        string="Overrides",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
        help="The plan that this one is to the app, at one customer's prices.",
    )
    x_fc_product_id = fields.Many2one(
        "product.product",
        string="Base Fee Product",
        help="Its recurring price for this plan is the base fee.",
    )
    x_fc_description = fields.Text(string="Plan Description")
    x_fc_charge_ids = fields.One2many("fusion.billing.charge", "plan_id", string="Usage Charges")

    x_fc_price_ids = fields.One2many("product.pricelist.item", "plan_id", string="Base Fee Prices")

    x_fc_minimum_commitment = fields.Monetary(
        string="Minimum Commitment",
        currency_field="x_fc_commitment_currency_id",
        help="What a subscription pays at least in a full period, base fee and usage together. "
        "What is missing is billed in arrears, on a line of its own. 0 = none.",
    )
    x_fc_commitment_name = fields.Char(
        string="Commitment on Invoices", help="Name of that line. Empty = “Minimum commitment”."
    )
    x_fc_commitment_currency_id = fields.Many2one(
        "res.currency",
        string="Commitment Currency",
        default=lambda self: self.env.company.currency_id,
    )

    x_fc_trial_days = fields.Integer(
        string="Trial (Days)",
        help="Days without a base fee, from the very first start of a subscription: a later plan "
        "gives no second trial. Usage is billed from the first day.",
    )

    _x_fc_trial_positive = models.Constraint(
        "CHECK (COALESCE(x_fc_trial_days, 0) >= 0)", "A trial has no negative days."
    )
    _x_fc_commitment_positive = models.Constraint(
        "CHECK (COALESCE(x_fc_minimum_commitment, 0) >= 0)", "A commitment is not negative."
    )
    _x_fc_code_uniq = models.UniqueIndex(
        "(x_fc_service_id, x_fc_code)", "This service already has a plan with this code."
    )

    def _x_fc_app_code(self) -> str | None:
        """What the app calls the plan, be it overridden or not; None for no plan."""
        return (self.x_fc_parent_id or self).x_fc_code or None
