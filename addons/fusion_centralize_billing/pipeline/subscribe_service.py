"""The service state at both ends of a subscription: its end, and a renewal that takes over."""

from datetime import datetime

from odoo import models

CARRIED = (
    "x_fc_billed_from",
    "x_fc_dunning_exempt",
    "x_fc_dunning_hold_until",
    "x_fc_past_due_since",
)


class BillingSubscribeService(models.AbstractModel):
    _inherit = "fusion.billing.subscribe"

    def _terminate(
        self, order: models.BaseModel, at: datetime, credit_note: str = "credit"
    ) -> models.BaseModel:
        """Whoever ended it, there is no service any more; the app hears `subscription.terminated`.

        No command: who ended it over the API knows, and the policy has sent its own before.
        """
        order_sudo = super()._terminate(order, at, credit_note)
        order_sudo._fc_follow("terminated")
        self.env["fusion.billing.enforce"]._open_case(order_sudo)._end()
        return order_sudo

    def _begin(self, order_sudo: models.BaseModel) -> None:
        """A renewal goes on where its parent is: nobody is resumed by renewing."""
        if parent_sudo := order_sudo._x_fc_predecessor():
            case = self.env["fusion.billing.enforce"]._open_case(parent_sudo)
            order_sudo.write({name: parent_sudo[name] for name in CARRIED})
            order_sudo._fc_follow(parent_sudo.x_fc_service_state, parent_sudo.x_fc_suspended_by)
            case.order_id = order_sudo
            parent_sudo._fc_follow("terminated")
        return super()._begin(order_sudo)
