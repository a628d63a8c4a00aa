"""Invoice line values of rated usage. Builds, never writes."""

from decimal import Decimal

from odoo import api, models

from .. import engine
from ..engine.money import round_money
from ..engine.wording import money
from .draft import Bill, Draft

# Usage stands below the base fee, whatever sequence Odoo gave that.
FIRST_SEQUENCE = 1000


class BillingUsageLines(models.AbstractModel):
    """One line a charge and period; a difference for what was billed before."""

    _name = "fusion.billing.usage.lines"
    _description = "Usage Invoice Lines"

    @api.model
    def _prepare(self, draft: Draft) -> list[dict]:
        """Values of the lines, oldest period first. Lines of zero are left out.

        :raise engine.Invalid: a metric without a product to post on
        """
        lines = []
        for bill in draft.bills:
            for adjustment in bill.adjustments:
                sequence = FIRST_SEQUENCE + len(lines)
                lines.append(self._line(draft.order, bill, adjustment, sequence))
        return lines

    def _line(
        self,
        order: models.BaseModel,
        bill: Bill,
        adjustment: engine.Adjustment,
        sequence: int,
    ) -> dict:
        line = adjustment.line
        lang = order.partner_invoice_id.lang or "en_CA"
        trace = line.derivation
        name = engine.describe(trace, lang)
        quantity, price = self._factors(order, adjustment)
        if bill.claim:
            trace = {**trace, "adjustment": _adjustment_json(adjustment)}
            name = self.with_context(lang=lang).env._(
                "Adjustment: %(line)s, %(amount)s billed before",
                line=name,
                amount=money(
                    adjustment.billed_amount,
                    order.currency_id.name,
                    lang,
                    order.currency_id.decimal_places,
                ),
            )
        return {
            "name": name,
            "sequence": sequence,
            "product_id": self._product(order, line).id,
            "quantity": float(quantity),
            "price_unit": float(price),
            "discount": 0.0,
            "subscription_id": order.id,
            "x_fc_line_key": adjustment.key,
            "x_fc_period_start": bill.period.start,
            "x_fc_period_end": bill.period.end,
            "x_fc_trace": trace,
        }

    def _product(self, order: models.BaseModel, line: engine.RatedLine) -> models.BaseModel:
        """Of the charge's metric; of the service, or else of the plan, for a commitment."""
        if line.kind == "commitment":
            service_sudo = order.x_fc_service_id.sudo()
            return service_sudo.usage_product_id or order.plan_id.sudo().x_fc_product_id
        metrics_sudo = self.env["fusion.billing.metric"].sudo().with_context(active_test=False)
        metric_sudo = metrics_sudo.search(
            [
                ("service_id", "=", order.x_fc_service_id.id),
                ("code", "=", line.metric_code),
            ]
        )
        product_sudo = metric_sudo._get_product() if metric_sudo else self.env["product.product"]
        if not product_sudo:
            raise engine.Invalid.field(
                f"product of metric {line.metric_code}", "value_is_mandatory"
            )
        return product_sudo

    def _factors(
        self, order: models.BaseModel, adjustment: engine.Adjustment
    ) -> tuple[Decimal, Decimal]:
        """Quantity and unit price, when Odoo can store both and multiply them to the amount.

        A price like 0.0008 does not fit the database's price precision, tiers have no one price,
        and a product that is not whole cents, such as 1,287.5 × 0.05, would be summed unrounded
        where taxes are rounded globally (the Canadian chart), a cent away from the lines: then
        1 × the amount, and the description shows the calculation.
        """
        line = adjustment.line
        once = (Decimal(1), adjustment.amount)
        if line.unit_amount is None or adjustment.amount != line.amount:
            return once
        digits = self.env["decimal.precision"].precision_get
        quantity, price = line.billable_quantity, line.unit_amount
        fits = _fits(quantity, digits("Product Unit")) and _fits(price, digits("Product Price"))
        exact = quantity * price == line.amount
        return (quantity, price) if fits and exact else once


def _fits(number: Decimal, digits: int) -> bool:
    return round_money(number, digits) == number and abs(number) < 10**12


def _adjustment_json(adjustment: engine.Adjustment) -> dict[str, str]:
    """What the line adds to what was billed: the rest of the trace is the whole of it."""
    return {
        "billed_quantity": str(adjustment.billed_quantity),
        "billed_amount": str(adjustment.billed_amount),
        "quantity": str(adjustment.quantity),
        "amount": str(adjustment.amount),
    }
