import datetime

from psycopg2.errors import UniqueViolation

from odoo import Command, api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date, mute_logger

# Days from one failed charge to the next with the same card; after the last one, a person decides.
RETRY_AFTER_DAYS = (1, 3, 5, 7)


class SaleOrder(models.Model):
    """Charging the saved card of a subscription, after its invoice was posted and committed.

    Each attempt is a `payment.transaction` of its own. Three commits keep it from charging twice or
    for nothing: (A) the attempt, before the provider hears of it; (B) the outcome, before
    accounting can fail; (C) the payment. What a killed process leaves behind is between two of
    them, and the next run asks the provider before anything else.

    Loaded after `sale_order_invoice.py` and `sale_order_period.py`, whose methods it extends.
    """

    _inherit = "sale.order"

    last_reminder_date = fields.Date(
        copy=False,
        readonly=True,
        help="When a charge of the saved card last failed. Empty again with the next invoice.",
    )

    # === THE RUN === #

    def _invoice_period(self):
        moves = super()._invoice_period()
        moves._schedule_charge()
        return moves

    @api.model
    def _trigger_charges(self) -> None:
        """Run the charges once this transaction is committed."""
        cron_sudo = self.env.ref("sale_subscription.ir_cron_charge_saved_cards").sudo()
        cron_sudo._trigger()

    @api.model
    def _cron_charge_saved_cards(self) -> None:
        """Resolve what is open, then charge what is due, one commit after the other."""
        self = self.with_context(charging_saved_cards=True)
        cron = self.env["ir.cron"]
        attempts = self.env["payment.transaction"]._get_unresolved_charges()
        time_left = cron._commit_progress(remaining=len(attempts))
        for attempt in attempts:
            if not time_left:
                return
            attempt._resolve_charge()
            time_left = cron._commit_progress(1)
        moves = self.env["account.move"]
        invoices = moves.search(moves._get_charge_domain(), order="next_charge_date, id")
        time_left = cron._commit_progress(remaining=len(invoices))
        for invoice in invoices:
            if not time_left:
                return
            self._charge_invoice(invoice)
            time_left = cron._commit_progress(1)

    @api.model
    def _charge_invoice(self, invoice) -> None:
        """Charge one invoice, unless another run has it or it was paid in the meantime."""
        locked = invoice.try_lock_for_update(allow_referencing=True)
        due = locked.search(locked._get_charge_domain() & Domain("id", "in", locked.ids))
        if due and due._is_open_for_charge():
            order = due._get_charged_subscriptions()[:1]
            order._do_payment(order.payment_token_id, due, auto_commit=True)

    # === ONE CHARGE === #

    def _do_payment(self, payment_token, invoice, auto_commit: bool = False):
        """Charge a posted invoice to a saved card.

        Only the scheduled run charges at once (``auto_commit``): it commits the attempt first, and
        has no other work in its transaction that an error could take back. Everybody else records
        the attempt, and the run sends it after their commit.

        :return: the attempt (`payment.transaction`); empty if the invoice is being charged already
        """
        self.ensure_one()
        now = auto_commit and self.env.context.get("charging_saved_cards")
        attempt_sudo = self._create_charge(payment_token, invoice, "open" if now else "ready")
        if not attempt_sudo:
            return attempt_sudo
        if now:
            attempt_sudo._commit_and_send()
        else:
            self._trigger_charges()
        return attempt_sudo

    def _create_charge(self, payment_token, invoice, outcome: str):
        transactions_sudo = self.env["payment.transaction"].sudo()
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                return transactions_sudo.create(
                    self._prepare_charge(payment_token.sudo(), invoice.sudo(), outcome)
                )
        except UniqueViolation:
            return transactions_sudo  # a run that met this one was first

    def _prepare_charge(self, token_sudo, invoice_sudo, outcome: str) -> dict:
        """Values of an attempt. It is linked to its invoice, and never to the order: Odoo would
        then invoice the order itself, and take the invoice from the transaction."""
        provider_sudo = token_sudo.provider_id
        return {
            "provider_id": provider_sudo.id,
            "payment_method_id": token_sudo.payment_method_id.id,
            "token_id": token_sudo.id,
            "amount": invoice_sudo.amount_residual,
            "currency_id": invoice_sudo.currency_id.id,
            "partner_id": invoice_sudo.partner_id.id,
            "operation": "offline",
            "invoice_ids": [Command.set(invoice_sudo.ids)],
            "reference": self.env["payment.transaction"]._compute_reference(
                provider_sudo.code, prefix=invoice_sudo.name
            ),
            "charge_invoice_id": invoice_sudo.id,
            "charge_outcome": outcome,
            "charge_date": self._get_billing_today(),
        }

    def _subscription_post_success_payment(self, transaction, invoices, automatic=True) -> None:
        """Hook: called once for a charge that succeeded, after its payment was booked."""

    # === WHAT CAME OF IT === #

    def _get_next_charge_date(self, attempt) -> datetime.date | None:
        """Hook: when to try again after a failed charge; None: not by itself.

        A card is tried five times in 16 days. What a decline code says is for a policy to read.
        """
        failed = attempt.charge_invoice_id.charge_ids.filtered(
            lambda tx: (
                tx.token_id == attempt.token_id and tx.charge_outcome in ("declined", "refused")
            )
        )
        if len(failed) > len(RETRY_AFTER_DAYS):
            return None
        days = RETRY_AFTER_DAYS[max(len(failed), 1) - 1]
        return (attempt.charge_date or self._get_billing_today()) + datetime.timedelta(days=days)

    def _note_failed_charge(self, attempt) -> None:
        """The invoice stays unpaid, and is tried again on its day."""
        for order in self:
            again = order._get_next_charge_date(attempt)
            attempt.charge_invoice_id.next_charge_date = again
            order.last_reminder_date = order._get_billing_today()
            order.message_post(
                body=order.env._(
                    "The saved card was not charged for %(invoice)s: %(reason)s %(next)s",
                    invoice=attempt.charge_invoice_id.name,
                    reason=attempt.state_message or attempt.charge_code or "",
                    next=order._say_next_charge(attempt, again),
                )
            )

    def _say_next_charge(self, attempt, again: datetime.date | None) -> str:
        """Hook: a sentence for people about the next try."""
        if again:
            return self.env._("Next try: %s.", format_date(self.env, again))
        return self.env._("It is not tried again by itself.")

    def _note_unknown_charge(self, attempt) -> None:
        """The money may have moved: wait for somebody who knows."""
        for order in self.filtered(lambda order: not order.payment_exception):
            order.payment_exception = True
            order.message_post(
                body=order.env._(
                    "It is not known whether the saved card was charged for %(invoice)s"
                    " (transaction %(reference)s). Nothing is charged or invoiced until the payment"
                    " provider has told, or a person has unticked “Contract in exception”.",
                    invoice=attempt.charge_invoice_id.name,
                    reference=attempt.reference,
                )
            )

    def _leave_payment_exception(self) -> None:
        """Go on as soon as no charge of the subscription is undecided."""
        for order in self.filtered("payment_exception"):
            if not order._get_undecided_charges():
                order.payment_exception = False

    def _get_undecided_charges(self):
        transactions_sudo = self.env["payment.transaction"].sudo()
        return transactions_sudo.search(
            [
                ("charge_outcome", "in", ("unknown", "mismatch")),
                ("charge_invoice_id.invoice_line_ids.subscription_id", "in", self.ids),
            ]
        )

    # === A PERSON'S WORD, AND A NEW CARD === #

    def write(self, vals: dict):
        decided = self.browse()
        if vals.get("payment_exception") is False:
            decided = self.filtered("payment_exception")
        renewed = self.browse()
        if token_id := vals.get("payment_token_id"):
            renewed = self.filtered(lambda order: order.payment_token_id.id != token_id)
        res = super().write(vals)
        decided._accept_persons_word()
        renewed._charge_failed_invoices()
        return res

    def _accept_persons_word(self) -> None:
        """Unticked: what the provider cannot tell counts as not charged. If it can, it is asked."""
        undecided = self._get_undecided_charges() if self else self.env["payment.transaction"]
        if not undecided:
            return
        undecided.filtered(
            lambda tx: tx.charge_outcome == "mismatch" or not tx._can_ask_provider()
        )._give_up_charge(self.env._("Decided by %s.", self.env.user.name))
        self._trigger_charges()

    def _charge_failed_invoices(self) -> None:
        """A new card pays what the old one could not. Invoices never charged are left alone."""
        if not self:
            return
        moves_sudo = self.env["account.move"].sudo()
        failed_sudo = moves_sudo.search(
            [
                ("invoice_line_ids.subscription_id", "in", self.ids),
                ("state", "=", "posted"),
                ("payment_state", "in", ("not_paid", "partial")),
                ("charge_ids.charge_outcome", "in", ("declined", "refused")),
            ]
        )
        failed_sudo._schedule_charge()

    def _update_next_invoice_date(self):
        before = {order: order.next_invoice_date for order in self}
        res = super()._update_next_invoice_date()
        for order in self.filtered("last_reminder_date"):
            if order.next_invoice_date != before[order]:
                order.last_reminder_date = False
        return res
