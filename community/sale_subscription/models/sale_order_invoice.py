import logging

import psycopg2

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_date, html2plaintext, split_every

from .invoice_batch import InvoicingRun
from .sale_order_period import ONE_DAY, KnownPeriods

_logger = logging.getLogger(__name__)


class SaleOrder(models.Model):
    """What is due, and the run that invoices it."""

    _inherit = "sale.order"

    # === WHAT IS DUE === #

    def _recurring_invoice_domain(self, extra_domain=None) -> Domain:
        """Subscriptions that the scheduled run invoices today.

        Left out: those that wait for the customer's own payment (``require_payment``), whose last
        charge has an unknown outcome, that are fully invoiced up to their end date, and those with
        a draft invoice for the period: it has to be posted or deleted first.
        """
        self.env["sale.order"].flush_model(["end_date", "next_invoice_date", "plan_id"])
        self.env["sale.subscription.claim"].flush_model()
        # In arrears the period began one length before its due date. Months make that inexact by
        # three days at most, and the draft of an older period is a whole length away.
        nothing_to_do = SQL(
            """(
            SELECT o.id
              FROM sale_order o
              JOIN sale_subscription_plan p ON p.id = o.plan_id
             WHERE o.next_invoice_date
                   > o.end_date + CASE WHEN p.bill_end_period THEN 1 ELSE 0 END
            UNION ALL
            SELECT o.id
              FROM sale_order o
              JOIN sale_subscription_plan p ON p.id = o.plan_id
              JOIN sale_subscription_claim c ON c.order_id = o.id
              JOIN account_move m ON m.id = c.move_id AND m.state = 'draft'
             WHERE c.period_start >= o.next_invoice_date - CASE
                   WHEN p.bill_end_period
                   THEN (p.billing_period_value || ' ' || p.billing_period_unit)::interval
                   ELSE interval '0' END
            )"""
        )
        return Domain(
            [
                ("is_subscription", "=", True),
                ("state", "=", "sale"),
                ("subscription_state", "=", "3_progress"),
                ("next_invoice_date", "<=", self._get_billing_today()),
                ("payment_exception", "=", False),
                ("require_payment", "=", False),
                ("id", "not in", nothing_to_do),
            ]
        ) & Domain(extra_domain or Domain.TRUE)

    def _is_invoicing_due(self) -> bool:
        """Whether the recurring lines of this order may be invoiced today."""
        self.ensure_one()
        if self.subscription_state != "3_progress" or not self.next_invoice_date:
            return False
        start, stop = self._get_invoicing_period()
        return self.next_invoice_date <= self._get_billing_today() and start <= stop

    def _get_invoiceable_lines(self, final: bool = False):
        """Recurring lines only when their period is due; one-off lines as Odoo finds them."""
        lines = super()._get_invoiceable_lines(final)
        if not self.is_subscription or self._is_invoicing_due():
            return lines
        return lines.filtered(lambda line: not line.recurring_invoice)

    def _prepare_invoice(self) -> dict:
        values = super()._prepare_invoice()
        if self.is_subscription and self.env.context.get("billing_date"):
            values["invoice_date"] = self._get_billing_today()
            if not self.payment_term_id:
                # Without terms an invoice is due at once, which Odoo takes for the real today.
                values["invoice_date_due"] = values["invoice_date"]
        return values

    def _create_invoices(self, grouped: bool = False, final: bool = False, date=None):
        """A subscription always has its own invoice, and each invoice claims its period."""
        subscriptions = self.filtered("is_subscription")
        if not subscriptions:
            return super()._create_invoices(grouped=grouped, final=final, date=date)
        moves = super(SaleOrder, subscriptions)._create_invoices(
            grouped=True, final=final, date=date
        )
        claims_sudo = self.env["sale.subscription.claim"].sudo()
        claims_sudo._claim_periods(moves)
        if others := self - subscriptions:
            moves |= super(SaleOrder, others)._create_invoices(
                grouped=grouped, final=final, date=date
            )
        return moves

    # === THE RUN === #

    @api.model
    def _cron_recurring_create_invoice(self) -> None:
        """Daily: invoice what is due, one period each, in batches that are committed as they go.

        A run that is killed has lost one batch at most; the next one goes on from there.
        """
        self._refresh_due_invoice_status()
        self._create_recurring_invoice()

    def _create_recurring_invoice(self, batch_size: int = 100):
        """Invoice one period of each due subscription in self, or of all due ones.

        A batch is made in one go; if that fails, one by one, and those that fail alone keep the
        reason in their chatter. Subscriptions that another run works on are left to it.

        :return: the invoices (`account.move`)
        """
        extra = [("id", "in", self.ids)] if self else None
        due = self.search(self._recurring_invoice_domain(extra), order="next_invoice_date, id")
        moves = self.env["account.move"]
        in_cron = bool(self.env.context.get("ir_cron_progress_id"))
        if in_cron:
            self.env["ir.cron"]._commit_progress(remaining=len(due))
        for ids in split_every(batch_size, due.ids):
            batch = self.browse(ids).try_lock_for_update(allow_referencing=True)
            moves |= batch._invoice_batch()
            if in_cron and not self.env["ir.cron"]._commit_progress(len(ids)):
                break
        return moves

    def _invoice_batch(self):
        if not self:
            return self.env["account.move"]
        try:
            with self.env.cr.savepoint():
                return self._invoice_period()
        except psycopg2.OperationalError:
            raise  # a serialization failure or a deadlock: for the caller to retry
        except Exception as error:  # noqa: BLE001  one bad subscription must not stop the others
            if len(self) == 1:
                self._park_recurring_invoice(error)
                return self.env["account.move"]
        moves = self.env["account.move"]
        for order in self:
            moves |= order._invoice_batch()
        return moves

    def _invoice_period(self):
        """Draft, claim and process one invoice for each order of self."""
        run = InvoicingRun(self.env)
        self.order_line.fetch(["invoice_lines", "tax_ids"])
        moves = self.with_context(
            raise_if_nothing_to_invoice=False, subscription_run=run, known_periods=KnownPeriods()
        )._create_invoices(grouped=True)
        moves = moves.with_context(subscription_run=False, known_periods=False)
        move_by_order = {
            order: move for move in moves for order in move.invoice_line_ids.sale_line_ids.order_id
        }
        self._process_auto_invoices(moves, move_by_order, run)
        for order in self:
            move = move_by_order.get(order)
            if not move or order not in move.invoice_line_ids.subscription_id:
                order._pass_free_period()
        return moves

    def _process_auto_invoice(self, invoice) -> None:
        """Post the invoice of a period, and queue its e-mail if the plan has a template for it.

        Hook: an override that does not call super leaves the invoice in draft, and the date of the
        next invoice where it is.
        """
        self.ensure_one()
        invoice.action_post()
        self._queue_invoice_email(invoice)

    def _queue_invoice_email(self, invoice) -> None:
        if self.plan_id.invoice_mail_template_id:
            author = self.env.user
            invoice.sending_data = {
                "author_user_id": author.id,
                "author_partner_id": author.partner_id.id,
            }
            send_cron_sudo = self.env.ref("account.ir_cron_account_move_send").sudo()
            send_cron_sudo._trigger()

    def _post_invoice_hook(self) -> None:
        """Hook: called on the subscriptions of an invoice once it is posted."""

    def _pass_free_period(self) -> None:
        """Nothing to invoice (nothing delivered, say): go to the next period and say so."""
        self.ensure_one()
        if not self._is_invoicing_due():
            return
        start, stop = self._get_invoicing_period()
        claims_sudo = self.env["sale.subscription.claim"].sudo()
        if claims_sudo.search_count([("order_id", "=", self.id), ("period_start", "=", start)]):
            raise UserError(
                self.env._(
                    "The period that starts on %(date)s already has an invoice.",
                    date=format_date(self.env, start),
                )
            )
        self.next_invoice_date = self._get_due_date(stop + ONE_DAY)
        self.message_post(
            body=self.env._(
                "Automatic renewal succeeded. Free subscription. Next invoice: %(date)s. No email"
                " sent.",
                date=format_date(self.env, self.next_invoice_date),
            )
        )

    def _park_recurring_invoice(self, error: Exception) -> None:
        """Keep the reason where a person looks for it; say the same thing once, not every day."""
        self.ensure_one()
        _logger.info("Subscription %s was not invoiced: %r", self.name, error)
        if isinstance(error, psycopg2.Error):
            reason = self.env["sale.subscription.claim"]._sql_error_to_message(error)
        else:
            reason = str(error.args[0] if error.args else error) or type(error).__name__
        body = self.env._("The recurring invoice could not be made: %(reason)s", reason=reason)
        if _words(body) != _words(html2plaintext(self.message_ids[:1].body or "")):
            self.message_post(body=body)

    @api.model
    def _refresh_due_invoice_status(self) -> None:
        """A period falls due by the passing of time, which no stored compute can see."""
        due = self.search(
            [
                ("subscription_state", "=", "3_progress"),
                ("next_invoice_date", "<=", self._get_billing_today()),
                ("invoice_status", "!=", "to invoice"),
            ]
        )
        lines = due.order_line
        self.env.add_to_compute(lines._fields["invoice_status"], lines)


def _words(text: str) -> list[str]:
    return text.split()
