import datetime

import psycopg2

from odoo import api, fields, models
from odoo.addons.payment.logging import get_payment_logger

_logger = get_payment_logger(__name__)

# A provider forgets an idempotency key after 24 hours; until 20 the same attempt may be sent again.
RESEND_WITHIN = datetime.timedelta(hours=20)
ASK_AGAIN_AFTER = datetime.timedelta(minutes=5)


class PaymentTransaction(models.Model):
    """Attempts that a killed run, a lost answer or a slow bank left behind."""

    _inherit = "payment.transaction"

    @api.model
    def _get_unresolved_charges(self):
        """Attempts to send or to ask about, those never asked about first."""
        asked_before = fields.Datetime.now() - ASK_AGAIN_AFTER
        return self.search(
            [
                ("charge_outcome", "in", ("ready", "open", "unknown")),
                "|",
                ("charge_asked_at", "=", False),
                ("charge_asked_at", "<=", asked_before),
            ],
            order="charge_asked_at NULLS FIRST, id",
        )

    def _resolve_charge(self) -> None:
        """Bring one attempt to an outcome: by asking, and never by another attempt.

        A run that is still waiting for the provider holds the row: its attempt is left to it.
        """
        if not self.try_lock_for_update(allow_referencing=True):
            return
        if self.charge_outcome == "ready":
            self._send_ready_charge()
        elif self.charge_outcome in ("open", "unknown"):
            self._settle_by_asking()

    def _send_ready_charge(self) -> None:
        if not self._is_charge_wanted():
            self._give_up_charge(self.env._("The invoice no longer has to be charged."))
            return
        self.charge_outcome = "open"
        self._commit_and_send()

    def _settle_by_asking(self) -> None:
        self.charge_asked_at = fields.Datetime.now()
        if not self._can_ask_provider():
            if self.state in ("draft", "error"):
                self._keep_unknown()
            return  # pending: the provider will tell
        answer = self._ask_provider()
        if answer == "unavailable":
            self._keep_unknown()
        elif answer == "nothing" and not self._is_charge_wanted():
            self._give_up_charge(self.env._("The invoice no longer has to be charged."))
        elif answer == "nothing" and self.create_date < self.env.cr.now() - RESEND_WITHIN:
            self._give_up_charge(self.env._("The provider never received this charge."))
        elif answer == "nothing":
            self._reopen_charge()
            self._commit_and_send()
        elif self.charge_outcome == "paid":
            self._book_charge()

    def _commit_and_send(self) -> None:
        """Send under a lock that the system lets go of if this process dies.

        The reference, and with it the idempotency key, is the attempt's own: sending it again
        cannot charge twice.
        """
        cron = self.env["ir.cron"]
        cron._commit_progress()  # durable before the provider hears of it
        if not self.try_lock_for_update(allow_referencing=True) or self.charge_outcome != "open":
            return  # another worker resolved it in between
        self._send_charge()
        cron._commit_progress()  # durable before accounting can fail
        if self.charge_outcome == "paid":
            self._book_charge()

    def _keep_unknown(self) -> None:
        """Undecided: the subscription waits, until somebody knows better."""
        self.charge_outcome = "unknown"
        if self.state == "draft":
            self._set_error(self.env._("The outcome of this charge is unknown."))
        self._conclude_charge()

    def _reopen_charge(self) -> None:
        """For Odoo, an attempt without an answer is an error; from there it cannot become pending,
        and no amount would be checked. A payment that is no charge of ours gets no outcome."""
        if self.charge_invoice_id:
            self.charge_outcome = "open"
        if self.state == "error":
            self.write({"state": "draft", "state_message": False})

    def _book_charge(self) -> None:
        """Register the payment. If that fails the money is known all the same, and Odoo's own job
        for payments tries again."""
        try:
            with self.env.cr.savepoint():
                # What is sent with the invoice is the plan's business.
                self.with_context(skip_sale_auto_invoice_send=True)._post_process()
        except psycopg2.OperationalError:
            raise
        except Exception:  # noqa: BLE001
            _logger.exception("The payment of %s could not be booked", self.reference)
            self.env.ref("payment.cron_post_process_payment_tx").sudo()._trigger()

    def _give_up_charge(self, reason: str) -> None:
        """Nothing was charged, and nothing will be: the invoice is free for another attempt."""
        for attempt in self:
            attempt.charge_outcome = "void"
            attempt.state_message = reason
            attempt._set_error(reason)
            attempt._conclude_charge()
