"""What a subscription's invoice would say, for any subscription and any day. Writes nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from odoo import Command, api, models

from .. import engine
from .counted import Counted, Span
from .draft import Bill, Draft
from .gate import to_decimal
from .invoice import Book

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PreviewLine:
    """A line of the invoice. ``key`` is '' for a base fee, ``trace`` explains the others."""

    name: str
    key: str
    quantity: Decimal
    price_unit: Decimal
    amount: Decimal
    trace: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Preview:
    """The invoice of ``day``: untaxed lines, what each tax adds, and the total. ``move`` is Odoo's
    own, in memory only."""

    order: models.BaseModel
    day: date
    currency: models.BaseModel
    lines: list[PreviewLine]
    taxes: dict[str, Decimal]
    move: models.BaseModel

    @property
    def untaxed(self) -> Decimal:
        return sum((line.amount for line in self.lines), Decimal(0))

    @property
    def tax(self) -> Decimal:
        return sum(self.taxes.values(), Decimal(0))

    @property
    def total(self) -> Decimal:
        return self.untaxed + self.tax


class BillingPreview(models.AbstractModel):
    """The run's own stages up to the line values, then Odoo's own invoice, in memory only."""

    _name = "fusion.billing.preview"
    _description = "Invoice Preview"

    @api.model
    def _preview(self, order: models.BaseModel, at: date | None = None) -> Preview:
        """The invoice of the first billing date on or after ``at``, with the usage known now.

        For the next due date it is what the run would make, late corrections included. For any
        other day it is that period's fee and usage, as if nothing of it had been billed. In shadow
        too, where charges are found by the plan's code.

        :param at: a local day; default: the next due date
        :raise engine.Invalid: no plan or start date, or a charge that cannot be priced
        """
        if not (order.plan_id and order.start_date):
            raise engine.Invalid.field("plan_code", "value_is_mandatory")
        order_sudo = order.sudo()
        order_sudo.env.flush_all()
        day = self._due_on(order_sudo, at)
        book = Book({order_sudo.id: self._draft(order_sudo, day)})
        with self._as_due(order_sudo, day):
            # In the customer's language, as Odoo makes the invoice itself.
            told = order_sudo.with_context(
                billing_date=day, fc_drafts=book, lang=order_sudo.partner_invoice_id.lang
            )
            move = self._move(told, day)
            return self._told(order_sudo, day, move)

    # ------------------------------------------------------------------ which invoice
    def _due_on(self, order: models.BaseModel, at: date | None) -> date:
        """The billing date: a boundary of the order's periods, or the day after its end."""
        if not at and order.next_invoice_date:
            return order.next_invoice_date
        day = max(at or order.start_date, order.start_date)
        if day == order.start_date and not order.plan_id.bill_end_period:
            return day
        period = self.env["fusion.billing.draft"]._period(
            order, max(day - ONE_DAY, order.start_date)
        )
        last = order.end_date and order.end_date + ONE_DAY
        return min(period.end, last) if last and last > period.start else period.end

    @contextmanager
    def _as_due(self, order: models.BaseModel, day: date) -> Iterator[None]:
        """The order as it will be on its due date: in the cache, and never in the database."""
        field = order._fields["next_invoice_date"]
        known = order.next_invoice_date
        field._update_cache(order, day)
        try:
            yield
        finally:
            field._update_cache(order, known)

    # ------------------------------------------------------------------ usage
    def _draft(self, order: models.BaseModel, day: date) -> Draft:
        stage = self.env["fusion.billing.draft"]
        if self._is_next(order, day):
            return stage._drafts(order.with_context(billing_date=day), until=day)[order.id]
        metrics_sudo = self.env["fusion.billing.metric"].sudo()
        draft = Draft(order, metrics_sudo)
        draft.bills = [self._bill(order, period) for period in self._closed(order, day)]
        return draft

    def _is_next(self, order: models.BaseModel, day: date) -> bool:
        """Whether the run would bill exactly this."""
        live = order.x_fc_service_id.mode == "live" and order.subscription_state != "7_upsell"
        return bool(live and order.state == "sale" and order.next_invoice_date == day)

    def _closed(self, order: models.BaseModel, day: date) -> list[engine.Period]:
        """The days whose usage is due on ``day``; none on the first."""
        if day <= order.start_date:
            return []
        full = self.env["fusion.billing.draft"]._period(order, day - ONE_DAY)
        return [engine.Period(max(full.start, order.start_date), day)]

    def _bill(self, order: models.BaseModel, period: engine.Period) -> Bill:
        rate = self.env["fusion.billing.rate"]
        span = Span(order.id, period)
        counted = rate._counted([span])[span]
        self._price_by_code(order, counted)
        full = rate._full(order, period)
        rated = rate._rate_span(order, counted, full)
        rated += self.env["fusion.billing.commitment"]._lines(order, period, full, rated)
        return Bill(period, rated, self.env["fusion.billing.period"].sudo(), {}, full)

    def _price_by_code(self, order: models.BaseModel, counted: Counted) -> None:
        """Before go-live no charge has a plan yet: the app's code finds them."""
        if order.x_fc_service_id.mode == "shadow":
            rate = self.env["fusion.billing.rate"]
            charges = rate._named(order, rate._charges_by_code(order))
            counted.price_lists[rate._price_key(order)] = [own._to_engine() for own in charges]

    # ------------------------------------------------------------------ the invoice
    def _move(self, order: models.BaseModel, day: date) -> models.BaseModel:
        """Odoo's invoice with these lines, as a record that exists in memory alone."""
        moves_sudo = self.env["account.move"].sudo().with_company(order.company_id)
        position = (
            self.env["account.fiscal.position"]
            .sudo()
            .with_company(order.company_id)
            ._get_fiscal_position(order.partner_id, order.partner_shipping_id)
        )
        values = order._prepare_invoice() | {"fiscal_position_id": position.id}
        fees = [Command.create(vals) for vals in self._fees(order, day, position)]
        values["invoice_line_ids"] = fees + values["invoice_line_ids"]
        return moves_sudo.new(values)

    def _fees(self, order: models.BaseModel, day: date, position: models.BaseModel) -> list[dict]:
        """Recurring fees, unless the contract is over by then."""
        last = order.end_date
        covered = day - ONE_DAY if order.plan_id.bill_end_period else day
        if (last and covered > last) or (order.plan_id.bill_end_period and day <= order.start_date):
            return []
        fees = []
        for line in order.order_line.filtered(lambda line: line.recurring_invoice):
            vals = line._prepare_invoice_line(quantity=line.product_uom_qty)
            if position != order.fiscal_position_id:
                # The run follows a customer who moved, see `_refresh_taxes`.
                taxes = line.product_id.taxes_id._filter_taxes_by_company(order.company_id)
                vals["tax_ids"] = [Command.set(position.map_tax(taxes).ids)]
            fees.append(vals)
        return fees

    def _told(self, order: models.BaseModel, day: date, move: models.BaseModel) -> Preview:
        lines = [
            PreviewLine(
                name=line.name,
                key=line.x_fc_line_key or "",
                quantity=to_decimal(line.quantity),
                price_unit=to_decimal(line.price_unit),
                amount=to_decimal(line.price_subtotal),
                trace=line.x_fc_trace or None,
            )
            for line in move.invoice_line_ids
        ]
        return Preview(order, day, order.currency_id, lines, self._taxes(move), move)

    def _taxes(self, move: models.BaseModel) -> dict[str, Decimal]:
        """``{tax group: amount}`` as the invoice would show them."""
        totals, places = move.tax_totals or {}, move.currency_id.decimal_places
        return {
            group["group_name"]: engine.round_money(
                to_decimal(group["tax_amount_currency"]), places
            )
            for subtotal in totals.get("subtotals", ())
            for group in subtotal["tax_groups"]
        }
