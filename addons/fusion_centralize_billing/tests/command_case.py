"""A subscription whose app is told what to do."""

import json

from .common import BillingCase


class CommandCase(BillingCase):
    """``order`` is ``sub-1`` of the live service ``cloud``, whose app listens nowhere yet."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.order = cls.make_order("sub-1")

    def issue(self, command: str, order=None, reason: str = "unpaid"):
        return self.env["fusion.billing.command"]._issue(order or self.order, command, reason)

    def publish(self) -> None:
        self.env["fusion.billing.outbox"]._publish()

    def sent(self, command: str, order=None):
        """A command that the app was told."""
        issued = self.issue(command, order)
        self.publish()
        return issued

    def say(self, command, state: str, **said):
        """What the app says: ``(order, stale)``."""
        said = {"command_id": command.uuid, "state": state, **said}
        desk = self.env["fusion.billing.command.desk"]
        return desk._confirm(command.service_id, command.external_subscription_id, said)

    def told(self, webhook_type: str = "service.command") -> list[dict]:
        """What the webhooks of this type say, oldest first."""
        webhooks = self.service.webhook_ids.filtered(lambda hook: hook.webhook_type == webhook_type)
        return [json.loads(webhook.payload)["command"] for webhook in webhooks.sorted("id")]
