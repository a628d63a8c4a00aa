"""A customer is never billed for a period by both: by the app, as far as it told us, and by us."""

from odoo import api, models

from .invariants import Violation

# Both fall due on the end of the period they bill. What was voided or credited whole bills nobody.
BILLED_TWICE = """
SELECT o.id, concat_ws(' ', a.period_start, a.external_invoice_id),
       'one invoice', concat_ws(' and ', a.external_invoice_id, string_agg(DISTINCT m.name, ', '))
FROM fusion_billing_app_invoice a
JOIN sale_order o ON o.x_fc_service_id = a.service_id
                 AND o.x_fc_external_id = a.external_subscription_id
JOIN account_move_line l ON l.subscription_id = o.id
JOIN account_move m ON m.id = l.move_id
WHERE a.service_id = ANY(%(services)s) AND m.x_fc_service_id = a.service_id
  AND m.move_type = 'out_invoice' AND m.state = 'posted'
  AND m.x_fc_voided_at IS NULL AND m.payment_state != 'reversed'
  AND m.invoice_date > a.period_start AND m.invoice_date <= a.period_end
GROUP BY o.id, a.id
ORDER BY o.id, a.id"""


class BillingInvariantsCutover(models.AbstractModel):
    _inherit = "fusion.billing.invariants"

    @api.model
    def _check(self, service: models.BaseModel | None = None) -> list[Violation]:
        """And: no period has an invoice of the app beside one of ours."""
        violations = super()._check(service)
        services = service
        if services is None:
            services = self.env["fusion.billing.service"].search([("active", "=", True)])
        return [*violations, *self._compared("billed_by_one", BILLED_TWICE, services)]
