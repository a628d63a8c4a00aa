"""Commands and service states as an app reads them. Not in Lago."""

from typing import Any

from odoo import models


class BillingSerializeCommand(models.AbstractModel):
    _inherit = "fusion.billing.serialize"

    def _command_told(self, command: models.BaseModel) -> dict[str, Any]:
        """What the webhook ``service.command`` holds: enough to act, and to know what is old."""
        command_sudo = command.sudo()
        return {
            "id": command_sudo.uuid,
            "number": command_sudo.number or None,
            "attempt": command_sudo.attempts,
            "command": command_sudo.command,
            "desired_state": command_sudo.desired_state,
            "external_subscription_id": command_sudo.external_subscription_id,
            "external_customer_id": command_sudo.order_id.x_fc_link_id.external_id or None,
            "reason": command_sudo.reason or None,
            "issued_at": self._instant(command_sudo.issued_at),
        }

    def _command(self, command: models.BaseModel) -> dict[str, Any]:
        """The same with what became of it."""
        told = self._command_told(command)
        return told | {
            "status": command.state,
            "sent_at": self._instant(command.sent_at),
            "confirmed_at": self._instant(command.confirmed_at),
            "confirmed_state": command.confirmed_state or None,
            "refusal": command.refusal or None,
        }

    def _confirmed_state(self, order_sudo: models.BaseModel) -> dict[str, Any]:
        """What ``GET /subscriptions/{id}`` says of it."""
        return {
            "service_state": order_sudo.x_fc_service_state or "active",
            "confirmed_service_state": order_sudo.x_fc_confirmed_state or None,
            "service_state_confirmed_at": self._instant(order_sudo.x_fc_confirmed_at),
        }

    def _service_state(self, order: models.BaseModel) -> dict[str, Any]:
        """The answer to a confirmation: where things stand, with the newest command."""
        order_sudo = order.sudo()
        newest_sudo = order_sudo.x_fc_command_id
        confirmed = order_sudo.x_fc_confirmed_state or None
        return {
            "external_subscription_id": order_sudo.x_fc_external_id,
            "desired_state": order_sudo.x_fc_desired_state or confirmed,
            "confirmed_state": confirmed,
            "confirmed_at": self._instant(order_sudo.x_fc_confirmed_at),
            "drift": order_sudo.x_fc_state_drift,
            "command": self._command(newest_sudo) if newest_sudo else None,
        }
