"""Which plan or metric a record of the catalogue is part of, to an app."""

from typing import Any

from odoo import models


class SaleSubscriptionPlan(models.Model):
    _name = "sale.subscription.plan"
    _inherit = ["sale.subscription.plan", "fusion.billing.told"]

    def _told_owners(self) -> models.BaseModel:
        return self

    def _told_values(self) -> dict[str, Any] | None:
        """A copy at a customer's own prices is none of the app's catalogue."""
        plan_sudo = self.sudo()
        service_sudo = plan_sudo.x_fc_service_id
        listed = plan_sudo.active and plan_sudo.x_fc_code and not plan_sudo.x_fc_parent_id
        if not (service_sudo and listed):
            return None
        payload = self.env["fusion.billing.serialize"].sudo()._plan(plan_sudo)
        return {"service": service_sudo, "kind": "plan", "payload": payload}


class BillingMetric(models.Model):
    _name = "fusion.billing.metric"
    _inherit = ["fusion.billing.metric", "fusion.billing.told"]

    def _told_owners(self) -> models.BaseModel:
        return self

    def _told_values(self) -> dict[str, Any] | None:
        metric_sudo = self.sudo()
        if not metric_sudo.active:
            return None
        payload = self.env["fusion.billing.serialize"].sudo()._metric(metric_sudo)
        return {"service": metric_sudo.service_id, "kind": "billable_metric", "payload": payload}


class BillingCharge(models.Model):
    _name = "fusion.billing.charge"
    _inherit = ["fusion.billing.charge", "fusion.billing.told"]

    def _told_owners(self) -> models.BaseModel:
        """The plans with their codes: before go-live charges are linked to none."""
        return self.env["sale.subscription.plan"].search(
            [
                ("x_fc_service_id", "in", self.service_id.ids),
                ("x_fc_code", "in", self.mapped("plan_code")),
            ]
        )


class BillingChargeFilter(models.Model):
    _name = "fusion.billing.charge.filter"
    _inherit = ["fusion.billing.charge.filter", "fusion.billing.told"]

    def _told_owners(self) -> models.BaseModel:
        return self.charge_id._told_owners()


class BillingChargeTier(models.Model):
    _name = "fusion.billing.charge.tier"
    _inherit = ["fusion.billing.charge.tier", "fusion.billing.told"]

    def _told_owners(self) -> models.BaseModel:
        return (self.charge_id | self.filter_id.charge_id)._told_owners()


class ProductPricelistItem(models.Model):
    _name = "product.pricelist.item"
    _inherit = ["product.pricelist.item", "fusion.billing.told"]

    def _told_owners(self) -> models.BaseModel:
        return self.plan_id
