"""Delivery: send what the outbox holds, at least once, signed, in order, to each endpoint.

Every endpoint has a thread of its own while it is served: a slow or dead one delays nobody else.
Threads only post; the database is the caller's. A crash between the app's answer and our commit
sends a webhook again, with the same id and the same bytes: the receiver deduplicates by
`webhook-id`. Delivery lives in real time, also for a service on a test clock: signatures carry
the time they were made.
"""

import random
from collections import deque
from collections.abc import Collection
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import UTC, timedelta

from odoo import api, fields, models
from odoo.tools import SQL, str2bool

from ..engine import retry
from . import courier
from .outbound import Outcome

ALLOW_PRIVATE = "fusion_billing.webhook_allow_private"
RUN_LIMIT = 500
BATCH = 10
COURIERS = 16
# Longer than a batch can take. After a crash its webhooks are tried again when this is over.
CLAIM = timedelta(minutes=2)


class BillingDeliver(models.AbstractModel):
    """Claims due deliveries, has them posted and records the outcome."""

    _name = "fusion.billing.deliver"
    _description = "Webhook Delivery Run"

    @api.model
    def _cron_deliver(self) -> None:
        self._deliver(RUN_LIMIT)

    @api.model
    def _deliver(self, limit: int = RUN_LIMIT) -> int:
        """Publish, then try up to `limit` due deliveries; return how many were tried.

        Endpoints are served at the same time, each its own webhooks one after the other. One
        that does not answer costs one try and is then left out of this run. Run by the cron,
        claims are committed before anything is sent and outcomes as they come; called directly,
        the caller commits.
        """
        self.env["fusion.billing.outbox"]._publish()
        self._commit_progress(0, remaining=0)
        idle = deque(self._due_endpoints())
        running: dict[Future, tuple[int, list[int]]] = {}
        tried, in_time = 0, True
        with ThreadPoolExecutor(COURIERS, "webhooks") as couriers:
            while True:
                if in_time:
                    self._dispatch(couriers, idle, running, limit - tried)
                if not running:
                    break
                done, _waiting = wait(running, return_when=FIRST_COMPLETED)
                count = sum(self._receive(future, idle, running) for future in done)
                tried += count
                in_time = self._commit_progress(count, remaining=len(idle) + len(running)) > 0
        self._commit_progress(0, remaining=len(idle))
        return tried

    @api.model
    def _deliver_now(self, deliveries: models.BaseModel) -> None:
        """Try these pending deliveries at once, due or not; what a worker has is left to it."""
        for delivery in deliveries.sorted("sequence"):
            claimed_sudo = self._claim(delivery.endpoint_id.id, 1, [delivery.id])
            for parcel in self._parcels(claimed_sudo):
                self._record(claimed_sudo, parcel.send(self._allow_private()))

    # --------------------------------------------------------------------- run
    @api.model
    def _dispatch(
        self, couriers: ThreadPoolExecutor, idle: deque[int], running: dict, budget: int
    ) -> None:
        """Claim a batch for each waiting endpoint while there are couriers, then send them out."""
        budget -= sum(len(ids) for _endpoint, ids in running.values())
        batches = []
        while idle and budget > 0 and len(running) + len(batches) < COURIERS:
            endpoint_id = idle.popleft()
            claimed_sudo = self._claim(endpoint_id, min(BATCH, budget))
            if claimed_sudo:
                batches.append((endpoint_id, claimed_sudo.ids, self._parcels(claimed_sudo)))
                budget -= len(claimed_sudo)
        if not batches:
            return
        allow_private = self._allow_private()
        self._commit_progress(0, remaining=len(idle) + len(batches))
        for endpoint_id, ids, parcels in batches:
            future = couriers.submit(courier.deliver, parcels, allow_private)
            running[future] = (endpoint_id, ids)

    @api.model
    def _receive(self, future: Future, idle: deque[int], running: dict) -> int:
        """Record what a courier brought back; the endpoint queues again if it answers."""
        endpoint_id, ids = running.pop(future)
        outcomes = future.result()
        deliveries_sudo = self.env["fusion.billing.webhook.delivery"].sudo().browse(ids).exists()
        for delivery_sudo in deliveries_sudo:
            if outcome := dict(outcomes).get(delivery_sudo.id):
                self._record(delivery_sudo, outcome)
            else:
                delivery_sudo.claimed_until = False
        endpoint_sudo = self.env["fusion.billing.webhook.endpoint"].sudo().browse(endpoint_id)
        if outcomes[-1][1].status and endpoint_sudo.exists().active:
            idle.append(endpoint_id)
        return len(outcomes)

    # ------------------------------------------------------------------- claim
    @api.model
    def _due_endpoints(self) -> list[int]:
        """Enabled endpoints with something due, the healthy ones first.

        One that just cost a timeout comes last, so that it cannot starve the others even if the
        cron worker is stopped in between.
        """
        self._flush()
        self.env.cr.execute(
            SQL(
                """
                SELECT delivery.endpoint_id
                FROM fusion_billing_webhook_delivery AS delivery
                JOIN fusion_billing_webhook_endpoint AS endpoint
                  ON endpoint.id = delivery.endpoint_id
                JOIN fusion_billing_service AS service ON service.id = delivery.service_id
                WHERE service.active AND endpoint.active AND %s
                GROUP BY delivery.endpoint_id, endpoint.failing_since
                ORDER BY endpoint.failing_since DESC NULLS FIRST, min(delivery.id)
                """,
                self._due_condition(),
            )
        )
        return [endpoint_id for (endpoint_id,) in self.env.cr.fetchall()]

    @api.model
    def _claim(
        self, endpoint_id: int, count: int, only: Collection[int] | None = None
    ) -> models.BaseModel:
        """Take the next due deliveries of an endpoint (sudo), in order; `only` these, due or not.

        A claim ends by itself: who was killed with it in hand does not keep it.
        """
        self._flush()
        now = fields.Datetime.now()
        condition = self._due_condition()
        if only is not None:
            condition = SQL("%s AND delivery.id = ANY(%s)", self._free_condition(), list(only))
        self.env.cr.execute(
            SQL(
                """
                UPDATE fusion_billing_webhook_delivery SET claimed_until = %s
                WHERE id IN (
                    SELECT delivery.id FROM fusion_billing_webhook_delivery AS delivery
                    WHERE delivery.endpoint_id = %s AND %s
                    ORDER BY delivery.sequence
                    LIMIT %s
                    FOR UPDATE SKIP LOCKED
                )
                RETURNING id, sequence
                """,
                now + CLAIM,
                endpoint_id,
                condition,
                count,
            )
        )
        ids = [row[0] for row in sorted(self.env.cr.fetchall(), key=lambda row: row[1])]
        claimed_sudo = self.env["fusion.billing.webhook.delivery"].sudo().browse(ids)
        claimed_sudo.invalidate_recordset()
        return claimed_sudo

    @api.model
    def _free_condition(self) -> SQL:
        return SQL(
            "delivery.state = 'pending'"
            " AND (delivery.claimed_until IS NULL OR delivery.claimed_until <= %s)",
            fields.Datetime.now(),
        )

    @api.model
    def _due_condition(self) -> SQL:
        return SQL(
            "%s AND (delivery.next_attempt_at IS NULL OR delivery.next_attempt_at <= %s)",
            self._free_condition(),
            fields.Datetime.now(),
        )

    @api.model
    def _flush(self) -> None:
        self.env["fusion.billing.webhook.delivery"].flush_model()
        self.env["fusion.billing.webhook.endpoint"].flush_model()
        self.env["fusion.billing.service"].flush_model(["active"])

    # ----------------------------------------------------------------- parcels
    @api.model
    def _parcels(self, deliveries_sudo: models.BaseModel) -> list[courier.Parcel]:
        """The same as plain values, for a thread. Fixes where a first try goes."""
        parameters_sudo = self.env["ir.config_parameter"].sudo()
        parcels = []
        for delivery_sudo in deliveries_sudo:
            endpoint_sudo = delivery_sudo.endpoint_id
            webhook_sudo, service_sudo = delivery_sudo.webhook_id, delivery_sudo.service_id
            if not delivery_sudo.url:
                delivery_sudo.url = endpoint_sudo.url
            by_jwt = endpoint_sudo.signature_algo == "jwt"
            parcels.append(
                courier.Parcel(
                    delivery_sudo.id,
                    delivery_sudo.url,
                    webhook_sudo.payload.encode(),
                    webhook_sudo.event_uuid,
                    webhook_sudo.sequence,
                    tuple(service_sudo._webhook_secrets()),
                    service_sudo._webhook_key() if by_jwt else "",
                    parameters_sudo.get_param("web.base.url") or "" if by_jwt else "",
                )
            )
        return parcels

    @api.model
    def _allow_private(self) -> bool:
        parameters_sudo = self.env["ir.config_parameter"].sudo()
        return str2bool(parameters_sudo.get_param(ALLOW_PRIVATE) or "", False)

    # ------------------------------------------------------------------ record
    @api.model
    def _record(self, delivery_sudo: models.BaseModel, outcome: Outcome) -> None:
        """pending → delivered, pending (with the time of the next try) or failed."""
        now = fields.Datetime.now()
        attempts = delivery_sudo.attempts + 1
        values = {
            "attempts": attempts,
            "last_status": outcome.status,
            "last_error": False,
            "next_attempt_at": False,
            "claimed_until": False,
        }
        endpoint_sudo = delivery_sudo.endpoint_id
        if retry.succeeded(outcome.status):
            delivery_sudo.write(values | {"state": "delivered", "delivered_at": now})
            endpoint_sudo._healthy()
            return
        asked = retry.parse_retry_after(outcome.retry_after, now.replace(tzinfo=UTC))
        wait_for = retry.delay(attempts, random.random(), asked)
        values["last_error"] = outcome.error or f"HTTP {outcome.status} is no confirmation"
        if wait_for is None:
            values["state"] = "failed"
        else:
            values["next_attempt_at"] = now + wait_for
        delivery_sudo.write(values)
        endpoint_sudo._ailing(outcome.status, now)

    @api.model
    def _commit_progress(self, processed: int, remaining: int) -> float:
        """Commit if the cron runs us; return the seconds that are left."""
        if not self.env.context.get("ir_cron_progress_id"):
            return float("inf")
        return self.env["ir.cron"]._commit_progress(processed, remaining=remaining)
