"""A metric whose terms change counts what it counted anew."""

from odoo import models

# What decides the value, the dimension or the split of an event.
TERMS = {"aggregation", "field_name", "split_keys"}


class BillingMetric(models.Model):
    _inherit = "fusion.billing.metric"

    def write(self, vals: dict) -> bool:
        """Refold those whose terms are other than before."""
        watched = TERMS & set(vals)
        before = {metric.id: [metric[name] for name in watched] for metric in self if watched}
        result = super().write(vals)
        for metric in self:
            if metric.id in before and before[metric.id] != [metric[name] for name in watched]:
                self.env["fusion.billing.ingest"]._refold(metric)
        return result
