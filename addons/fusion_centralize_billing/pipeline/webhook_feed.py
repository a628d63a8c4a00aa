"""The feed: what an app was told, in the order it became true, to be read again at any time."""

from typing import Any

from odoo import api, models
from odoo.fields import Domain

from ..engine import Invalid, encode


class BillingWebhookFeed(models.AbstractModel):
    """Reads by number. Numbers are given in commit order, so nothing ever appears behind one."""

    _name = "fusion.billing.webhook.feed"
    _description = "Webhook Feed"

    @api.model
    def _read_after(self, service: models.BaseModel, after: int, limit: int) -> dict[str, Any]:
        """The next messages after a number: ``{"webhooks": […], "meta": {…}}``.

        ``meta``: ``next_after`` is what to ask with next, ``last_sequence`` the newest number.
        """
        domain = Domain("service_id", "=", service.id)
        webhooks = self.env["fusion.billing.webhook"].search(
            domain & Domain("sequence", ">", after), order="sequence", limit=limit
        )
        found = [self._wire(webhook) for webhook in webhooks]
        meta = {
            "next_after": webhooks[-1:].sequence or after,
            "last_sequence": self._last(service),
            "count": len(found),
        }
        return {"webhooks": found, "meta": meta}

    @api.model
    def _last(self, service: models.BaseModel) -> int:
        """The newest number of a service, 0 when there is none."""
        newest = self.env["fusion.billing.webhook"].search(
            [("service_id", "=", service.id), ("sequence", ">", 0)],
            order="sequence desc",
            limit=1,
        )
        return newest.sequence

    @api.model
    def _wire(self, webhook: models.BaseModel, deliveries: bool = False) -> dict[str, Any]:
        """One message. ``payload`` is the exact text that was signed and sent."""
        instant = self.env["fusion.billing.serialize"]._instant
        body = {
            "lago_id": encode("webhook", webhook.id),
            "id": webhook.event_uuid,
            "sequence": webhook.sequence or None,
            "webhook_type": webhook.webhook_type,
            "object_type": webhook.object_type,
            "created_at": instant(webhook.create_date),
            "payload": webhook.payload,
        }
        if deliveries:
            body["state"] = webhook.state
            body["deliveries"] = [
                {
                    "webhook_endpoint_id": encode("webhook_endpoint", delivery.endpoint_id.id),
                    "state": delivery.state,
                    "attempts": delivery.attempts,
                    "http_status": delivery.last_status or None,
                    "error": delivery.last_error or None,
                    "next_attempt_at": instant(delivery.next_attempt_at),
                    "delivered_at": instant(delivery.delivered_at),
                }
                for delivery in webhook.delivery_ids
            ]
        return body

    # -------------------------------------------------------------- checkpoints
    @api.model
    def _position(self, service: models.BaseModel, name: str) -> models.BaseModel:
        """A consumer's checkpoint; empty when it never set one."""
        domain = [("service_id", "=", service.id), ("name", "=", name)]
        return self.env["fusion.billing.webhook.checkpoint"].search(domain)

    @api.model
    def _set_position(
        self, service: models.BaseModel, name: str, sequence: int
    ) -> models.BaseModel:
        """Move a consumer's checkpoint, forwards or back to read again.

        :raise Invalid: a number that no message has yet; what got it would be skipped unread.
        """
        if sequence > self._last(service):
            raise Invalid.field("sequence", "value_is_out_of_range")
        checkpoint = self._position(service, name)
        if checkpoint:
            checkpoint.sequence = sequence
            return checkpoint
        return checkpoint.create({"service_id": service.id, "name": name, "sequence": sequence})
