"""Invoices that no policy should look at: disputed ones, and those that were given up."""

from odoo import fields, models


class AccountMove(models.Model):
    _inherit = "account.move"

    x_fc_no_dunning = fields.Boolean(
        string="Disputed or Given Up",
        copy=False,
        tracking=True,
        help="Left out of what is overdue: nobody is reminded of it, suspended or terminated.",
    )

    def _post(self, soft: bool = True):
        """A credit note may settle what is overdue before anybody sets it against an invoice."""
        posted = super()._post(soft)
        refunds = posted.filtered(lambda move: move.move_type == "out_refund")
        self.env["fusion.billing.enforce"]._look_again(refunds)
        return posted

    def write(self, vals: dict) -> bool:
        """A dispute that opens or ends counts at once, and not on the next day only."""
        result = super().write(vals)
        if {"x_fc_no_dunning", "x_fc_dispute_lost_at"} & vals.keys():
            self.env["fusion.billing.enforce"]._look_again(self)
        return result
