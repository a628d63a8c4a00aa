"""The running period at its end, if its usage goes on as it began. Writes nothing."""

from datetime import datetime

from odoo import api, models

from .. import engine
from .clock import local_day
from .rate import CurrentUsage


class BillingProjection(models.AbstractModel):
    _inherit = "fusion.billing.rate"

    @api.model
    def _projected_usage(self, order: models.BaseModel, now: datetime) -> CurrentUsage:
        """`_current_usage` with every bucket's usage continued in a straight line, then priced:
        free parts, ranges, minimum and cap apply to the whole period. See `engine.project`.
        """
        start, end = self.env["fusion.billing.subscribe"]._current_period(order, now)
        today = local_day(now, str(self._zone(order)))
        passed = max((today - start).days + 1, 1)

        def at_the_end(metric: engine.Metric, usage: engine.Usage) -> engine.Usage:
            return engine.project(metric, usage, passed, (end - start).days)

        return self._current_usage(order, now, reshape=at_the_end)
