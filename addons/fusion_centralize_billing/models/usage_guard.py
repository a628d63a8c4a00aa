"""What the ledger points at: it has no foreign keys, so its owners look before they go.

Counted events have a rollup, whose foreign keys refuse the deletion. Here are the other two
cases: any event of a service, and parked events of a subscription or metric.
"""

from odoo import api, models
from odoo.exceptions import UserError


class BillingService(models.Model):
    _inherit = "fusion.billing.service"

    @api.ondelete(at_uninstall=False)
    def _unlink_never_with_events(self) -> None:
        self.env.cr.execute(
            "SELECT FROM unnest(%s) AS s(id) "
            "WHERE EXISTS (SELECT FROM fusion_billing_usage_key k WHERE k.service_id = s.id)",
            (self.ids,),
        )
        if self.env.cr.rowcount:
            raise UserError(self.env._("A service that received usage cannot be deleted."))


class SaleOrder(models.Model):
    _inherit = "sale.order"

    @api.ondelete(at_uninstall=False)
    def _unlink_from_parked_events(self) -> None:
        _forget(self, "subscription_id", "unknown_subscription", self.x_fc_service_id.ids)


class BillingMetric(models.Model):
    _inherit = "fusion.billing.metric"

    @api.ondelete(at_uninstall=False)
    def _unlink_from_parked_events(self) -> None:
        _forget(self, "metric_id", "unknown_metric", self.service_id.ids)


def _forget(owners: models.BaseModel, field: str, reason: str, services: list[int]) -> None:
    """Let parked events of what goes away say so: it may come back, and they count then."""
    owners.env.cr.execute(
        f"UPDATE fusion_billing_usage_event SET {field} = NULL, park_reason = %s "
        f"WHERE state = 'parked' AND service_id = ANY(%s) AND {field} = ANY(%s)",
        (reason, services, owners.ids),
    )
