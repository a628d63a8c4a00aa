"""Lago's plan, charge and billable metric.

Our ``quota`` model (included units, then a price per unit) has no name in Lago. It is written as
two adjacent ``graduated`` ranges, the first at no price, which gives the same amount for every
quantity. All other models have Lago's name and Lago's properties.
"""

from typing import Any

from odoo import models

from ..engine.pricing import PRICERS
from .serialize_price import CHARGE_MODELS, properties

AGGREGATION_TYPES = {
    "sum": "sum_agg",
    "count": "count_agg",
    "max": "max_agg",
    "last": "latest_agg",
    "unique": "unique_count_agg",
    "weighted": "weighted_sum_agg",
}
INTERVALS = {
    ("week", 1): "weekly",
    ("month", 1): "monthly",
    ("month", 3): "quarterly",
    ("month", 6): "semiannual",
    ("month", 12): "yearly",
    ("year", 1): "yearly",
}


class BillingSerializeCatalog(models.AbstractModel):
    _inherit = "fusion.billing.serialize"

    def _plan(
        self,
        plan: models.BaseModel,
        currency: models.BaseModel | None = None,
        full: bool = True,
    ) -> dict[str, Any]:
        """A plan in one currency (default: the company's, else the first it is priced in).

        A plan may be priced in several currencies; Lago's has one. ``full`` adds what Lago
        leaves out in lists.
        """
        plan_sudo = plan.sudo()
        item_sudo = self.env["fusion.billing.subscribe"]._price_item(plan_sudo, currency)
        price_currency = item_sudo.currency_id or plan_sudo.x_fc_service_id.company_id.currency_id
        values = {
            "lago_id": self._id("plan", plan_sudo),
            "name": plan_sudo.name,
            "invoice_display_name": plan_sudo.x_fc_product_id.name or None,
            "created_at": self._instant(plan_sudo.create_date),
            "code": plan_sudo._x_fc_app_code(),
            "interval": _interval(plan_sudo),
            "description": plan_sudo.x_fc_description or None,
            "amount_cents": self._cents(item_sudo.fixed_price, price_currency),
            "amount_currency": price_currency.name,
            "trial_period": float(plan_sudo.x_fc_trial_days),
            "pay_in_advance": not plan_sudo.bill_end_period,
            "bill_charges_monthly": None,
            "bill_fixed_charges_monthly": None,
            "customers_count": 0,
            "active_subscriptions_count": 0,
            "draft_invoices_count": 0,
            "parent_id": self._id("plan", plan_sudo.x_fc_parent_id),
            "pending_deletion": False,
            "charges": [self._charge(charge) for charge in self._charges_of(plan_sudo)],
            "usage_thresholds": [],
            "applicable_usage_thresholds": [],
            "taxes": [],
            "entitlements": [],
        }
        values |= self._commitment(plan_sudo)
        return values | ({"fixed_charges": []} if full else {})

    def _commitment(self, plan_sudo: models.BaseModel) -> dict[str, Any]:
        """Lago's ``minimum_commitment``, where the plan has one."""
        amount = plan_sudo.x_fc_minimum_commitment
        if not amount:
            return {}
        commitment = {
            "lago_id": self._derived_id(self._id("plan", plan_sudo), "commitment"),
            "plan_code": plan_sudo._x_fc_app_code(),
            "invoice_display_name": plan_sudo.x_fc_commitment_name or None,
            "commitment_type": "minimum_commitment",
            "amount_cents": self._cents(amount, plan_sudo.x_fc_commitment_currency_id),
            "interval": _interval(plan_sudo),
            "created_at": self._instant(plan_sudo.create_date),
            "updated_at": self._instant(plan_sudo.write_date),
            "taxes": [],
        }
        return {"minimum_commitment": commitment}

    def _charges_of(self, plan: models.BaseModel) -> models.BaseModel:
        """The charges of a plan, live or not yet."""
        return self.env["fusion.billing.charge"].search(
            [
                ("service_id", "=", plan.x_fc_service_id.id),
                ("plan_code", "=", plan.x_fc_code),
            ]
        )

    def _charge(self, charge: models.BaseModel) -> dict[str, Any]:
        """A charge with its prices as strings; ``cap_amount_cents`` is ours, null without."""
        terms = charge._to_engine()
        cap = self._cents(charge.cap_amount, charge.currency_id)
        return {
            "lago_id": self._id("charge", charge),
            "lago_billable_metric_id": self._id("metric", charge.metric_id),
            "billable_metric_code": charge.metric_id.code,
            "code": charge.code,
            "invoice_display_name": charge.name,
            "created_at": self._instant(charge.create_date),
            "charge_model": CHARGE_MODELS[charge.model],
            "invoiceable": True,
            "regroup_paid_fees": None,
            "pay_in_advance": False,
            "prorated": charge.prorated,
            "min_amount_cents": self._cents(charge.min_amount, charge.currency_id),
            "accepts_target_wallet": None,
            "properties": properties(terms.pricer, terms.pricing_group_keys),
            "applied_pricing_unit": None,
            "lago_parent_id": self._id("charge", charge.parent_id),
            "filters": [self._charge_filter(own) for own in charge.filter_ids.sorted("sequence")],
            "taxes": [],
            "cap_amount_cents": cap or None,
        }

    def _charge_filter(self, own: models.BaseModel) -> dict[str, Any]:
        """A filter of a charge, with its prices as strings."""
        terms = own._to_engine()
        charge = own.charge_id
        pricer = PRICERS[charge.model].from_json(terms["properties"])
        return {
            "lago_id": self._id("charge_filter", own),
            "charge_code": charge.code,
            "invoice_display_name": own.name or None,
            "properties": properties(pricer, ()),
            "values": {name: list(values) for name, values in terms["values"].items()},
        }

    def _filter_id(self, charge: models.BaseModel, identity: str) -> str:
        """The filter that matched by these values once, whatever it matches by now.

        One that was taken away has a UUID of what it matched.
        """
        for own in charge.filter_ids:
            if own._identity() == identity:
                return self._id("charge_filter", own)
        for own in charge.filter_ids:
            if identity in (own.former or []):
                return self._id("charge_filter", own)
        return self._derived_id(self._id("charge", charge), f"filter/{identity}")

    def _metric(self, metric: models.BaseModel) -> dict[str, Any]:
        """A billable metric."""
        rounds = metric.rounding_function != "none"
        return {
            "lago_id": self._id("metric", metric),
            "name": metric.name,
            "code": metric.code,
            "description": metric.description or None,
            "aggregation_type": AGGREGATION_TYPES[metric.aggregation],
            "field_name": metric.field_name or None,
            "recurring": metric.recurring,
            "weighted_interval": "seconds" if metric.aggregation == "weighted" else None,
            "expression": None,
            "rounding_function": metric.rounding_function if rounds else None,
            "rounding_precision": metric.rounding_precision if rounds else None,
            "filters": [],
            "created_at": self._instant(metric.create_date),
        }


def _interval(plan: models.BaseModel) -> str:
    """Lago's word; what it has none for is spelled out, ``every_2_months``."""
    value, unit = plan.billing_period_value, plan.billing_period_unit
    return INTERVALS.get((unit, value), f"every_{value}_{unit}s")
