"""Counters add up to their rollups, as events do."""

from odoo import models

from .invariants import Violation

# A bucket counts on its day; of one that changed, only the latest push.
COUNTERS_ARE_ROLLUP = """
WITH counted AS (
    SELECT c.subscription_id, c.metric_id, c.day, c.split, sum(c.value) AS total,
           max(c.value) AS maximum,
           CASE WHEN m.aggregation = 'count' THEN sum(c.value)::bigint ELSE count(*) END AS count
    FROM fusion_billing_usage_counter c
    JOIN fusion_billing_metric m ON m.id = c.metric_id
    WHERE c.state = 'accepted' AND c.service_id = ANY(%(services)s)
    GROUP BY c.subscription_id, c.metric_id, m.aggregation, c.day, c.split
),
folded AS (
    SELECT * FROM fusion_billing_usage
    WHERE service_id = ANY(%(services)s) AND source = 'counter' AND count > 0
)
SELECT subscription_id, concat_ws(' ', day, m.code, NULLIF(split, '')),
       concat_ws(' / ', c.total, c.maximum, c.count), concat_ws(' / ', f.total, f.maximum, f.count)
FROM counted c
FULL JOIN folded f USING (subscription_id, metric_id, day, split)
JOIN fusion_billing_metric m ON m.id = metric_id
WHERE (c.total, c.maximum, c.count) IS DISTINCT FROM (f.total, f.maximum, f.count::bigint)
  AND COALESCE(c.count, f.count) > 0
ORDER BY subscription_id, day"""


class BillingInvariantsCounter(models.AbstractModel):
    _inherit = "fusion.billing.invariants"

    def _check(self, service: models.BaseModel | None = None) -> list[Violation]:
        """And: the latest pushes of a day's counters are that day's rollup."""
        violations = super()._check(service)
        services = service
        if services is None:
            services = self.env["fusion.billing.service"].search([("active", "=", True)])
        return [
            *violations,
            *self._compared("counters_are_rollup", COUNTERS_ARE_ROLLUP, services),
        ]
