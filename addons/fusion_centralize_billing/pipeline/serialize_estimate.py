"""Lago's fees of an event that did not happen yet."""

from decimal import Decimal
from typing import Any

from odoo import models

from .. import engine
from .estimate import Change
from .gate import to_decimal


class BillingSerializeEstimate(models.AbstractModel):
    _inherit = "fusion.billing.serialize"

    def _estimated_fees(
        self,
        order: models.BaseModel,
        period: engine.Period,
        changes: list[Change],
        transaction_id: str | None,
    ) -> list[dict[str, Any]]:
        """A fee for each line the event changes, without an id: no row holds it."""
        order_sudo = order.sudo()
        tz, link_sudo = self._zone(order_sudo), order_sudo.x_fc_link_id
        shared = {
            "lago_subscription_id": self._id("subscription", order_sudo),
            "external_subscription_id": order_sudo.x_fc_external_id,
            "lago_customer_id": self._id("customer", link_sudo),
            "external_customer_id": link_sudo.external_id,
            "from_date": self._starts(period.start, tz).replace("Z", "+00:00"),
            "to_date": self._ends(period.end, tz).replace("Z", "+00:00"),
            "event_transaction_id": transaction_id,
        }
        return [self._estimated_fee(order_sudo, change) | shared for change in changes]

    def _estimated_fee(self, order_sudo: models.BaseModel, change: Change) -> dict[str, Any]:
        charge, line = change.charge, change.line
        trace = line.derivation
        return {
            **dict.fromkeys(UNSTORED),
            "lago_charge_id": self._id("charge", charge),
            "lago_charge_filter_id": (
                self._filter_id(charge, line.filter_key) if line.filter_key else None
            ),
            "item": {
                "type": "charge",
                "code": charge.metric_id.code,
                "name": charge.metric_id.name,
                "description": None,
                "invoice_display_name": charge.name,
                "filters": None,
                "filter_invoice_display_name": (trace.get("bucket") or {}).get("name") or None,
                "lago_item_id": self._id("metric", charge.metric_id),
                "item_type": "BillableMetric",
                "grouped_by": dict(line.group),
            },
            "pay_in_advance": False,
            "invoiceable": True,
            "description": None,
            "events_count": change.events,
            "payment_status": "pending",
            "amount_details": {},
            "self_billed": False,
            "pricing_unit_details": None,
            "presentation_breakdowns": [],
            **self._estimated_amounts(order_sudo, change),
        }

    def _estimated_amounts(self, order_sudo: models.BaseModel, change: Change) -> dict[str, Any]:
        """What the event adds: cents, and the same as exact decimals in major units."""
        currency, net = order_sudo.currency_id, change.amount
        taxes = self._taxes_of(order_sudo, [change.alone])
        tax = sum((to_decimal(entry["tax_amount_currency"]) for entry in taxes), Decimal(0))
        rates = [to_decimal(entry["tax"].amount) for entry in taxes]
        unit = engine.plain(round(net / change.units, 15)) if change.units else "0"
        return {
            "amount_cents": self._cents(net, currency),
            "amount_currency": currency.name,
            "precise_amount": self._decimal(net),
            "precise_total_amount": self._decimal(net + tax),
            "taxes_amount_cents": self._cents(tax, currency),
            "taxes_precise_amount": self._decimal(tax),
            "taxes_rate": float(sum(rates, Decimal(0))),
            "total_amount_cents": self._cents(net + tax, currency),
            "total_amount_currency": currency.name,
            "units": self._decimal(change.units),
            "total_aggregated_units": self._decimal(change.units),
            "precise_unit_amount": self._decimal(unit),
            "precise_coupons_amount_cents": "0.0",
            "sub_total_excluding_taxes_amount_cents": self._cents(net, currency),
            "sub_total_excluding_taxes_precise_amount_cents": self._decimal(
                net.scaleb(currency.decimal_places)
            ),
            "applied_taxes": [
                {
                    "lago_id": None,
                    "lago_fee_id": None,
                    **self._tax(entry["tax"]),
                    "amount_cents": self._cents(entry["tax_amount_currency"], currency),
                    "amount_currency": currency.name,
                    "created_at": None,
                }
                for entry in taxes
            ],
        }


# Keys of a fee that only a stored one has.
UNSTORED = (
    "lago_id", "lago_fixed_charge_id", "lago_invoice_id", "lago_true_up_fee_id",
    "lago_true_up_parent_fee_id", "lago_original_fee_id", "created_at", "succeeded_at",
    "failed_at", "refunded_at",
)  # fmt: skip
