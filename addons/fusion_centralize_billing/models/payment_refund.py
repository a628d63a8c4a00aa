"""Money that goes back to the card it came from, for a credit note."""

from odoo import api, fields, models

from ..pipeline.gate import to_decimal


class PaymentTransaction(models.Model):
    """A refund is written with its credit note and sent after that commit: `fusion.billing.refund`.

    Its ``state``: draft is still to be sent, pending is under way, done is paid back, error is
    refused; what was refused stays the customer's credit.
    """

    _inherit = "payment.transaction"

    x_fc_credit_note_id = fields.Many2one(
        "account.move",
        string="Refunded Credit Note",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    x_fc_refund_tries = fields.Integer(string="Refund Tries", readonly=True, aggregator=None)
    x_fc_refund_first_try = fields.Datetime(string="First Tried", readonly=True)

    _refund_to_send_idx = models.Index(
        "(id) WHERE x_fc_credit_note_id IS NOT NULL AND state = 'draft'"
    )

    def _update_state(self, allowed_states, target_state, state_message):
        """A refund may fail days later; every answer of the provider passes here."""
        moved = super()._update_state(allowed_states, target_state, state_message)
        for refund in moved.filtered("x_fc_credit_note_id"):
            self.env["fusion.billing.refund"]._follow(refund)
        return moved

    def _post_process(self):
        """A refund by the Refund button of a payment settles the credit note that waits for it."""
        res = super()._post_process()
        for refund in self.filtered(
            lambda tx: (
                tx.operation == "refund" and tx.state == "done" and not tx.x_fc_credit_note_id
            )
        ):
            self.env["fusion.billing.refund"]._settle(refund)
        return res


class AccountMove(models.Model):
    _inherit = "account.move"

    x_fc_refund_ids = fields.One2many(
        "payment.transaction", "x_fc_credit_note_id", string="Refunds", readonly=True
    )
    x_fc_can_refund = fields.Boolean(compute="_compute_x_fc_can_refund")

    @api.depends("state", "move_type", "amount_residual", "reversed_entry_id")
    def _compute_x_fc_can_refund(self) -> None:
        for move in self:
            move.x_fc_can_refund = move._fc_refundable() > 0

    def _fc_refundable(self) -> float:
        """How much of this credit note can go back to the cards that paid its invoice."""
        self.ensure_one()
        if self.move_type != "out_refund" or self.state != "posted" or not self.reversed_entry_id:
            return 0.0
        refund = self.env["fusion.billing.refund"]
        _status, _asked, coming = refund._state(self)
        open_amount = to_decimal(self.amount_residual) - coming
        back = refund._refundable(self.reversed_entry_id)
        return max(float(min(open_amount, back)), 0.0)

    def action_fc_refund(self) -> dict:
        """Ask how much goes back to the card."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Refund to the Card"),
            "res_model": "fusion.billing.refund.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_note_id": self.id},
        }
