"""Renewals share the time line with what they renew: no day is counted or billed twice."""

from odoo import api, models

from .invariants import Violation

HANDED_OVER = """
WITH pair AS (
    SELECT p.id AS parent, c.id AS child, c.name, c.start_date AS since
    FROM sale_order c
    JOIN sale_order p ON p.id = c.subscription_id AND p.x_fc_service_id = c.x_fc_service_id
    WHERE c.x_fc_service_id = ANY(%(services)s)
      AND c.state = 'sale' AND c.is_subscription AND p.x_fc_terminated_at IS NOT NULL
      AND p.x_fc_external_id = c.x_fc_external_id
)
SELECT child, name, 'usage from ' || since, 'on ' || u.day
FROM pair JOIN fusion_billing_usage u ON u.subscription_id = child AND u.day < since
WHERE u.count != 0
UNION ALL
SELECT parent, name, 'usage before ' || since, 'on ' || u.day
FROM pair JOIN fusion_billing_usage u ON u.subscription_id = parent AND u.day >= since
WHERE u.count != 0
UNION ALL
SELECT child, name, 'periods from ' || since, 'one from ' || f.start
FROM pair JOIN fusion_billing_period f ON f.subscription_id = child AND f.start < since
UNION ALL
SELECT parent, name, 'periods before ' || since, 'one to ' || f."end"
FROM pair JOIN fusion_billing_period f ON f.subscription_id = parent AND f."end" > since"""


class BillingInvariantsRenewal(models.AbstractModel):
    _inherit = "fusion.billing.invariants"

    @api.model
    def _check(self, service: models.BaseModel | None = None) -> list[Violation]:
        """And: a renewal's usage and periods begin where those of its parent end."""
        violations = super()._check(service)
        services = service
        if services is None:
            services = self.env["fusion.billing.service"].search([("active", "=", True)])
        return [*violations, *self._compared("renewal_takes_over", HANDED_OVER, services)]
