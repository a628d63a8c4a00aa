"""What counts a metric's events anew counts its counters anew too."""

from datetime import date

from odoo import api, models


class BillingRefoldCounters(models.AbstractModel):
    _inherit = "fusion.billing.ingest"

    @api.model
    def _refold(self, metric: models.BaseModel, first_day: date | None = None) -> int:
        self.env["fusion.billing.counter"]._resplit(metric)
        return super()._refold(metric, first_day)
