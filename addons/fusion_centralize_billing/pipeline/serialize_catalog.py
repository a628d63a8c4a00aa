"""Lago's plan, charge and billable metric.

Our ``quota`` model (included units, then a price per unit) has no name in Lago. It is written as
two adjacent ``graduated`` ranges, the first at no price, which gives the same amount for every
quantity. ``standard`` and ``graduated`` map one to one.
"""

from decimal import Decimal
from typing import Any

from odoo import models

from ..engine.money import plain
from ..engine.pricing import Graduated, Quota, Standard

AGGREGATION_TYPES = {
    "sum": "sum_agg",
    "count": "count_agg",
    "max": "max_agg",
    "last": "latest_agg",
    "unique": "unique_count_agg",
}
INTERVALS = {
    ("week", 1): "weekly",
    ("month", 1): "monthly",
    ("month", 3): "quarterly",
    ("month", 6): "semiannual",
    ("month", 12): "yearly",
    ("year", 1): "yearly",
}
CHARGE_MODELS = {"quota": "graduated", "standard": "standard", "graduated": "graduated"}


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
            "code": plan_sudo.x_fc_code,
            "interval": _interval(plan_sudo),
            "description": plan_sudo.x_fc_description or None,
            "amount_cents": self._cents(item_sudo.fixed_price, price_currency),
            "amount_currency": price_currency.name,
            "trial_period": 0.0,
            "pay_in_advance": not plan_sudo.bill_end_period,
            "bill_charges_monthly": None,
            "bill_fixed_charges_monthly": None,
            "customers_count": 0,
            "active_subscriptions_count": 0,
            "draft_invoices_count": 0,
            "parent_id": None,
            "pending_deletion": False,
            "charges": [self._charge(charge) for charge in self._charges_of(plan_sudo)],
            "usage_thresholds": [],
            "applicable_usage_thresholds": [],
            "taxes": [],
            "entitlements": [],
        }
        return values | ({"fixed_charges": []} if full else {})

    def _charges_of(self, plan: models.BaseModel) -> models.BaseModel:
        """The charges of a plan, live or not yet."""
        return self.env["fusion.billing.charge"].search(
            [
                ("service_id", "=", plan.x_fc_service_id.id),
                ("plan_code", "=", plan.x_fc_code),
            ]
        )

    def _charge(self, charge: models.BaseModel) -> dict[str, Any]:
        """A charge with its prices as strings."""
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
            "prorated": False,
            "min_amount_cents": 0,
            "accepts_target_wallet": None,
            "properties": _properties(charge._to_engine().pricer),
            "applied_pricing_unit": None,
            "lago_parent_id": None,
            "filters": [],
            "taxes": [],
        }

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
            "recurring": False,
            "weighted_interval": None,
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


def _properties(pricer: Standard | Quota | Graduated) -> dict[str, Any]:
    """Lago's ``properties`` of an engine price."""
    if isinstance(pricer, Standard):
        return {"amount": plain(pricer.unit_price)}
    if isinstance(pricer, Quota):
        included = pricer.included_quantity
        steps = [(None, pricer.unit_price, Decimal(0))]
        if included:
            steps.insert(0, (included, Decimal(0), Decimal(0)))
    else:
        steps = [(tier.up_to, tier.unit_price, tier.flat_price) for tier in pricer.tiers]
    lower, ranges = Decimal(0), []
    for upper, unit_price, flat_price in steps:
        ranges.append(
            {
                "from_value": _bound(lower),
                "to_value": None if upper is None else _bound(upper),
                "per_unit_amount": plain(unit_price),
                "flat_amount": plain(flat_price),
            }
        )
        lower = upper
    return {"graduated_ranges": ranges}


def _bound(value: Decimal) -> int | str:
    """A range's edge: an integer as in Lago, or exact text where ours is a fraction."""
    return int(value) if value == value.to_integral_value() else plain(value)
