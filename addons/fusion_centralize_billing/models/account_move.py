"""Invoices know the service they bill; a shadow service cannot post any."""

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError


class AccountMove(models.Model):
    _inherit = "account.move"

    x_fc_service_id = fields.Many2one(
        "fusion.billing.service",
        string="Billing Service",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    x_fc_correction = fields.Boolean(
        string="Corrects Billed Usage",
        copy=False,
        readonly=True,
        help="A credit note of the billing run: its lines are the difference to what was billed.",
    )

    x_fc_explanation = fields.Html(
        string="Usage Explained",
        compute="_compute_x_fc_explanation",
        sanitize=False,
        help="How each usage line came about, from the counter to the amount.",
    )

    @api.depends("invoice_line_ids.x_fc_trace", "invoice_line_ids.sequence")
    @api.depends_context("lang")
    def _compute_x_fc_explanation(self) -> None:
        for move in self:
            blocks = [
                line._x_fc_explanation_html()
                for line in move.invoice_line_ids.sorted("sequence")
                if line.x_fc_trace
            ]
            nothing = Markup('<p class="text-muted">%s</p>') % self.env._(
                "No usage line on this invoice: it bills the recurring fee only."
            )
            move.x_fc_explanation = Markup().join(blocks) if blocks else nothing

    def _post(self, soft: bool = True):
        """First shadow lock: whoever posts, however, nothing of a shadow service is posted."""
        for service_sudo in self.x_fc_service_id.sudo():
            if service_sudo.mode == "shadow":
                raise UserError(
                    self.env._(
                        "%(service)s is in shadow mode: its invoices cannot be posted.",
                        service=service_sudo.name,
                    )
                )
        posted = super()._post(soft)
        self.env["fusion.billing.invoice"]._announce(posted)
        return posted

    def _reconcile_reversed_moves(self, reverse_moves, move_reverse_cancel):
        """Odoo sets a credit note against the invoice it reverses. One that the app asked for as a
        credit stays with the customer."""
        if self.env.context.get("fc_credit_stays_open"):
            return reverse_moves
        return super()._reconcile_reversed_moves(reverse_moves, move_reverse_cancel)

    def button_cancel(self):
        """A cancelled invoice bills nothing: the periods it claimed are open again."""
        result = super().button_cancel()
        self.env["fusion.billing.invoice"]._release(self.filtered("x_fc_service_id"))
        return result

    def button_draft(self):
        """A cancelled invoice gave its periods back; the next run bills them anew."""
        if any(move.x_fc_service_id and move.state == "cancel" for move in self):
            raise UserError(
                self.env._("Its periods are open again: bill them by a new billing run instead.")
            )
        return super().button_draft()

    def unlink(self):
        """A deleted draft bills nothing either."""
        self.env["fusion.billing.invoice"]._release(self.filtered("x_fc_service_id"))
        return super().unlink()
