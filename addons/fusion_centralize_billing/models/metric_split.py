"""Which event properties the rollups of a metric are split by."""

from odoo import models


class BillingMetric(models.Model):
    _inherit = "fusion.billing.metric"

    def _sync_split_keys(self) -> None:
        """Split by every property that an active charge's filters and groups look at.

        Once the service has billed, names are only ever added: a period billed under a filter is
        rated again under it, and needs its usage told apart for as long as it can be corrected.
        Writing the names counts the metric anew, see `_refold`.
        """
        for metric in self:
            charges = metric.charge_ids.filtered("active")
            wanted = {name for charge in charges for name in charge._group_keys()}
            wanted |= {name for own in charges.filter_ids for name in own.values or {}}
            known = set(metric.split_keys or [])
            if known - wanted and metric._has_billed():
                wanted |= known
            if wanted != known:
                metric.split_keys = sorted(wanted)

    def _has_billed(self) -> bool:
        periods_sudo = self.env["fusion.billing.period"].sudo()
        domain = [("service_id", "=", self.service_id.id), ("state", "=", "billed")]
        return bool(periods_sudo.search_count(domain, limit=1))
