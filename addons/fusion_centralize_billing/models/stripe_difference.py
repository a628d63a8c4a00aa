"""What Stripe knows and Odoo does not, or the other way round; and the sweeps that looked."""

from typing import Any

from odoo import fields, models
from odoo.exceptions import UserError

KINDS = [
    ("unknown_here", "Taken at Stripe, unknown here"),
    ("captured_not_here", "Taken at Stripe, not booked here"),
    ("not_at_stripe", "Booked here, not taken at Stripe"),
    ("amount", "Other amount"),
    ("currency", "Other currency"),
    ("refund_unknown_here", "Refunded at Stripe, unknown here"),
    ("refund_not_at_stripe", "Refunded here, not at Stripe"),
    ("disputed", "Disputed by the customer"),
]


class StripeDifference(models.Model):
    """One difference. It stays open until it no longer holds, or a person explains it."""

    _name = "fusion.billing.stripe.difference"
    _description = "Difference between Stripe and Odoo"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "state desc, id desc"
    _rec_name = "stripe_id"

    provider_id = fields.Many2one(
        "payment.provider", required=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(related="provider_id.company_id", store=True, index=True)
    kind = fields.Selection(KINDS, required=True, readonly=True, index=True)
    stripe_id = fields.Char(string="Stripe ID", required=True, readonly=True)
    transaction_id = fields.Many2one(
        "payment.transaction", string="Payment Here", readonly=True, ondelete="set null"
    )
    partner_id = fields.Many2one(related="transaction_id.partner_id", string="Customer")
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    stripe_amount = fields.Monetary(string="At Stripe", readonly=True)
    our_amount = fields.Monetary(string="Here", readonly=True)
    happened_at = fields.Datetime(readonly=True, help="At Stripe; else when it was booked here.")
    found_at = fields.Datetime(readonly=True)
    state = fields.Selection(
        [("open", "Open"), ("explained", "Explained"), ("closed", "Gone")],
        required=True,
        default="open",
        readonly=True,
        tracking=True,
        index=True,
        help="Gone: a later sweep found both sides equal.",
    )
    closed_at = fields.Datetime(readonly=True)
    note = fields.Text(string="Explanation", tracking=True)

    _difference_uniq = models.UniqueIndex(
        "(provider_id, stripe_id, kind)", "This difference is listed already."
    )

    def action_explain(self) -> None:
        """A person knows why, and says so.

        :raise UserError: without words
        """
        self.check_access("write")
        if without := self.filtered(lambda row: not (row.note or "").strip()):
            raise UserError(
                self.env._("Say in the explanation why %s differs.", without[0].stripe_id)
            )
        self.sudo().write({"state": "explained", "closed_at": fields.Datetime.now()})

    def action_take_over(self) -> None:
        """Ask Stripe about a payment that was taken there, and book it as Stripe tells it.

        :raise UserError: Stripe gives no answer, or does not confirm the payment
        """
        self.check_access("write")
        for row in self:
            self.env["fusion.billing.stripe.sweep"].sudo()._take_over(row.sudo())


class StripeSweepRun(models.Model):
    """A daily comparison: what it looked at, and what came of it."""

    _name = "fusion.billing.stripe.sweep.run"
    _description = "Comparison of Stripe and Odoo"
    _order = "id desc"
    _rec_name = "swept_at"

    provider_id = fields.Many2one(
        "payment.provider", required=True, ondelete="cascade", readonly=True, index=True
    )
    company_id = fields.Many2one(related="provider_id.company_id", store=True, index=True)
    swept_at = fields.Datetime(required=True, readonly=True)
    since = fields.Datetime(readonly=True)
    charge_count = fields.Integer(readonly=True)
    refund_count = fields.Integer(readonly=True)
    transaction_count = fields.Integer(string="Payments Here", readonly=True)
    new_count = fields.Integer(string="New Differences", readonly=True)
    closed_count = fields.Integer(string="Gone", readonly=True)
    open_count = fields.Integer(string="Still Open", readonly=True)
    error = fields.Char(readonly=True, help="Why nothing could be compared.")

    def action_sweep_now(self) -> dict[str, Any]:
        """Compare now, as the daily job does, and show what came of it."""
        self.check_access("create")
        self.env["fusion.billing.stripe.sweep"].sudo()._sweep_all()
        return self.env["ir.actions.act_window"]._for_xml_id(
            "fusion_centralize_billing.action_stripe_difference"
        )
