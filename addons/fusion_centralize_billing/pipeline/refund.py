"""Refunds: from a credit note to the card that paid, once, however often it is tried.

The refund is a transaction of Odoo's own, committed with the credit note before the provider hears
of it. A run sends it; an answer that was lost is asked for again under the same idempotency key,
which the provider answers with what it did the first time (facts: Stripe keeps keys for 24 hours).
"""

from datetime import timedelta
from decimal import Decimal

import psycopg2

from odoo import Command, api, models
from odoo.addons.payment.logging import get_payment_logger

from .gate import to_decimal

_logger = get_payment_logger(__name__)

# Stripe may forget an idempotency key after 24 hours: then a repeat would pay a second time.
KEY_LIVES = timedelta(hours=20)
# States in which the money is on its way back, or may be.
TAKEN = ("draft", "pending", "authorized", "done")


class BillingRefund(models.AbstractModel):
    """Ask for refunds, send them, follow what becomes of them."""

    _name = "fusion.billing.refund"
    _description = "Refunds to the Card"

    # ------------------------------------------------------------------ what can go back
    @api.model
    def _refundable(self, invoice: models.BaseModel) -> Decimal:
        """How much of an invoice's card payments can still go back to the card, in its currency."""
        left = sum(self._by_payment(invoice).values(), Decimal(0))
        return min(left, to_decimal(invoice.amount_total))

    def _by_payment(self, invoice: models.BaseModel) -> dict[models.BaseModel, Decimal]:
        payments_sudo = invoice.sudo().transaction_ids.filtered(
            lambda tx: (
                tx.state == "done"
                and tx.operation != "refund"
                and tx.currency_id == invoice.currency_id
                and tx.provider_id.support_refund in ("full_only", "partial")
            )
        )
        left = {}
        for tx in payments_sudo:
            back = tx.child_transaction_ids.filtered(
                lambda child: child.operation == "refund" and child.state in TAKEN
            )
            left[tx] = to_decimal(tx.amount) + sum(
                map(to_decimal, back.mapped("amount")), Decimal(0)
            )
        return {tx: amount for tx, amount in left.items() if amount > 0}

    # ------------------------------------------------------------------ asking
    @api.model
    def _ask(self, note: models.BaseModel, amount: Decimal) -> models.BaseModel:
        """Write the refunds of a posted credit note; they are sent after this commit.

        The latest payment goes back first. What no card can take stays the customer's credit.

        :param amount: taxes included, in the note's currency; the note stays open by it until then
        """
        refunds_sudo = self.env["payment.transaction"].sudo()
        payments = self._by_payment(note.reversed_entry_id)
        for tx, left in sorted(payments.items(), key=lambda item: -item[0].id):
            part = min(left, amount)
            if part > 0:
                refunds_sudo |= tx._create_child_transaction(
                    float(part),
                    is_refund=True,
                    x_fc_credit_note_id=note.id,
                    invoice_ids=[Command.set(note.ids)],
                )
                amount -= part
        if refunds_sudo:
            self.env.ref("fusion_centralize_billing.cron_send_refunds").sudo()._trigger()
        return refunds_sudo

    # ------------------------------------------------------------------ sending
    @api.model
    def _cron_send(self) -> None:
        """Send what waits, each in a transaction of its own."""
        waiting = self.env["payment.transaction"].search(
            [("x_fc_credit_note_id", "!=", False), ("state", "=", "draft")], order="id"
        )
        left = self.env["ir.cron"]._commit_progress(remaining=len(waiting))
        for refund in waiting:
            if not left:
                return
            if refund.try_lock_for_update() and refund.state == "draft":
                self._send(refund)
            left = self.env["ir.cron"]._commit_progress(1)

    def _send(self, refund: models.BaseModel) -> None:
        """Ask the provider, and book what it did. Nothing raises but what Odoo tries again."""
        now = self.env.cr.now()
        first = refund.x_fc_refund_first_try or now
        if now - first > KEY_LIVES:
            refund._set_error(
                self.env._(
                    "No answer came for 20 hours: look at the provider before anything else."
                )
            )
            return
        refund.write(
            {"x_fc_refund_first_try": first, "x_fc_refund_tries": refund.x_fc_refund_tries + 1}
        )
        try:
            with self.env.cr.savepoint():
                refund._send_refund_request()
        except psycopg2.OperationalError:
            raise
        except Exception as error:  # noqa: BLE001  whatever it was, the money may have moved
            self._judge(refund, error)
        if refund.state == "done":
            refund._post_process()

    def _judge(self, refund: models.BaseModel, error: Exception) -> None:
        """A refusal ends it; of an answer that was lost, the next run asks again."""
        response = getattr(error.__context__, "response", None)
        verdict = refund._get_charge_failure_values(response)["charge_outcome"]
        if verdict == "unknown":
            _logger.warning("No answer about refund %s: %s", refund.reference, error)
            refund.state_message = str(error)
        else:
            refund._set_error(str(error))

    @api.model
    def _settle(self, refund: models.BaseModel) -> None:
        """Set a refund that nobody gave a credit note against the one that waits for it.

        The one of exactly its amount, else the oldest that is open; whatever is left is shown on
        the customer's account.
        """
        refund_sudo = refund.sudo()
        notes_sudo = refund_sudo.source_transaction_id.invoice_ids.reversal_move_ids.filtered(
            lambda note: note.state == "posted" and note.amount_residual > 0
        )
        wanted = -to_decimal(refund_sudo.amount)
        exact = notes_sudo.filtered(lambda note: to_decimal(note.amount_residual) == wanted)
        for note_sudo in (exact[:1] or notes_sudo).sorted("id"):
            lines = (refund_sudo.payment_id.move_id | note_sudo).line_ids.filtered(
                lambda line: line.account_type == "asset_receivable" and not line.reconciled
            )
            if lines.move_id == refund_sudo.payment_id.move_id | note_sudo:
                lines.reconcile()

    # ------------------------------------------------------------------ what became of it
    @api.model
    def _follow(self, refund: models.BaseModel) -> None:
        """Tell the app and the books about a refund that ended in failure."""
        note = refund.x_fc_credit_note_id
        if refund.state not in ("error", "cancel"):
            return
        if refund.payment_id:
            # It was booked as paid: the credit note is open again.
            refund.payment_id.action_draft()
            refund.payment_id.action_cancel()
        note.message_post(
            body=self.env._(
                "The refund of %(amount)s failed: %(why)s It stays the customer's credit.",
                amount=note.currency_id.format(-refund.amount),
                why=refund.state_message or "",
            )
        )
        if not note.x_fc_service_id:
            return
        serialize = self.env["fusion.billing.serialize"]
        self.env["fusion.billing.outbox"]._emit(
            note.x_fc_service_id,
            "credit_note.refund_failure",
            "credit_note_payment_provider_refund_error",
            serialize._refund_failure(refund),
        )

    @api.model
    def _state(self, note: models.BaseModel) -> tuple[str | None, Decimal, Decimal]:
        """``(refund_status, amount, amount still to come)`` of a credit note's refunds."""
        refunds_sudo = note.sudo().x_fc_refund_ids
        if not refunds_sudo:
            return None, Decimal(0), Decimal(0)
        amount = -sum(map(to_decimal, refunds_sudo.mapped("amount")), Decimal(0))
        coming = refunds_sudo.filtered(lambda tx: tx.state in TAKEN and not tx.payment_id)
        states = set(refunds_sudo.mapped("state"))
        failed, paid = bool(states & {"error", "cancel"}), states == {"done"}
        status = "failed" if failed else "succeeded" if paid else "pending"
        return status, amount, -sum(map(to_decimal, coming.mapped("amount")), Decimal(0))
