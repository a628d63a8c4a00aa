"""A webhook about something that a look at the clock finds again and again: told once."""

import uuid
from collections.abc import Callable

from odoo import api, models
from odoo.tools import SQL


class BillingOutboxOnce(models.AbstractModel):
    _inherit = "fusion.billing.outbox"

    @api.model
    def _emit_once(
        self,
        service: models.BaseModel,
        webhook_type: str,
        object_type: str,
        key: str,
        payload: Callable[[], dict],
    ) -> bool:
        """As `_emit`, unless a webhook with this key was written before; whether it was not.

        Two that meet write one row: the unique index on (service, key) decides. Where the rival's
        row is younger than this transaction's snapshot, PostgreSQL ends it with a serialization
        failure, which Odoo repeats.

        :param key: names the happening within the service, e.g. ``trial_ended/7/2026-03-24``
        :param payload: called only where something is to be written
        """
        if self._was_told(service, key):
            return False
        text = self._envelope(service, webhook_type, object_type, payload())
        self.env["fusion.billing.webhook"].flush_model()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO fusion_billing_webhook
                       (service_id, event_uuid, webhook_type, object_type, payload, once_key,
                        create_uid, create_date, write_uid, write_date)
                VALUES (%(service)s, %(uuid)s, %(type)s, %(object)s, %(payload)s, %(key)s,
                        %(user)s, now() AT TIME ZONE 'UTC', %(user)s, now() AT TIME ZONE 'UTC')
                ON CONFLICT (service_id, once_key) WHERE once_key IS NOT NULL DO NOTHING
                """,
                service=service.id,
                uuid=str(uuid.uuid4()),
                type=webhook_type,
                object=object_type,
                payload=text,
                key=key,
                user=self.env.uid,
            )
        )
        written = bool(self.env.cr.rowcount)
        if written:
            self.env["fusion.billing.webhook"].invalidate_model(flush=False)
            self._wake_after_commit()
        return written

    @api.model
    def _was_told(self, service: models.BaseModel, key: str) -> bool:
        """Saves the work of a payload that nobody would get; the index has the last word."""
        webhooks_sudo = self.env["fusion.billing.webhook"].sudo()
        told = [("service_id", "=", service.id), ("once_key", "=", key)]
        return bool(webhooks_sudo.search_count(told, limit=1))
