"""The sweep: what an app took and did not confirm is told again, and after an hour somebody is.

The outbox already retries a message that does not arrive. This is about messages that arrived
and were forgotten, and about apps that are away for so long that a person must know.
"""

from odoo import api, models
from odoo.tools import SQL

from ..engine.command import ALARM_AFTER, resend_delay

BATCH = 100


class BillingCommandSweep(models.AbstractModel):
    _name = "fusion.billing.command.sweep"
    _description = "Service Command Sweep"

    @api.model
    def _cron_sweep(self) -> None:
        """Live services on the real clock; on a test clock nothing happens by itself."""
        services = self.env["fusion.billing.service"].search(
            [("mode", "=", "live"), ("test_clock", "=", False)]
        )
        self._sweep(services)

    @api.model
    def _sweep(self, services: models.BaseModel) -> tuple[int, int]:
        """Retell and alarm what is due by each service's own clock: ``(due, alarmed)``.

        Safe to repeat and to run twice at once: what another sweep has in hand is left to it.
        """
        counts = [0, 0]
        for service_sudo in services.sudo():
            now = service_sudo._now()
            due = SQL("state = 'sent' AND next_send_at <= %s", now)
            late = SQL(
                "state IN ('pending', 'sent') AND alarmed_at IS NULL AND issued_at <= %s",
                now - ALARM_AFTER,
            )
            for place, (condition, act) in enumerate(((due, self._retell), (late, self._alarm))):
                while commands_sudo := self._claim(service_sudo, condition):
                    for command_sudo in commands_sudo:
                        act(command_sudo, now)
                    counts[place] += len(commands_sudo)
                    if not self._commit_progress(len(commands_sudo)):
                        return counts[0], counts[1]
        return counts[0], counts[1]

    @api.model
    def _claim(self, service: models.BaseModel, condition: SQL) -> models.BaseModel:
        commands_sudo = self.env["fusion.billing.command"].sudo()
        commands_sudo.flush_model()
        self.env.cr.execute(
            SQL(
                "SELECT id FROM fusion_billing_command WHERE service_id = %s AND %s"
                " ORDER BY id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED",
                service.id,
                condition,
                BATCH,
            )
        )
        return commands_sudo.browse(command_id for (command_id,) in self.env.cr.fetchall())

    @api.model
    def _retell(self, command_sudo: models.BaseModel, now) -> None:
        """Once more, unless the last message is still on its way: then just look again later."""
        last_sudo = command_sudo.webhook_ids.sorted("id")[-1:]
        if last_sudo.state == "pending":
            command_sudo.next_send_at = now + resend_delay(command_sudo.attempts)
        else:
            self.env["fusion.billing.command.desk"]._tell(command_sudo, now)

    @api.model
    def _alarm(self, command_sudo: models.BaseModel, now) -> None:
        """Once a command: to a person, and to whoever listens for ``command.unconfirmed``."""
        desk = self.env["fusion.billing.command.desk"]
        command_sudo.alarmed_at = now
        desk._emit(command_sudo, "command.unconfirmed")
        desk._call_for(
            command_sudo,
            self.env._(
                "%(app)s was told to %(command)s %(subscription)s over an hour ago and has not "
                "confirmed it.",
                app=command_sudo.service_id.name,
                command=command_sudo.command,
                subscription=command_sudo.external_subscription_id,
            ),
        )

    @api.model
    def _commit_progress(self, processed: int) -> float:
        """Commit if the cron runs us; return the seconds that are left."""
        if not self.env.context.get("ir_cron_progress_id"):
            return float("inf")
        return self.env["ir.cron"]._commit_progress(processed)
