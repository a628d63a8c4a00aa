"""The desk: issues commands, numbers and sends them, hears what the app says.

A command is a row written with the change that asks for it. `fusion.billing.outbox` publishes it
after the commit: it gets its number, and a webhook that holds the number. Everything that changes
the command of an order locks the order's row first, so that of two at once one starts over.
"""

from datetime import datetime
from typing import Any

from odoo import api, models
from odoo.tools import SQL

from ..engine.command import DESIRED, OPEN, needed, resend_delay
from .outbox import LOCK_SPACE

ACTIVITY = "fusion_centralize_billing.activity_command"


class BillingCommandDesk(models.AbstractModel):
    """Issue and tell. The only writer of `fusion.billing.command`."""

    _name = "fusion.billing.command.desk"
    _description = "Service Command Desk"

    @api.model
    def _issue(self, order: models.BaseModel, command: str, reason: str) -> models.BaseModel:
        """Supersede what is unconfirmed and write the new command; see `fusion.billing.command`."""
        order.ensure_one()
        desired = DESIRED[command]
        order_sudo = order.sudo()
        service_sudo = order_sudo.x_fc_service_id
        commands_sudo = self.env["fusion.billing.command"].sudo()
        if service_sudo.mode != "live" or not order_sudo.x_fc_external_id:
            return commands_sudo
        self._lock(order_sudo)
        last_sudo = order_sudo.x_fc_command_id
        if not needed(
            desired,
            last_sudo.desired_state or None,
            last_sudo.state or None,
            order_sudo.x_fc_confirmed_state or None,
        ):
            return last_sudo
        self._supersede(order_sudo)
        order_sudo.x_fc_command_id = commands_sudo.create(
            {
                "service_id": service_sudo.id,
                "order_id": order_sudo.id,
                "external_subscription_id": order_sudo.x_fc_external_id,
                "command": command,
                "desired_state": desired,
                "reason": reason,
                "issued_at": service_sudo._now(),
            }
        )
        self.env["fusion.billing.outbox"]._wake_after_commit()
        return order_sudo.x_fc_command_id

    @api.model
    def _supersede(self, order_sudo: models.BaseModel) -> None:
        """Nobody waits for an answer to the order's open command any more."""
        open_sudo = order_sudo.x_fc_command_ids.filtered(lambda command: command.state in OPEN)
        open_sudo.write({"state": "superseded", "next_send_at": False})
        open_sudo.flush_recordset()  # the index wants its place free before it is taken
        self._quiet(order_sudo)

    @api.model
    def _lock(self, order_sudo: models.BaseModel) -> None:
        """Wait for whoever changes this order's command; who waited in vain starts over."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL("SELECT FROM sale_order WHERE id = %s FOR NO KEY UPDATE", order_sudo.id),
            log_exceptions=False,  # who starts over is nobody's error
        )
        order_sudo.invalidate_recordset(["x_fc_command_id", "x_fc_command_ids"])
        order_sudo.x_fc_command_ids.invalidate_recordset()

    # ---------------------------------------------------------------------- tell
    @api.model
    def _publish(self) -> int:
        """Number the commands that have no number and tell those that still hold.

        The rules are the webhooks' own: after the commit, in that order, under the service's
        numbering lock. Who has seen number n will never see a smaller one appear.
        """
        self.env["fusion.billing.command"].flush_model()
        self.env.cr.execute(
            SQL(
                """
                WITH waiting AS (
                    SELECT DISTINCT service_id FROM fusion_billing_command WHERE number IS NULL
                ), locked AS MATERIALIZED (
                    SELECT service_id FROM waiting
                    WHERE pg_try_advisory_xact_lock(%(space)s, service_id)
                ), numbered AS (
                    SELECT command.id,
                           COALESCE((
                               SELECT max(done.number) FROM fusion_billing_command AS done
                               WHERE done.service_id = command.service_id AND done.number > 0
                           ), 0) + row_number() OVER (
                               PARTITION BY command.service_id ORDER BY command.id
                           ) AS number
                    FROM fusion_billing_command AS command
                    JOIN locked USING (service_id)
                    WHERE command.number IS NULL
                )
                UPDATE fusion_billing_command AS command SET number = numbered.number
                FROM numbered WHERE numbered.id = command.id
                RETURNING command.id
                """,
                space=LOCK_SPACE,
            )
        )
        ids = sorted(command_id for (command_id,) in self.env.cr.fetchall())
        commands_sudo = self.env["fusion.billing.command"].sudo().browse(ids)
        commands_sudo.invalidate_recordset()
        for command_sudo in commands_sudo.filtered(lambda command: command.state == "pending"):
            self._tell(command_sudo, command_sudo.service_id._now())
        return len(ids)

    @api.model
    def _tell(self, command_sudo: models.BaseModel, now: datetime) -> None:
        """Write the webhook ``service.command``, a new one each time: an app that took the last
        one and forgot it would drop the same message as a repeat."""
        attempts = command_sudo.attempts + 1
        command_sudo.write(
            {
                "state": "sent",
                "sent_at": command_sudo.sent_at or now,
                "attempts": attempts,
                "next_send_at": now + resend_delay(attempts),
            }
        )
        webhook_sudo = self._emit(command_sudo, "service.command")
        command_sudo.webhook_ids = command_sudo.webhook_ids | webhook_sudo

    @api.model
    def _emit(self, command_sudo: models.BaseModel, webhook_type: str) -> models.BaseModel:
        payload: dict[str, Any] = self.env["fusion.billing.serialize"]._command_told(command_sudo)
        outbox = self.env["fusion.billing.outbox"]
        return outbox._emit(command_sudo.service_id, webhook_type, "command", payload)

    @api.model
    def _resend(self, commands: models.BaseModel) -> None:
        """A person has these told again now, those that are still to be confirmed."""
        for command_sudo in commands.sudo():
            self._lock(command_sudo.order_id)
            if command_sudo.state == "sent":
                self._tell(command_sudo, command_sudo.service_id._now())

    # --------------------------------------------------------------------- alarm
    @api.model
    def _call_for(self, command_sudo: models.BaseModel, words: str) -> None:
        """An activity on the subscription for the service's responsible person."""
        order_sudo, service_sudo = command_sudo.order_id, command_sudo.service_id
        if responsible_sudo := service_sudo.responsible_id:
            order_sudo.activity_schedule(ACTIVITY, note=words, user_id=responsible_sudo.id)
            return
        service_sudo.message_post(
            body=self.env._("%(order)s: %(words)s", order=order_sudo.name, words=words),
            message_type="notification",
            subtype_xmlid="mail.mt_comment",
        )

    @api.model
    def _quiet(self, order_sudo: models.BaseModel, words: str | None = None) -> None:
        """What the responsible person was called for is over."""
        order_sudo.activity_feedback([ACTIVITY], feedback=words)
