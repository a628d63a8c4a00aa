"""The outbox: a webhook is a row, written in the transaction of the change it tells about.

Nothing is sent here. If the change rolls back, so does the message; if it commits, the message is
there whatever happens next. `fusion.billing.deliver` sends what is committed.
"""

import json
import uuid
from typing import Any

from odoo import api, models
from odoo.tools import SQL

from ..engine import encode

# First key of the advisory locks that serialise the numbering, one lock per service.
LOCK_SPACE = 1_181_966_706
CRON = "fusion_centralize_billing.cron_deliver_webhooks"


class BillingOutbox(models.AbstractModel):
    """Writes and numbers outbox rows."""

    _name = "fusion.billing.outbox"
    _description = "Webhook Outbox"

    @api.model
    def _emit(
        self, service: models.BaseModel, webhook_type: str, object_type: str, payload: dict
    ) -> models.BaseModel:
        """Write one webhook in Lago's envelope; delivery begins after the commit.

        :param service: the `fusion.billing.service` whose app is told
        :param webhook_type: e.g. ``invoice.created``
        :param object_type: names the key that holds `payload`, e.g. ``invoice``
        :param payload: JSON-safe values; frozen as text now, so that a retry next week sends the
            state of today and not of next week
        :return: the `fusion.billing.webhook` (sudo)

        A service without an endpoint keeps its webhooks pending: the first endpoint it gets
        receives the whole history, from sequence 1, without a gap.
        """
        service.ensure_one()
        webhooks_sudo = self.env["fusion.billing.webhook"].sudo()
        webhook_sudo = webhooks_sudo.create(
            {
                "service_id": service.id,
                "event_uuid": str(uuid.uuid4()),
                "webhook_type": webhook_type,
                "object_type": object_type,
                "payload": self._envelope(service, webhook_type, object_type, payload),
            }
        )
        self._wake_after_commit()
        return webhook_sudo

    @api.model
    def _envelope(
        self, service: models.BaseModel, webhook_type: str, object_type: str, payload: dict
    ) -> str:
        """``{"webhook_type", "object_type", "organization_id", "<object_type>": payload}``."""
        envelope: dict[str, Any] = {
            "webhook_type": webhook_type,
            "object_type": object_type,
            "organization_id": encode("service", service.id),
            object_type: payload,
        }
        return json.dumps(envelope, ensure_ascii=False, allow_nan=False, separators=(",", ":"))

    @api.model
    def _wake_after_commit(self) -> None:
        """Trigger the delivery cron once per transaction, however many webhooks it wrote.

        In a precommit hook, so that the rollback of a savepoint cannot undo the trigger while the
        webhooks written outside of that savepoint stay.
        """
        precommit = self.env.cr.precommit
        if not precommit.data.get(CRON):
            precommit.data[CRON] = True
            precommit.add(self._wake)

    @api.model
    def _wake(self) -> None:
        self.env.cr.precommit.data.pop(CRON, None)
        cron_sudo = self.env.ref(CRON).sudo()
        cron_sudo._trigger()

    @api.model
    def _publish(self) -> int:
        """Number the rows that have none and give each to the endpoints that want it.

        Returns how many were numbered.

        Numbers are given after the rows were committed and under a lock that is held until the
        numbering commits: who has seen number n will never see a smaller one appear. A sequence
        taken while inserting (`nextval`) could not promise that, as commits overtake each other.
        A service that another transaction is numbering right now is left to it. The unique index
        on (service, sequence) is the last word should two of them ever meet.
        """
        self.env["fusion.billing.webhook"].flush_model()
        self.env.cr.execute(
            SQL(
                """
                WITH waiting AS (
                    SELECT DISTINCT service_id FROM fusion_billing_webhook WHERE sequence IS NULL
                ), locked AS MATERIALIZED (
                    SELECT service_id FROM waiting
                    WHERE pg_try_advisory_xact_lock(%(space)s, service_id)
                ), numbered AS (
                    SELECT webhook.id,
                           COALESCE((
                               SELECT max(done.sequence) FROM fusion_billing_webhook AS done
                               WHERE done.service_id = webhook.service_id AND done.sequence > 0
                           ), 0) + row_number() OVER (
                               PARTITION BY webhook.service_id ORDER BY webhook.id
                           ) AS sequence
                    FROM fusion_billing_webhook AS webhook
                    JOIN locked USING (service_id)
                    WHERE webhook.sequence IS NULL
                )
                UPDATE fusion_billing_webhook AS webhook
                SET sequence = numbered.sequence
                FROM numbered WHERE numbered.id = webhook.id
                """,
                space=LOCK_SPACE,
            )
        )
        count = self.env.cr.rowcount
        self._route()
        self.env["fusion.billing.webhook"].invalidate_model(["sequence", "routed", "state"])
        return count

    @api.model
    def _route(self) -> None:
        """One delivery for each endpoint of the service that wants the type, in use or switched
        off for now, under the same lock. Without any endpoint the rows wait for the first one."""
        self.env["fusion.billing.webhook.endpoint"].flush_model()
        self.env.cr.execute(
            SQL(
                """
                WITH waiting AS (
                    SELECT DISTINCT service_id FROM fusion_billing_webhook AS webhook
                    WHERE routed IS NOT TRUE AND sequence > 0 AND EXISTS (
                        SELECT FROM fusion_billing_webhook_endpoint AS endpoint
                        WHERE endpoint.service_id = webhook.service_id
                    )
                ), locked AS MATERIALIZED (
                    SELECT service_id FROM waiting
                    WHERE pg_try_advisory_xact_lock(%(space)s, service_id)
                ), routed AS (
                    UPDATE fusion_billing_webhook AS webhook SET routed = TRUE FROM locked
                    WHERE webhook.service_id = locked.service_id
                      AND webhook.routed IS NOT TRUE AND webhook.sequence > 0
                    RETURNING webhook.id, webhook.service_id, webhook.sequence,
                              webhook.webhook_type
                )
                INSERT INTO fusion_billing_webhook_delivery
                       (webhook_id, endpoint_id, service_id, sequence, state, attempts,
                        create_date, write_date)
                SELECT routed.id, endpoint.id, routed.service_id, routed.sequence, 'pending', 0,
                       now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
                FROM routed
                JOIN fusion_billing_webhook_endpoint AS endpoint
                  ON endpoint.service_id = routed.service_id
                WHERE endpoint.all_events
                   OR routed.webhook_type = ANY(string_to_array(endpoint.event_types, ' '))
                ON CONFLICT (webhook_id, endpoint_id) DO NOTHING
                """,
                space=LOCK_SPACE,
            )
        )
        self.env["fusion.billing.webhook.delivery"].invalidate_model()
        self.env["fusion.billing.webhook"].invalidate_model(["delivery_ids"])
