"""A plan that takes over at the period's end: to the app a pending subscription of its own.

Here it is a note on the subscription that runs; the order that follows is made on its day.
"""

from datetime import datetime
from typing import Any

from odoo import models
from odoo.fields import Domain


class BillingSubscribePending(models.AbstractModel):
    _inherit = "fusion.billing.subscribe"

    def _changing_domain(self, service: models.BaseModel) -> Domain:
        """Running subscriptions that another plan takes over from."""
        return self._domain(service, ["active"]) & Domain("x_fc_next_plan_id", "!=", False)

    def _changing(self, service: models.BaseModel, external_id: str) -> models.BaseModel:
        """The one (sudo) with this id, or nothing."""
        wanted = self._changing_domain(service) & Domain("x_fc_external_id", "=", external_id)
        return self.env["sale.order"].sudo().search(wanted, limit=1)

    def _cancel_change(self, order_sudo: models.BaseModel, at: datetime) -> dict[str, Any]:
        """The plan that was to follow does not; return it as it was called off."""
        payload = self.env["fusion.billing.serialize"]._subscription_to_come(order_sudo)
        payload |= {
            "status": "canceled",
            "canceled_at": self.env["fusion.billing.serialize"]._instant(at),
        }
        self._call_off_change(order_sudo)
        customer = self.env["fusion.billing.serialize"]._customer(order_sudo.x_fc_link_id)
        self.env["fusion.billing.outbox"]._emit(
            order_sudo.x_fc_service_id,
            "subscription.canceled",
            "subscription",
            payload | {"customer": customer},
        )
        self._announce(order_sudo, "subscription.updated")
        return payload
