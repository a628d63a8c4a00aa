"""What the app says: it did as it was told, it will not, or it ended the subscription itself."""

from datetime import datetime
from typing import Any

from odoo import api, models
from odoo.fields import Domain

from ..engine.command import OPEN, judge
from ..engine.errors import Invalid, NotFound


class BillingCommandDesk(models.AbstractModel):
    _inherit = "fusion.billing.command.desk"

    @api.model
    def _confirm(
        self, service: models.BaseModel, external_id: str, said: dict[str, Any]
    ) -> tuple[models.BaseModel, bool]:
        """Take the app's word about one command: ``(order (sudo), whether the word is stale)``.

        :param said: ``command_id``, ``state``, ``refusal``, ``occurred_at`` (naive UTC)
        :raise NotFound: ``subscription``; ``command`` for one that is not this subscription's
        :raise Invalid: ``state`` where it is not what was asked for, and nothing was refused
        """
        mine = Domain("service_id", "=", service.id)
        command_sudo = self.env["fusion.billing.command"].search(
            mine
            & Domain("uuid", "=", said["command_id"])
            & Domain("external_subscription_id", "=", external_id)
        ).sudo()  # fmt: skip
        if not command_sudo:
            raise NotFound("command" if self._is_known(service, external_id) else "subscription")
        order_sudo = command_sudo.order_id
        self._lock(order_sudo)
        refusal = said.get("refusal")
        verdict = judge(
            order_sudo.x_fc_command_id == command_sudo,
            command_sudo.state,
            command_sudo.desired_state,
            said["state"],
            bool(refusal),
        )
        if verdict == "contradict":
            raise Invalid.field("state", "value_is_invalid")
        if verdict in ("confirm", "refuse"):
            self._settle(command_sudo, verdict, said)
        return order_sudo, verdict == "stale"

    @api.model
    def _is_known(self, service: models.BaseModel, external_id: str) -> bool:
        orders_sudo = self.env["sale.order"].sudo()
        named = [("x_fc_service_id", "=", service.id), ("x_fc_external_id", "=", external_id)]
        return bool(orders_sudo.search_count(named, limit=1))

    @api.model
    def _settle(self, command_sudo: models.BaseModel, verdict: str, said: dict[str, Any]) -> None:
        """confirmed or refused; the subscription has the state the app says it is in."""
        order_sudo, now = command_sudo.order_id, command_sudo.service_id._now()
        refused = verdict == "refuse"
        command_sudo.write(
            {
                "state": "refused" if refused else "confirmed",
                "confirmed_at": now,
                "confirmed_state": said["state"],
                "occurred_at": said.get("occurred_at"),
                "refusal": said.get("refusal"),
                "next_send_at": False,
            }
        )
        order_sudo.write({"x_fc_confirmed_state": said["state"], "x_fc_confirmed_at": now})
        self._quiet(order_sudo)
        if refused:
            self._call_for(
                command_sudo,
                self.env._(
                    "%(app)s refuses to %(command)s %(subscription)s: %(refusal)s",
                    app=command_sudo.service_id.name,
                    command=command_sudo.command,
                    subscription=command_sudo.external_subscription_id,
                    refusal=said["refusal"],
                ),
            )

    @api.model
    def _ended_by_app(self, order: models.BaseModel, now: datetime) -> None:
        """The app ended the subscription of its own accord: it need not be told, nor asked."""
        order_sudo = order.sudo()
        self._lock(order_sudo)
        self._supersede(order_sudo)
        order_sudo.write(
            {
                "x_fc_command_id": False,
                "x_fc_confirmed_state": "terminated",
                "x_fc_confirmed_at": now,
            }
        )

    @api.model
    def _call_off(self, order: models.BaseModel) -> None:
        """The subscription ended: an open command to suspend or resume it asks for nothing."""
        order_sudo = order.sudo()
        newest_sudo = order_sudo.x_fc_command_id
        if newest_sudo.state in OPEN and newest_sudo.command != "terminate":
            self._lock(order_sudo)
            self._supersede(order_sudo)
            order_sudo.x_fc_command_id = False
