"""A payment that failed is told to the app whose invoice it was for."""

from odoo import models

from ..pipeline.statuses import SETTLED

# The saved card's run knows more than Odoo's state: these are no verdict on the customer's money.
UNDECIDED = ("unknown", "mismatch", "void")


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _update_state(self, allowed_states, target_state, state_message):
        """Every answer of a provider passes here, once for each transaction it moves."""
        moved = super()._update_state(allowed_states, target_state, state_message)
        if target_state in ("error", "cancel"):
            moved.filtered(lambda tx: not tx._x_fc_undecided())._x_fc_tell_failure()
        elif target_state == "done":
            moved.sudo()._x_fc_paid_for().x_fc_payment_failed = False
        return moved

    def _x_fc_undecided(self) -> bool:
        return "charge_outcome" in self._fields and self.charge_outcome in UNDECIDED

    def _x_fc_tell_failure(self) -> None:
        """``invoice.payment_failure``, for each try and each of its invoices, whose status is
        ``failed`` until money comes."""
        outbox = self.env["fusion.billing.outbox"]
        for tx_sudo in self.sudo():
            for move_sudo in tx_sudo._x_fc_paid_for():
                payload = self.env["fusion.billing.serialize"]._payment_failure(tx_sudo, move_sudo)
                outbox._emit(
                    move_sudo.x_fc_service_id,
                    "invoice.payment_failure",
                    "payment_provider_invoice_payment_error",
                    payload,
                )
            moves_sudo = tx_sudo._x_fc_paid_for().filtered(
                lambda move: move.payment_state not in SETTLED
            )
            moves_sudo.x_fc_payment_failed = True
            self.env["fusion.billing.payment.api"]._tell_status(moves_sudo)

    def _x_fc_paid_for(self):
        """The invoices of apps that the money was meant for."""
        moves = self.invoice_ids
        if "charge_invoice_id" in self._fields:
            moves |= self.charge_invoice_id
        return moves.filtered(lambda move: move.x_fc_service_id and move.move_type == "out_invoice")
