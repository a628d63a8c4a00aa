"""Send a credit note's money back to the card that paid, all of it or a part."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..pipeline.gate import to_decimal


class BillingRefundWizard(models.TransientModel):
    """Asks for the amount; the refund itself is sent after the commit, once."""

    _name = "fusion.billing.refund.wizard"
    _description = "Refund to the Card"

    note_id = fields.Many2one("account.move", string="Credit Note", required=True, readonly=True)
    currency_id = fields.Many2one(related="note_id.currency_id")
    most = fields.Monetary(string="At Most", compute="_compute_most")
    amount = fields.Monetary(
        required=True,
        compute="_compute_amount",
        store=True,
        readonly=False,
        precompute=True,
        help="Taxes included. The rest stays the customer's credit.",
    )

    @api.depends("note_id")
    def _compute_most(self) -> None:
        """What is open of the note, as far as cards paid its invoice."""
        for wizard in self:
            wizard.most = wizard.note_id._fc_refundable()

    @api.depends("note_id")
    def _compute_amount(self) -> None:
        for wizard in self:
            wizard.amount = wizard.note_id._fc_refundable()

    def action_refund(self) -> dict:
        """Write the refund down; the run sends it.

        :raise UserError: nothing, or more than can go back
        """
        self.ensure_one()
        note = self.note_id
        note.check_access("write")
        note.lock_for_update()
        amount = to_decimal(self.currency_id.round(self.amount))
        if not 0 < amount <= to_decimal(note._fc_refundable()):
            raise UserError(
                self.env._(
                    "Between 0.01 and %(most)s can go back to the card.",
                    most=self.currency_id.format(note._fc_refundable()),
                )
            )
        self.env["fusion.billing.refund"]._ask(note, amount)
        return {"type": "ir.actions.act_window_close"}
