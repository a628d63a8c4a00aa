"""When a metric's terms change: what was counted is counted anew, from the ledger."""

from datetime import date, datetime, time, timedelta

from odoo import api, models

from . import refold_sql


class BillingRefold(models.AbstractModel):
    """Part of ingestion: judges counted events again and rebuilds their rollups."""

    _inherit = "fusion.billing.ingest"

    @api.model
    def _refold(self, metric: models.BaseModel, first_day: date | None = None) -> int:
        """Count the ledger's events of a metric by the terms it has now.

        Only days the ledger still holds whole; what no longer says a value is parked, what says
        one now is counted. Billed periods whose figures change are dirty: the next run bills the
        difference.

        :param first_day: leave earlier local days as they are; none means all days there are
        :return: how many rollups are other than before; 0 when nothing had changed
        """
        metric.ensure_one()
        self.env.flush_all()
        begins = self.env["fusion.billing.ledger"]._begins() or date.min
        first = max(first_day or date.min, date.min)
        # An event's UTC day is at most one off its local day: this spares the other months.
        earliest = max(begins, first - timedelta(days=1) if first > date.min else first)
        parameters = {
            **self._parameters(metric.service_id),
            "metric": metric.id,
            "begins": begins,
            "first": first,
            "from": datetime.combine(earliest, time.min),
        }
        self.env.cr.execute(refold_sql.REJUDGE, parameters)
        self.env.cr.execute(refold_sql.REBUILD, parameters)
        (changed,) = self.env.cr.fetchone()
        released = self._reexamine(metric.service_id, codes=[metric.code])
        return changed + released
