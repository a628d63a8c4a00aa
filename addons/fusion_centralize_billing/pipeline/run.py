"""The billing run: who is due, in which order, and what became of each."""

import logging
from collections import Counter
from collections.abc import Callable
from datetime import date

import psycopg2

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import formatLang, html2plaintext

from .draft import Draft
from .invoice import Book
from .run_rest import run_line

_logger = logging.getLogger(__name__)

BATCH = 50


class BillingRunStage(models.AbstractModel):
    """Each order on its own due date, oldest first; a batch in one go, alone where that fails."""

    _inherit = "fusion.billing.invoice"

    @api.model
    def _run(
        self,
        services: models.BaseModel,
        as_of: date | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> models.BaseModel:
        """Bill what is due; return the `fusion.billing.run` that tells about it.

        Periods missed are billed one after another, each with its own due date as invoice date.
        Run again it finds nothing, except what was parked and is mended.

        :param as_of: bill what is due on or before this day; default: each order's own today
        :param progress: called after each batch with (orders done, orders left)
        """
        live = services.filtered(lambda service: service.mode == "live")
        for service in live:
            self.env["fusion.billing.subscribe"]._advance(service)
            self.env["fusion.billing.notices"]._tell(service)
        day = as_of or max((service._today() for service in services), default=None)
        run = self.env["fusion.billing.run"].create(
            {"as_of": day, "service_id": services.id if len(services) == 1 else False}
        )
        # Progress is committed here, a batch at a time, and not by the engine's inner loop.
        stage = self.with_context(ir_cron_progress_id=False)
        done = self.env["sale.order"]
        while orders := stage._next_due(live, day, done):
            due = orders[0].next_invoice_date
            batch = stage._claimable(orders, local=as_of is None)
            lines = stage._bill_batch(batch, due)
            stage._write_lines(run, lines)
            done |= orders.filtered(lambda order, due=due: order.next_invoice_date == due)
            if progress:
                progress(len(lines), stage._count_due(live, day, done))
        stage._write_lines(run, stage._bill_ended(live, day, done))
        stage._write_lines(run, stage._left_alone(live, day, done))
        return stage._finish(run)

    @api.model
    def _cron_run(self) -> None:
        """Every live service on the real clock, each order on its own local day."""
        services = self.env["fusion.billing.service"].search(
            [("mode", "=", "live"), ("test_clock", "=", False)]
        )
        if not services:
            return
        cron = self.env["ir.cron"]
        self._run(services, progress=lambda done, left: cron._commit_progress(done, remaining=left))

    # ------------------------------------------------------------------ who is due
    def _due_domain(self, services: models.BaseModel, day: date, done: models.BaseModel) -> Domain:
        """Odoo's own idea of a due contract, as of that day."""
        orders = self.env["sale.order"].with_context(billing_date=day)
        return orders._recurring_invoice_domain(
            [("x_fc_service_id", "in", services.ids), ("id", "not in", done.ids)]
        )

    def _count_due(self, services: models.BaseModel, day: date, done: models.BaseModel) -> int:
        return self.env["sale.order"].search_count(self._due_domain(services, day, done))

    def _next_due(
        self, services: models.BaseModel, day: date, done: models.BaseModel
    ) -> models.BaseModel:
        """The next orders of the oldest due date."""
        orders = self.env["sale.order"].search(
            self._due_domain(services, day, done), order="next_invoice_date, id", limit=BATCH
        )
        return orders.filtered(lambda order: order.next_invoice_date == orders[0].next_invoice_date)

    def _claimable(self, orders: models.BaseModel, local: bool) -> models.BaseModel:
        """Those whose period is over where the customer is, locked; not those another run holds.

        Toronto's midnight is not Vancouver's.
        """
        if local:
            orders = orders.filtered(
                lambda order: (
                    order.next_invoice_date <= order.x_fc_service_id._today(order.x_fc_tz or None)
                )
            )
        return orders.try_lock_for_update(allow_referencing=True)

    # ------------------------------------------------------------------ what becomes of them
    def _bill_batch(self, orders: models.BaseModel, day: date) -> list[dict]:
        """Run lines of these orders, all due on ``day``."""
        billable = self.env["fusion.billing.billable"]
        parked, ready = [], self.env["sale.order"]
        for order in orders:
            if reason := billable._obstacle(order, day):
                parked.append(run_line(order, "parked", reason))
            else:
                ready |= order
        billable._refresh_taxes(ready)
        return parked + self._bill_together(ready.with_context(billing_date=day))

    def _bill_together(self, orders: models.BaseModel) -> list[dict]:
        """All in one savepoint; if anything in it fails, one by one to find out which."""
        if not orders:
            return []
        try:
            with self.env.cr.savepoint():
                return self._invoice(orders)
        except psycopg2.OperationalError:
            raise  # a serialization failure or a deadlock is for Odoo's retry to see
        except Exception as error:  # noqa: BLE001  whatever stops one must not stop the others
            if len(orders) == 1:
                _logger.info("Subscription %s is parked: %r", orders.name, error)
                reason = self.env["fusion.billing.billable"]._reason(error)
                return [run_line(orders, "parked", reason)]
        return [line for order in orders for line in self._bill_together(order)]

    def _invoice(self, orders: models.BaseModel) -> list[dict]:
        """Rate, then let the recurring engine invoice; it decides about posting and charging."""
        before = {order: (order.next_invoice_date, order.message_ids[:1]) for order in orders}
        book = Book(self.env["fusion.billing.draft"].with_env(orders.env)._drafts(orders))
        corrected = self._credit_corrections(orders, book)
        moves = orders.with_context(fc_drafts=book)._create_recurring_invoice()
        by_order = {
            order.id: move for move in moves for order in move.invoice_line_ids.subscription_id
        }
        return corrected + [
            self._outcome(order, by_order.get(order.id), book[order.id], *before[order])
            for order in orders
        ]

    def _outcome(
        self,
        order: models.BaseModel,
        move: models.BaseModel | None,
        draft: Draft,
        due: date,
        last_message: models.BaseModel,
    ) -> dict:
        if move:
            names = ", ".join(draft.unpriced.mapped("name"))
            reason = names and self.env._("Used, but the plan has no price: %(names)s", names=names)
            return run_line(order, "invoiced", reason or False, move)
        if order.next_invoice_date != due:
            # No fee for this period, and so no invoice that could carry its usage.
            if usage := self._bill_rest(order, due):
                return run_line(order, "invoiced", False, usage)
            return run_line(order, "skipped", self.env._("Nothing to invoice for this period."))
        message = order.message_ids[:1]
        told = html2plaintext(message.body) if message != last_message else ""
        reason = told.strip() or self.env._("No invoice was made: see the subscription's log.")
        return run_line(order, "parked", reason)

    # ------------------------------------------------------------------ the record of it
    def _write_lines(self, run: models.BaseModel, lines: list[dict]) -> None:
        self.env["fusion.billing.run.line"].create([{**line, "run_id": run.id} for line in lines])

    def _finish(self, run: models.BaseModel) -> models.BaseModel:
        counts = Counter(run.line_ids.mapped("state"))
        invoices = run.line_ids.invoice_id
        totals = []
        for currency, moves in invoices.grouped("currency_id").items():
            amount = sum(moves.mapped("amount_untaxed_in_currency_signed"))
            text = formatLang(self.env, amount, digits=currency.decimal_places)
            totals.append(f"{currency.name} {text}")
        run.write(
            {
                "state": "done",
                "total": "\n".join(sorted(totals)),
                **{f"{state}_count": counts[state] for state in ("invoiced", "parked", "skipped")},
            }
        )
        return run
