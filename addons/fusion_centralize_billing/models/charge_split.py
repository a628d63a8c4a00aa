"""What the prices of a metric tell apart is what its rollups are split by."""

from odoo import api, models


class BillingCharge(models.Model):
    _inherit = "fusion.billing.charge"

    @api.model_create_multi
    def create(self, vals_list: list[dict]) -> "BillingCharge":
        charges = super().create(vals_list)
        charges.metric_id._sync_split_keys()
        return charges

    def write(self, vals: dict) -> bool:
        before = self.metric_id
        result = super().write(vals)
        if {"metric_id", "pricing_group_keys", "active"} & set(vals):
            (before | self.metric_id)._sync_split_keys()
        return result


class BillingChargeFilter(models.Model):
    _inherit = "fusion.billing.charge.filter"

    @api.model_create_multi
    def create(self, vals_list: list[dict]) -> "BillingChargeFilter":
        filters = super().create(vals_list)
        filters.charge_id.metric_id._sync_split_keys()
        return filters

    def write(self, vals: dict) -> bool:
        before = self.charge_id.metric_id
        result = super().write(vals)
        if {"values", "values_text", "charge_id"} & set(vals):
            (before | self.charge_id.metric_id)._sync_split_keys()
        return result

    def unlink(self) -> bool:
        metrics = self.charge_id.metric_id
        result = super().unlink()
        metrics._sync_split_keys()
        return result
