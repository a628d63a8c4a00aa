"""What becomes of a subscription's commands when it is renewed, and when it ends.

A renewal takes them over when it begins, with its parent's service state: to the app it is one
subscription. Until then the parent is suspended and resumed.
"""

from datetime import datetime

from odoo import models


class BillingSubscribe(models.AbstractModel):
    _inherit = "fusion.billing.subscribe"

    def _begin(self, order_sudo: models.BaseModel) -> None:
        _move(order_sudo.subscription_id, order_sudo)
        return super()._begin(order_sudo)

    def _hand_back(self, order_sudo: models.BaseModel) -> None:
        result = super()._hand_back(order_sudo)
        _move(order_sudo, order_sudo.subscription_id)
        return result

    def _terminate(
        self, order: models.BaseModel, at: datetime, credit_note: str = "credit"
    ) -> models.BaseModel:
        """Nobody has to suspend or resume what has ended; a command to end it still holds."""
        result = super()._terminate(order, at, credit_note)
        self.env["fusion.billing.command.desk"]._call_off(order)
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
