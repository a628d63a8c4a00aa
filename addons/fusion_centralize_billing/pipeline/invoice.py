"""Usage on invoices: lines through Odoo's own hooks, and a claim for every period billed."""

from collections.abc import Mapping
from datetime import date, timedelta

from odoo import Command, api, models

from .credit import SETTLEMENTS
from .draft import Bill, Draft


class Book(dict):
    """Drafts by order id on their way through Odoo's invoicing, as one context value."""

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return self is other


class BillingInvoice(models.AbstractModel):
    """Puts usage on the subscription's invoice. Base fees, taxes and posting are Odoo's.

    Draft before (one statement for a batch), lines while Odoo builds, claims after, all in one
    transaction: a run that is killed leaves nothing, and of two runs that meet the unique index
    on (subscription, period start) lets one through.
    """

    _name = "fusion.billing.invoice"
    _description = "Usage Invoicing"

    @api.model
    def _with_drafts(self, orders: models.BaseModel) -> tuple[models.BaseModel, Book]:
        """The orders, with what they have to bill in their context, and that book itself."""
        given = orders.env.context.get("fc_drafts")
        drafts = self.env["fusion.billing.draft"].with_env(orders.env)
        book = given if given is not None else Book(drafts._drafts(orders))
        return orders.with_context(fc_drafts=book), book

    @api.model
    def _usage_line_vals(self, order: models.BaseModel) -> list[dict]:
        """Line values of what the order's invoice being made has to bill; else none.

        Odoo also prepares invoice values for previews and down payments: without a book of
        drafts nothing is claimed afterwards, so nothing is billed here.
        """
        draft = (order.env.context.get("fc_drafts") or {}).get(order.id)
        return self.env["fusion.billing.usage.lines"]._prepare(draft) if draft else []

    @api.model
    def _claim(self, drafts: Mapping[int, Draft], moves: models.BaseModel) -> None:
        """Record what these invoices bill. The unique index refuses a period billed elsewhere.

        :raise psycopg2.errors.UniqueViolation: another run was first
        """
        by_order = {
            order.id: move
            for move in moves
            for order in move.line_ids.sale_line_ids.order_id | move.line_ids.subscription_id
        }
        for order_id, draft in drafts.items():
            if order_id in by_order:
                self._record(draft, by_order[order_id])

    def _record(self, draft: Draft, move: models.BaseModel) -> None:
        periods_sudo = self.env["fusion.billing.period"].sudo()
        fresh = [bill for bill in draft.bills if not bill.claim]
        periods_sudo.create([self._prepare_claim(draft, bill, move) for bill in fresh])
        periods_sudo.flush_model()
        for bill in draft.bills:
            if bill.claim:
                bill.claim.write({"billed": bill.billed_after, "dirty": False})

    def _prepare_claim(self, draft: Draft, bill: Bill, move: models.BaseModel) -> dict:
        return {
            "subscription_id": draft.order.id,
            "service_id": draft.order.x_fc_service_id.id,
            "start": bill.period.start,
            "end": bill.period.end,
            "full_start": bill.full.start,
            "full_end": bill.full.end,
            "state": "billed",
            "invoice_id": move.id,
            "billed": bill.billed_after,
        }

    @api.model
    def _release(self, moves: models.BaseModel) -> None:
        """Give back what these invoices claimed: they are cancelled or deleted, not credited.

        A period they billed first is open again; one they only adjusted is as it was before.
        """
        periods_sudo = self.env["fusion.billing.period"].sudo()
        own_sudo = periods_sudo.search([("invoice_id", "in", moves.ids)])
        for line in moves.invoice_line_ids.filtered("x_fc_line_key"):
            before = (line.x_fc_trace or {}).get("adjustment")
            claim_sudo = periods_sudo.search(
                [
                    ("subscription_id", "=", line.subscription_id.id),
                    ("start", "=", line.x_fc_period_start),
                    ("id", "not in", own_sudo.ids),
                ]
            )
            if before and claim_sudo:
                entry = {
                    **claim_sudo.billed[line.x_fc_line_key],
                    "quantity": before["billed_quantity"],
                    "amount": before["billed_amount"],
                }
                billed = {**claim_sudo.billed, line.x_fc_line_key: entry}
                claim_sudo.write({"billed": billed, "dirty": True})
        own_sudo.unlink()

    @api.model
    def _bill_final(self, order: models.BaseModel, end: date) -> models.BaseModel:
        """Bill what is left of a subscription that ends: everything before the local day ``end``.

        What is due by then is billed as on any other day, then the last, partial period's usage
        on an invoice of its own (a credit note where corrections exceed it). In arrears the last
        base fee is due too, for its days. What was billed ahead is credited, if the order says so.
        Repeatable: a second call finds nothing to bill and nothing to credit.

        :return: the invoices, posted
        """
        order = order.with_context(billing_date=end - timedelta(days=1))
        moves = self.env["account.move"]
        obstacle = self.env["fusion.billing.billable"]._obstacle(order, end - timedelta(days=1))
        if obstacle or order.state != "sale":
            # Not lost: the billing run finds ended subscriptions and says what is in the way.
            return moves
        if order.plan_id.bill_end_period:
            order.end_date = min(order.end_date or end, end - timedelta(days=1))
            order = order.with_context(billing_date=end)
        while (due := order.next_invoice_date) and due <= order.env.context["billing_date"]:
            moves |= order.with_context(billing_date=due)._create_recurring_invoice()
            if order.next_invoice_date == due:
                break
        return moves | self._bill_rest(order, end)

    @api.model
    def _bill_rest(self, order: models.BaseModel, end: date) -> models.BaseModel:
        """An invoice of usage alone, for what no recurring invoice will carry any more."""
        stage = self.env["fusion.billing.draft"].with_env(order.env)
        drafts = stage._drafts(order, until=end)
        draft = drafts[order.id]
        order = order.with_context(fc_drafts=Book(drafts))
        lines = self._usage_line_vals(order)
        values = order._prepare_invoice()
        if sum(line["quantity"] * line["price_unit"] for line in lines) < 0:
            values["move_type"] = "out_refund"
            lines = [{**line, "price_unit": -line["price_unit"]} for line in lines]
        values["invoice_line_ids"] = [Command.create(line) for line in lines]
        moves_sudo = self.env["account.move"].sudo().with_company(order.company_id)
        move = moves_sudo.create(values) if lines else moves_sudo.browse()
        self._record(draft, move)
        if move:
            move.action_post()
            self._schedule_charge(move.with_context(billing_date=values.get("invoice_date")))
        if order.x_fc_termination_credit in SETTLEMENTS:
            self.env["fusion.billing.credit"]._credit_unused(
                order, end, order.x_fc_termination_credit
            )
        return move

    def _schedule_charge(self, move: models.BaseModel) -> None:
        """Have the saved card charged, as for a recurring invoice, where the edition can.

        Charging is the edition's: who is charged on a test clock, when, and how often.
        """
        chargeable = move.move_type == "out_invoice" and hasattr(move, "_schedule_charge")
        if chargeable and move.x_fc_service_id.sudo().mode == "live":
            move._schedule_charge()

    @api.model
    def _announce(self, moves: models.BaseModel) -> None:
        """Tell each service's app about its new invoices: `invoice.created`, in the outbox.

        A document that reverses another one is no invoice to the app.
        """
        for move in moves.filtered(
            lambda move: (
                move.x_fc_service_id and move.is_sale_document() and not move.reversed_entry_id
            )
        ):
            self.env["fusion.billing.outbox"]._emit(
                move.x_fc_service_id.sudo(),
                "invoice.created",
                "invoice",
                self.env["fusion.billing.serialize"]._invoice(move, full=True),
            )
