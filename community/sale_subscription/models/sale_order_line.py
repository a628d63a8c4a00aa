import datetime
from decimal import Decimal
from fractions import Fraction

from odoo import api, fields, models

from .sale_order_period import KnownPeriods

# Decimals at which a unit price that cannot be exact is near enough for any invoice.
PRICE_DIGITS = 12


class SaleOrderLine(models.Model):
    """A recurring line is billed every period of its order."""

    _inherit = "sale.order.line"

    recurring_invoice = fields.Boolean(
        string="Recurring",
        compute="_compute_recurring_invoice",
        store=True,
        precompute=True,
        help="Billed every period: a subscription product on an order with a plan.",
    )
    parent_line_id = fields.Many2one(
        "sale.order.line",
        string="Line of Parent Contract",
        index="btree_not_null",
        copy=False,
        ondelete="set null",
    )
    last_invoiced_date = fields.Date(
        compute="_compute_last_invoiced_date",
        store=True,
        help="Last day that a posted invoice covers.",
    )

    # === COMPUTE METHODS === #

    # The product's flag is read once: unticking it must not turn running contracts off.
    @api.depends("product_id", "order_id.plan_id")
    def _compute_recurring_invoice(self) -> None:
        for line in self:
            line.recurring_invoice = bool(
                line.order_id.plan_id and line.product_id.recurring_invoice
            )

    @api.depends(
        "invoice_lines.deferred_end_date", "invoice_lines.parent_state", "recurring_invoice"
    )
    def _compute_last_invoiced_date(self) -> None:
        for line in self:
            days = [
                invoice_line.deferred_end_date
                for invoice_line in line._get_period_invoice_lines()
                if invoice_line.parent_state == "posted"
            ]
            line.last_invoiced_date = max(days, default=False)

    def _get_period_invoice_lines(self):
        """Invoice lines that bill a period of this line; credit notes are none."""
        return self.invoice_lines.filtered(
            lambda line: (
                line.deferred_end_date
                and line.move_id.move_type == "out_invoice"
                and line.parent_state != "cancel"
            )
        )

    @api.depends(
        "recurring_invoice",
        "order_id.subscription_state",
        "order_id.next_invoice_date",
        "order_id.start_date",
        "order_id.end_date",
        "order_id.plan_id",
        "invoice_lines.deferred_start_date",
        "invoice_lines.deferred_end_date",
        "invoice_lines.parent_state",
    )
    def _compute_qty_to_invoice(self):
        """For a recurring line: the quantity of the next period, 0 once that has an invoice.

        Invoiced quantities do not tell: they grow with every period, and a credit note lowers them
        again without anything being due. The dates on the invoice lines do.
        """
        res = super()._compute_qty_to_invoice()
        for line in self.filtered("recurring_invoice").with_context(known_periods=KnownPeriods()):
            if line.display_type or not line.order_id.is_subscription or line.state != "sale":
                continue
            line.qty_to_invoice = line._get_period_quantity()
        return res

    def _get_period_quantity(self) -> float:
        order = self.order_id
        if order.subscription_state != "3_progress" or not order.next_invoice_date:
            return 0.0
        period_start = self._get_invoice_line_parameters()[0]
        billed = self._get_period_invoice_lines()
        if any(
            line.deferred_start_date <= period_start <= line.deferred_end_date
            for line in billed
            if line.deferred_start_date
        ):
            return 0.0
        if self.product_id.invoice_policy == "order":
            return self.product_uom_qty
        return self.qty_delivered - sum(
            line.product_uom_id._compute_quantity(line.quantity, self.product_uom_id)
            for line in billed
        )

    @api.depends("order_id.next_invoice_date", "order_id.subscription_state")
    def _compute_invoice_status(self):
        """A period that is not due yet is nothing to invoice."""
        res = super()._compute_invoice_status()
        for line in self.filtered("recurring_invoice").with_context(known_periods=KnownPeriods()):
            if not line.order_id.is_subscription:
                continue
            waits = line.invoice_status == "to invoice" and not line.order_id._is_invoicing_due()
            if waits:
                line.invoice_status = "invoiced" if line.qty_invoiced else "no"
        return res

    @api.depends("order_id.plan_id")
    def _compute_pricelist_item_id(self):
        res = super()._compute_pricelist_item_id()
        # Odoo looks for no rule without a pricelist; a recurring price may do without one.
        for line in self.filtered("recurring_invoice"):
            if not line.display_type and not line.order_id.pricelist_id:
                line.pricelist_item_id = self.env["product.pricelist"]._get_product_rule(
                    product=line.product_id, **line._get_pricelist_kwargs()
                )
        return res

    @api.depends("order_id.plan_id")
    def _compute_price_unit(self):
        return super()._compute_price_unit()

    @api.depends("order_id.plan_id")
    def _compute_discount(self):
        return super()._compute_discount()

    def _get_pricelist_kwargs(self) -> dict:
        kwargs = super()._get_pricelist_kwargs()
        if self.recurring_invoice:
            kwargs["plan_id"] = self.order_id.plan_id.id
        return kwargs

    # === INVOICING === #

    def _is_postpaid_line(self) -> bool:
        """Whether the line is billed when its period is over."""
        return self.recurring_invoice and self.order_id.plan_id.bill_end_period

    def _get_invoice_line_parameters(self) -> tuple[datetime.date, datetime.date, Fraction, int]:
        """What the next invoice line of this recurring line covers.

        :return: first day, last day (included), the part of the full price to charge, and the
            number of days. The part is exact: 17 days of July are ``Fraction(17, 31)``. It is 1
            where the product is not prorated.
        """
        self.ensure_one()
        full_start, full_end = self.order_id._get_full_period()
        start, stop = self.order_id._get_invoicing_period()
        days = (stop - start).days + 1
        ratio = Fraction(days, (full_end - full_start).days)
        if not self.product_id.allow_prorated_price:
            ratio = Fraction(1)
        return start, stop, ratio, days

    def _prepare_invoice_line(self, **optional_values) -> dict:
        values = super()._prepare_invoice_line(**optional_values)
        order = self.order_id
        contract = order._get_contract()
        if not self.recurring_invoice or not contract or self.display_type:
            return values
        start, stop, ratio, _days = self._get_invoice_line_parameters()
        known = order._get_known_periods()
        values["name"] = self.env._(
            "%(line)s\n%(period)s %(start)s to %(stop)s",
            line=values["name"],
            period=order.plan_id.billing_period_display,
            start=known.day(self.env, start),
            stop=known.day(self.env, stop),
        )
        if self.product_id.type == "combo":
            return values
        values.update(
            deferred_start_date=start, deferred_end_date=stop, subscription_id=contract.id
        )
        if ratio != 1:
            values["price_unit"] = self._get_prorated_price(values, Fraction(ratio))
        return values

    def _get_prorated_price(self, values: dict, ratio: Fraction) -> float:
        """Unit price that makes the line amount the full amount × ratio, rounded once.

        The fewest decimals that give exactly that amount are used, so that one unit of
        27.4140322… is written as 27.41, and a thousand units keep the digits they need. Exactly,
        because Odoo sums unrounded lines where taxes are rounded globally: 2 × 19.993 would be
        39.99 on its line and 39.986 in the total.
        """
        quantity = Decimal(repr(values["quantity"]))
        net = quantity * (1 - Decimal(repr(values["discount"])) / 100)
        price = Fraction(Decimal(repr(values["price_unit"]))) * ratio
        rounding = self.currency_id or self.company_id.currency_id
        cent = Decimal(1).scaleb(-rounding.decimal_places)
        amount = _quantize(price * Fraction(net), cent)
        if not net:
            return float(price)
        share = Fraction(amount) / Fraction(net)
        for digits in range(rounding.decimal_places, PRICE_DIGITS):
            candidate = _quantize(share, Decimal(1).scaleb(-digits))
            if candidate * net == amount:
                return float(candidate)
        return float(_quantize(share, Decimal(1).scaleb(-PRICE_DIGITS)))


def _quantize(value: Fraction, unit: Decimal) -> Decimal:
    """Round an exact fraction half away from zero to a multiple of the unit."""
    scaled = value / Fraction(unit)
    sign = -1 if scaled < 0 else 1
    units = sign * ((abs(scaled) + Fraction(1, 2)) // 1)
    return int(units) * unit
