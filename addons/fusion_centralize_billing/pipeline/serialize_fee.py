"""Lago's fees and billing periods: the lines of an invoice.

A usage line carries the derivation it was rated with (``x_fc_trace``), so quantities and units
come from there, exactly as they were priced. What else stands on the invoice is the base fee.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from odoo import models

from .gate import to_decimal
from .serialize_details import amount_details


class BillingSerializeFee(models.AbstractModel):
    _inherit = "fusion.billing.serialize"

    def _invoice_details(
        self, move_sudo: models.BaseModel, link_sudo: models.BaseModel
    ) -> dict[str, Any]:
        """What Lago adds to an invoice outside lists."""
        lines = move_sudo.invoice_line_ids.filtered(lambda line: line.display_type == "product")
        lines = lines.sorted(lambda line: (line.sequence, line.id))
        orders = lines.subscription_id.filtered("x_fc_service_id")
        return {
            "customer": self._customer(link_sudo) if link_sudo else None,
            "billing_periods": [self._billing_period(order, lines) for order in orders],
            "subscriptions": [self._subscription(order, plan=False) for order in orders],
            "fees": [self._fee(line, link_sudo) for line in lines],
            "credits": [],
            "error_details": [],
            "applied_invoice_custom_sections": [],
        }

    def _fee(self, line_sudo: models.BaseModel, link_sudo: models.BaseModel) -> dict[str, Any]:
        """One invoice line."""
        order_sudo = line_sudo.subscription_id
        charge_sudo = self._charge_of(line_sudo)
        return {
            "lago_id": self._id("fee", line_sudo),
            "lago_charge_id": self._id("charge", charge_sudo),
            "lago_charge_filter_id": self._bucket_id(line_sudo, charge_sudo),
            "lago_fixed_charge_id": None,
            "lago_invoice_id": self._id("invoice", line_sudo.move_id),
            "lago_true_up_fee_id": None,
            "lago_true_up_parent_fee_id": self._true_up_parent(line_sudo),
            "lago_original_fee_id": None,
            "lago_subscription_id": self._id("subscription", order_sudo),
            "external_subscription_id": order_sudo.x_fc_external_id or None,
            "lago_customer_id": self._id("customer", link_sudo),
            "external_customer_id": link_sudo.external_id or None,
            "item": self._fee_item(line_sudo, charge_sudo),
            "pay_in_advance": not charge_sudo and not order_sudo.plan_id.bill_end_period,
            "invoiceable": True,
            "description": line_sudo.name or None,
            **self._fee_amounts(line_sudo),
            "payment_status": self._payment_status(line_sudo.move_id),
            "created_at": self._instant(line_sudo.create_date),
            "succeeded_at": None,
            "failed_at": None,
            "refunded_at": None,
            "amount_details": amount_details(line_sudo.x_fc_trace),
            "self_billed": False,
            "pricing_unit_details": None,
            "presentation_breakdowns": [],
            **self._fee_dates(line_sudo),
        }

    def _fee_amounts(self, line_sudo: models.BaseModel) -> dict[str, Any]:
        """Cents, and the same as exact decimals in major units."""
        currency = line_sudo.currency_id
        net = to_decimal(line_sudo.price_subtotal)
        tax = to_decimal(line_sudo.price_total) - net
        rates = line_sudo.tax_ids.flatten_taxes_hierarchy().mapped("amount")
        trace = line_sudo.x_fc_trace or {}
        # An adjustment bills only the difference to what its period had billed before.
        change = trace.get("adjustment") or trace
        units = Decimal(change.get("quantity") or repr(line_sudo.quantity))
        return {
            "amount_cents": self._cents(net, currency),
            "amount_currency": currency.name,
            "precise_amount": self._decimal(_unrounded(trace) or net),
            "precise_total_amount": self._decimal(net + tax),
            "taxes_amount_cents": self._cents(tax, currency),
            "taxes_precise_amount": self._decimal(tax),
            "taxes_rate": float(sum(map(to_decimal, rates), Decimal(0))),
            "total_amount_cents": self._cents(net + tax, currency),
            "total_amount_currency": currency.name,
            "units": self._decimal(units),
            "total_aggregated_units": self._decimal(units),
            "precise_unit_amount": self._decimal(_unit_amount(trace, line_sudo)),
            "precise_coupons_amount_cents": "0.0",
            "sub_total_excluding_taxes_amount_cents": self._cents(net, currency),
            "sub_total_excluding_taxes_precise_amount_cents": self._decimal(
                net.scaleb(currency.decimal_places)
            ),
            "events_count": None,
        }

    def _fee_item(self, line_sudo: models.BaseModel, charge_sudo: models.BaseModel):
        """What the fee is for: a charge's metric, the plan, or its commitment."""
        trace = line_sudo.x_fc_trace or {}
        bucket = trace.get("bucket") or {}
        if trace.get("kind") == "commitment":
            words = line_sudo.subscription_id.plan_id
            kind, code, item_type = "commitment", words._x_fc_app_code(), "Commitment"
            source = self._derived_id(self._id("plan", words), "commitment")
        elif charge_sudo or line_sudo.x_fc_line_key:
            metric_sudo = charge_sudo.metric_id
            kind, source, words = "charge", self._id("metric", metric_sudo), metric_sudo
            code, item_type = metric_sudo.code, "BillableMetric"
        else:
            plan_sudo = line_sudo.subscription_id.plan_id
            kind, source, words = "subscription", None, plan_sudo
            code, item_type = plan_sudo._x_fc_app_code(), "Subscription"
            source = self._id("subscription", line_sudo.subscription_id)
        return {
            "type": kind,
            "code": code or None,
            "name": words.name or line_sudo.product_id.name or None,
            "description": None,
            "invoice_display_name": charge_sudo.name or words.name or None,
            "filters": None,
            "filter_invoice_display_name": bucket.get("name") or None,
            "lago_item_id": source,
            "item_type": item_type,
            "grouped_by": dict(bucket.get("group") or {}),
        }

    def _bucket_id(self, line_sudo: models.BaseModel, charge_sudo: models.BaseModel) -> str | None:
        """The charge's filter that the line's usage matched."""
        identity = (line_sudo.x_fc_trace or {}).get("bucket", {}).get("filter")
        return self._filter_id(charge_sudo, identity) if identity and charge_sudo else None

    def _true_up_parent(self, line_sudo: models.BaseModel) -> str | None:
        """The charge's own line on the same invoice, which a minimum's line brings up."""
        trace = line_sudo.x_fc_trace or {}
        if trace.get("kind") != "minimum":
            return None
        key = trace["key"].partition("{")[0]
        siblings = line_sudo.move_id.invoice_line_ids.filtered(
            lambda own: (
                (own.x_fc_line_key or "").partition("{")[0] == key
                and own != line_sudo
                and own.subscription_id == line_sudo.subscription_id
                and own.x_fc_period_start == line_sudo.x_fc_period_start
            )
        )
        return self._id("fee", siblings[:1])

    def _charge_of(self, line_sudo: models.BaseModel) -> models.BaseModel:
        """The charge a usage line was rated with, by the codes in its derivation."""
        charges_sudo = self.env["fusion.billing.charge"].sudo()
        trace = (line_sudo.x_fc_trace or {}).get("charge")
        if not trace:
            return charges_sudo
        return charges_sudo.with_context(active_test=False).search(
            [
                ("service_id", "=", line_sudo.move_id.x_fc_service_id.id),
                ("plan_code", "=", line_sudo.subscription_id.plan_id.x_fc_code),
                ("metric_id.code", "=", trace["metric_code"]),
                ("code", "=", trace["code"]),
            ],
            limit=1,
        )

    def _fee_dates(self, line_sudo: models.BaseModel) -> dict[str, str | None]:
        """Lago writes these two with ``+00:00`` instead of ``Z``."""
        start, end = _span(line_sudo)
        tz = self._zone(line_sudo.subscription_id)
        bounds = {"from_date": self._starts(start, tz), "to_date": self._ends(end, tz)}
        return {key: value and value.replace("Z", "+00:00") for key, value in bounds.items()}

    def _billing_period(self, order_sudo: models.BaseModel, lines: models.BaseModel):
        """The subscription period and the usage period an invoice covers for one order."""
        tz = self._zone(order_sudo)
        own = lines.filtered(lambda line: line.subscription_id == order_sudo)
        usage = own.filtered("x_fc_line_key")
        fee_span = _hull(own - usage) or _hull(own)
        usage_span = _hull(usage) or fee_span
        period = {
            "lago_subscription_id": self._id("subscription", order_sudo),
            "external_subscription_id": order_sudo.x_fc_external_id or "",
            "lago_plan_id": self._id("plan", order_sudo.plan_id),
            "invoicing_reason": _reason(order_sudo, own - usage),
        }
        for name, span in (
            ("subscription", fee_span),
            ("charges", usage_span),
            ("fixed_charges", fee_span),
        ):
            start, end = span or (None, None)
            period[f"{name}_from_datetime"] = self._starts(start, tz)
            period[f"{name}_to_datetime"] = self._ends(end, tz)
        return period


def _span(line_sudo: models.BaseModel) -> tuple[date | None, date | None]:
    """The line's period ``[start, end)``; Odoo's own deferral dates are inclusive."""
    if line_sudo.x_fc_period_start:
        return line_sudo.x_fc_period_start, line_sudo.x_fc_period_end
    if line_sudo.deferred_start_date and line_sudo.deferred_end_date:
        return line_sudo.deferred_start_date, line_sudo.deferred_end_date + timedelta(days=1)
    return None, None


def _hull(lines: models.BaseModel) -> tuple[date, date] | None:
    spans = [span for span in map(_span, lines) if span[0] and span[1]]
    if not spans:
        return None
    return min(start for start, _end in spans), max(end for _start, end in spans)


def _reason(order_sudo: models.BaseModel, fees: models.BaseModel) -> str:
    if not fees:
        terminated = bool(order_sudo.x_fc_terminated_at)
        return "subscription_terminating" if terminated else "subscription_periodic"
    first = _hull(fees)
    starting = first and first[0] == order_sudo.start_date
    return "subscription_starting" if starting else "subscription_periodic"


def _unit_amount(trace: Mapping[str, Any], line_sudo: models.BaseModel) -> Decimal | str | float:
    """The price of one unit; over ranges the average, as Lago gives it."""
    charge = trace.get("charge") or {}
    if charge.get("model") == "standard":
        return charge["properties"]["unit_price"]
    quantity = Decimal(trace.get("quantity") or 0)
    if quantity > 0:
        return round(Decimal(trace["amount_unrounded"]) / quantity, 15)
    return line_sudo.price_unit


def _unrounded(trace: Mapping[str, Any]) -> str | None:
    adjustment = trace.get("adjustment")
    return adjustment["amount"] if adjustment else trace.get("amount_unrounded")
