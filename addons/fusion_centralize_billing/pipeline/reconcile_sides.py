"""Both sides of a dual run as the engine compares them. Reads only."""

from datetime import date
from decimal import Decimal
from typing import Any

from odoo import api, models

from ..engine import BilledInvoice, BilledLine, D, Invalid, Period, round_money
from .gate import to_decimal

ONE = Decimal(1)


class BillingReconcileSides(models.AbstractModel):
    """What the app billed, from its own record; what we bill, from invoices or a preview."""

    _name = "fusion.billing.reconcile.sides"
    _description = "Two Sides of a Dual Run"

    @api.model
    def _app(self, invoices: models.BaseModel) -> BilledInvoice:
        """The app's invoices of one period as one."""
        lines = [
            BilledLine(
                line.kind,
                line.code or "",
                D(line.told["amount"]),
                D(line.told["quantity"]) if "quantity" in line.told else None,
                D(line.told["unit_amount"]) if "unit_amount" in line.told else None,
            )
            for line in invoices.line_ids
        ]
        first = invoices[0]
        period = Period(first.period_start, first.period_end)
        return BilledInvoice(first.currency_id.name, period, tuple(lines))

    @api.model
    def _our(self, order: models.BaseModel, period: Period) -> BilledInvoice | None:
        """Ours that falls due on the period's end: posted when live, a preview in shadow."""
        if order.x_fc_service_id.mode == "live" and not order.x_fc_shadow:
            moves = self._posted(order, period)
        else:
            moves = self._previewed(order, period.end)
        lines: list[BilledLine] = []
        for move in moves:
            sign = -1 if move.move_type == "out_refund" else 1
            own = move.invoice_line_ids.filtered(lambda line: line.display_type == "product")
            # What others bought on the same invoice is not this subscription's.
            own = own.filtered(lambda line: line.subscription_id in (order, order.browse()))
            for line in own:
                lines += _lines(line, sign)
            lines += _taxes(move, sign)
        if not moves:
            return None
        return BilledInvoice(moves[0].currency_id.name, period, tuple(lines))

    def _posted(self, order: models.BaseModel, period: Period) -> models.BaseModel:
        lines_sudo = self.env["account.move.line"].sudo()
        return lines_sudo.search(
            [
                ("subscription_id", "=", order.id),
                ("parent_state", "=", "posted"),
                ("move_id.move_type", "in", ("out_invoice", "out_refund")),
                ("move_id.invoice_date", ">", period.start),
                ("move_id.invoice_date", "<=", period.end),
            ]
        ).move_id

    def _previewed(self, order: models.BaseModel, day: date) -> models.BaseModel:
        """In memory alone; nothing where the run would park it, or where it is over by then."""
        billable = self.env["fusion.billing.billable"]
        if billable._no_address(order, day) or billable._no_rate(order, day):
            return self.env["account.move"].sudo()
        try:
            preview = self.env["fusion.billing.preview"]._preview(order, day)
        except Invalid:
            return self.env["account.move"].sudo()
        return preview.move if preview.day == day else self.env["account.move"].sudo()


def _lines(line: models.BaseModel, sign: int) -> list[BilledLine]:
    trace: dict[str, Any] = line.x_fc_trace or {}
    amount = sign * to_decimal(line.price_subtotal)
    if trace.get("charge") and "adjustment" not in trace:
        properties = trace["charge"].get("properties", {})
        priced = trace["charge"].get("model") in ("quota", "standard")
        return [
            BilledLine(
                "usage",
                trace["charge"]["metric_code"],
                amount,
                sign * D(trace["quantity"]),
                D(properties["unit_price"]) if priced else None,
                D(properties.get("included_quantity", "0")),
            )
        ]
    if line.x_fc_line_key:
        return [BilledLine("other", line.x_fc_line_key, amount)]
    if amount * sign < 0:
        return [BilledLine("discount", "", amount)]
    return _fee(line, amount, sign)


def _fee(line: models.BaseModel, amount: Decimal, sign: int) -> list[BilledLine]:
    """A base fee, and what is taken off it as a discount of its own."""
    quantity, price = sign * to_decimal(line.quantity), to_decimal(line.price_unit)
    if not line.discount:
        return [BilledLine("base", "", amount, quantity, price)]
    whole = round_money(quantity * price, line.currency_id.decimal_places)
    return [
        BilledLine("base", "", whole, quantity, price),
        BilledLine("discount", "", amount - whole),
    ]


def _taxes(move: models.BaseModel, sign: int) -> list[BilledLine]:
    """One line a tax group, as the invoice shows it; computed by Odoo."""
    places = move.currency_id.decimal_places
    return [
        BilledLine(
            "tax",
            group["group_name"],
            sign * round_money(to_decimal(group["tax_amount_currency"]), places),
        )
        for subtotal in (move.tax_totals or {}).get("subtotals", ())
        for group in subtotal["tax_groups"]
    ]
