"""Delivery: send what the outbox holds, at least once, signed, in turn.

A crash between the app's answer and our commit sends a webhook again, with the same id and the
same bytes: the receiver deduplicates by `webhook-id`. Delivery lives in real time, also for a
service on a test clock: signatures carry the time they were made.
"""

import random
from collections import deque
from datetime import UTC

from odoo import api, fields, models
from odoo.tools import SQL, str2bool

from ..engine import Invalid, retry, signature
from .outbound import Outcome, post

ALLOW_PRIVATE = "fusion_billing.webhook_allow_private"
RUN_LIMIT = 500


class BillingDeliver(models.AbstractModel):
    """Claims due webhooks, posts them and records the outcome."""

    _name = "fusion.billing.deliver"
    _description = "Webhook Delivery"

    @api.model
    def _cron_deliver(self) -> None:
        self._deliver(RUN_LIMIT)

    @api.model
    def _deliver(self, limit: int = RUN_LIMIT) -> int:
        """Publish, then deliver up to `limit` due webhooks; return how many were tried.

        Services take turns, one webhook each, so that none waits for another's queue. A service
        that cannot be reached at all costs one timeout and is then left out of this run. Run by
        the cron, every webhook is committed on its own; called directly, the caller commits.
        """
        self.env["fusion.billing.outbox"]._publish()
        self._commit_progress(0, remaining=0)
        turns = deque(self._due_services())
        tried = 0
        while turns and tried < limit:
            service_id = turns.popleft()
            webhook_sudo = self._claim(service_id)
            if not webhook_sudo:
                continue
            outcome = self._attempt(webhook_sudo)
            tried += 1
            if outcome.status:
                turns.append(service_id)
            if not self._commit_progress(1, remaining=len(turns)):
                return tried  # out of time: the cron runs again at once
        self._commit_progress(0, remaining=len(turns))
        return tried

    @api.model
    def _deliver_now(self, webhooks: models.BaseModel) -> None:
        """Try these pending webhooks at once, due or not; rows a worker holds are left to it."""
        self.env["fusion.billing.outbox"]._publish()
        for webhook in webhooks.sorted("id"):
            webhook_sudo = self._claim(webhook.service_id.id, webhook.id)
            if webhook_sudo:
                self._attempt(webhook_sudo)

    # ------------------------------------------------------------------- claim
    @api.model
    def _due_services(self) -> list[int]:
        """Services with an address and something due, those not tried for longest first.

        One that just cost a timeout comes last, so that it cannot starve the others even if the
        cron worker is stopped in between.
        """
        self._flush()
        self.env.cr.execute(
            SQL(
                """
                SELECT webhook.service_id
                FROM fusion_billing_webhook AS webhook
                JOIN fusion_billing_service AS service ON service.id = webhook.service_id
                WHERE service.active AND webhook.state = 'pending'
                  AND COALESCE(webhook.url, service.webhook_url, '') != ''
                GROUP BY webhook.service_id
                HAVING bool_or(%s)
                ORDER BY max(webhook.write_date) FILTER (WHERE webhook.attempts > 0) NULLS FIRST,
                         min(webhook.id)
                """,
                self._due_condition(),
            )
        )
        return [service_id for (service_id,) in self.env.cr.fetchall()]

    @api.model
    def _claim(self, service_id: int, webhook_id: int | None = None) -> models.BaseModel:
        """Lock and return the next due webhook of a service (sudo), or nothing.

        The lock is held until the outcome is committed: no two workers send the same row at once.
        """
        self._flush()
        if webhook_id is None:
            condition = self._due_condition()
        else:
            condition = SQL(
                "webhook.state = 'pending' AND webhook.sequence > 0 AND webhook.id = %s", webhook_id
            )
        self.env.cr.execute(
            SQL(
                """
                SELECT webhook.id FROM fusion_billing_webhook AS webhook
                WHERE webhook.service_id = %s AND %s
                ORDER BY webhook.sequence
                LIMIT 1
                FOR UPDATE SKIP LOCKED
                """,
                service_id,
                condition,
            )
        )
        ids = [row[0] for row in self.env.cr.fetchall()]
        webhook_sudo = self.env["fusion.billing.webhook"].sudo().browse(ids)
        webhook_sudo.invalidate_recordset()
        return webhook_sudo

    @api.model
    def _due_condition(self) -> SQL:
        return SQL(
            "webhook.state = 'pending' AND webhook.sequence > 0"
            " AND (webhook.next_attempt_at IS NULL OR webhook.next_attempt_at <= %s)",
            fields.Datetime.now(),
        )

    @api.model
    def _flush(self) -> None:
        self.env["fusion.billing.webhook"].flush_model()
        self.env["fusion.billing.service"].flush_model(["active", "webhook_url"])

    # ----------------------------------------------------------------- attempt
    @api.model
    def _attempt(self, webhook_sudo: models.BaseModel) -> Outcome:
        """Send one claimed webhook and write down what came of it."""
        if not webhook_sudo.url:
            webhook_sudo.url = webhook_sudo.service_id.webhook_url
        outcome = self._send(webhook_sudo)
        self._record(webhook_sudo, outcome)
        return outcome

    @api.model
    def _send(self, webhook_sudo: models.BaseModel) -> Outcome:
        """POST the frozen bytes. Without a usable secret nothing leaves: never unsigned."""
        if not webhook_sudo.url:
            return Outcome(0, "The service has no webhook address")
        body = webhook_sudo.payload.encode()
        try:
            headers = self._headers(webhook_sudo, body)
        except Invalid as error:
            return Outcome(0, str(error))
        settings_sudo = self.env["ir.config_parameter"].sudo()
        allow_private = str2bool(settings_sudo.get_param(ALLOW_PRIVATE) or "", False)
        return post(webhook_sudo.url, body, headers, allow_private=allow_private)

    @api.model
    def _headers(self, webhook_sudo: models.BaseModel, body: bytes) -> dict[str, str]:
        """Lago's headers and Standard Webhooks' beside each other, plus our sequence.

        :raise Invalid: the service has no secret, or one that cannot sign.
        """
        secret = webhook_sudo.service_id.webhook_secret or ""
        message_id = webhook_sudo.event_uuid
        timestamp = int(fields.Datetime.now().replace(tzinfo=UTC).timestamp())
        return {
            "Content-Type": "application/json",
            "User-Agent": "FusionBilling-Webhooks/1",
            "X-Lago-Signature": signature.sign_lago(secret, body),
            "X-Lago-Signature-Algorithm": "hmac",
            "X-Lago-Unique-Key": message_id,
            "webhook-id": message_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signature.sign_standard(secret, message_id, timestamp, body),
            "X-Fusion-Sequence": str(webhook_sudo.sequence),
        }

    @api.model
    def _record(self, webhook_sudo: models.BaseModel, outcome: Outcome) -> None:
        """pending → delivered, pending (with the time of the next try) or failed."""
        now = fields.Datetime.now()
        attempts = webhook_sudo.attempts + 1
        values = {
            "attempts": attempts,
            "last_status": outcome.status,
            "last_error": outcome.error or False,
            "next_attempt_at": False,
        }
        if retry.succeeded(outcome.status):
            values |= {"state": "delivered", "delivered_at": now, "last_error": False}
        else:
            asked = retry.parse_retry_after(outcome.retry_after, now.replace(tzinfo=UTC))
            wait = retry.delay(attempts, random.random(), asked)
            values["last_error"] = outcome.error or f"HTTP {outcome.status} is no confirmation"
            if wait is None:
                values["state"] = "failed"
            else:
                values["next_attempt_at"] = now + wait
        webhook_sudo.write(values)

    @api.model
    def _commit_progress(self, processed: int, remaining: int) -> float:
        """Commit if the cron runs us; return the seconds that are left."""
        if not self.env.context.get("ir_cron_progress_id"):
            return float("inf")
        return self.env["ir.cron"]._commit_progress(processed, remaining=remaining)
