"""Money that goes back to the card it came from, for a credit note."""

from odoo import fields, models


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


class AccountMove(models.Model):
    _inherit = "account.move"

    x_fc_refund_ids = fields.One2many(
        "payment.transaction", "x_fc_credit_note_id", string="Refunds", readonly=True
    )
