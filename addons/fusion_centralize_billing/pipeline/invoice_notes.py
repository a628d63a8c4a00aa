"""Credit notes are told to the app when they are posted, as invoices are."""

from odoo import api, models


class BillingInvoiceNotes(models.AbstractModel):
    _inherit = "fusion.billing.invoice"

    @api.model
    def _announce(self, moves: models.BaseModel) -> None:
        """And each credit note: `credit_note.created`, whoever issued it."""
        result = super()._announce(moves)
        for note in moves.filtered(
            lambda move: (
                move.x_fc_service_id and move.move_type == "out_refund" and move.reversed_entry_id
            )
        ):
            self.env["fusion.billing.outbox"]._emit(
                note.x_fc_service_id.sudo(),
                "credit_note.created",
                "credit_note",
                self.env["fusion.billing.serialize"]._credit_note(note),
            )
        return result
