"""A renewal takes over its parent's commands with its id: to the app it is one subscription."""

from odoo import models


class BillingSubscribe(models.AbstractModel):
    _inherit = "fusion.billing.subscribe"

    def _hand_over(self, order_sudo: models.BaseModel) -> None:
        result = super()._hand_over(order_sudo)
        _move(order_sudo.subscription_id, order_sudo)
        return result

    def _hand_back(self, order_sudo: models.BaseModel) -> None:
        result = super()._hand_back(order_sudo)
        _move(order_sudo, order_sudo.subscription_id)
        return result


def _move(source_sudo: models.BaseModel, target_sudo: models.BaseModel) -> None:
    """The commands and what the app confirmed last go from one order to the other."""
    if not source_sudo.x_fc_command_ids:
        return
    target_sudo.write(
        {
            "x_fc_command_id": source_sudo.x_fc_command_id.id,
            "x_fc_confirmed_state": source_sudo.x_fc_confirmed_state,
            "x_fc_confirmed_at": source_sudo.x_fc_confirmed_at,
        }
    )
    source_sudo.x_fc_command_id = False
    source_sudo.x_fc_command_ids.order_id = target_sudo
