"""Exactly once: from pushed events to the ledger and the day rollups."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC

from odoo import api, models

from .. import engine
from . import ingest_sql
from .gate import to_json

MAX_ID_LENGTH = 255

# Lago names three kinds of errors in `events.errors`; what it never reports has a key of its own.
WEBHOOK_KEYS = {
    "unknown_metric": "invalid_code",
    "missing_value": "missing_aggregation_property",
    "invalid_value": "missing_aggregation_property",
    "unknown_subscription": "unknown_subscription",
    "outside_subscription": "outside_subscription",
}


class _Clash(Exception):
    """An id came again with other content: the batch is rolled back and nothing of it stays."""

    def __init__(self, dispositions: list[engine.Disposition]) -> None:
        super().__init__()
        self.dispositions = dispositions


class BillingIngest(models.AbstractModel):
    """Appends events and folds them, one statement a batch. Does not price, does not answer HTTP.

    The unique index on (service, external subscription, transaction) is the only judge of what is
    new. A rival's uncommitted row is waited for; under Odoo's REPEATABLE READ it then raises a
    serialization failure, which Odoo retries, and under READ COMMITTED it reads as a duplicate.
    """

    _name = "fusion.billing.ingest"
    _description = "Usage Ingestion"

    @api.model
    def _ingest(
        self, service: models.BaseModel, items: Sequence[engine.IngestItem]
    ) -> list[engine.Disposition]:
        """Take a batch; say what became of each item, in the order given.

        accepted: counted. parked: kept, not counted, `reason` says why. duplicate: the same
        content was here before (`event_id` is that row, `reason` why that one is parked, if so).
        conflict: the id was here with other content; then nothing of the batch is written and
        the other dispositions say what they would have been.

        :raise engine.Invalid: an id or a property that cannot be stored; nothing is written.
        """
        service.ensure_one()
        if not items:
            return []
        rows = "[" + ",".join(_row(n, item) for n, item in enumerate(items)) + "]"
        try:
            with self.env.cr.savepoint():
                dispositions = self._push(service, rows, items)
                if any(d.status == "conflict" for d in dispositions):
                    raise _Clash(dispositions)
        except _Clash as clash:
            return clash.dispositions
        self._forget_caches()
        self._announce_parked(service, items, dispositions)
        return dispositions

    @api.model
    def _reexamine(
        self,
        service: models.BaseModel | None = None,
        external_ids: Sequence[str] | None = None,
        codes: Sequence[str] | None = None,
    ) -> int:
        """Look at parked events again; count those whose reason is gone. Return how many.

        :param service: one or more services; none means all
        :param external_ids: only events for these external subscription ids
        :param codes: only events with these metric codes
        """
        services = service
        if services is None:
            services = self.env["fusion.billing.service"].search([("active", "=", True)])
        released = 0
        self.env.flush_all()
        for one in services:
            self.env.cr.execute(
                ingest_sql.REEXAMINE,
                {
                    **self._parameters(one),
                    "external_ids": list(external_ids) if external_ids is not None else None,
                    "codes": list(codes) if codes is not None else None,
                },
            )
            released += sum(state == "accepted" for _id, state in self.env.cr.fetchall())
        self._forget_caches()
        return released

    def _push(
        self, service: models.BaseModel, rows: str, items: Sequence[engine.IngestItem]
    ) -> list[engine.Disposition]:
        parameters = self._parameters(service)
        # A lost race is retried, not logged: the statement carries customers' data.
        self.env.cr.execute(ingest_sql.PUSH, {**parameters, "items": rows}, log_exceptions=False)
        answers = self.env.cr.fetchall()
        rivals = self._rivals(parameters, [items[a[0]] for a in answers if not a[1] and not a[5]])
        dispositions = []
        told = set()
        for n, new_id, state, reason, same, old_id, old_reason in answers:
            key = _key(items[n])
            if new_id and key not in told:
                told.add(key)
                dispositions.append(engine.Disposition(state, reason, new_id))
                continue
            if not new_id and not old_id:
                old_id, content_hash, old_reason = rivals[key]
                same = content_hash == items[n].content_hash
            status = "duplicate" if same else "conflict"
            dispositions.append(engine.Disposition(status, reason or old_reason, new_id or old_id))
        return dispositions

    def _rivals(self, parameters: dict, items: Sequence[engine.IngestItem]) -> dict:
        """``{key: (id, content hash, park reason)}`` of rows that won a race against this batch."""
        if not items:
            return {}
        keys = tuple({_key(item) for item in items})
        self.env.cr.execute(ingest_sql.RIVALS, {**parameters, "keys": keys})
        return {(sub, transaction): rest for sub, transaction, *rest in self.env.cr.fetchall()}

    def _parameters(self, service: models.BaseModel) -> dict:
        return {
            "service": service.id,
            "tz": service.timezone,
            "now": service._now(),
            "number": ingest_sql.NUMBER,
            "max_length": ingest_sql.MAX_LENGTH,
            "max_whole": ingest_sql.MAX_WHOLE,
            "max_scale": ingest_sql.MAX_SCALE,
        }

    def _forget_caches(self) -> None:
        """The statement went past the ORM: what it may have read before is stale."""
        for model in ("fusion.billing.usage", "fusion.billing.usage.event"):
            self.env[model].invalidate_model(flush=False)
        self.env["fusion.billing.period"].invalidate_model(["dirty"], flush=False)

    def _announce_parked(
        self,
        service: models.BaseModel,
        items: Sequence[engine.IngestItem],
        dispositions: Sequence[engine.Disposition],
    ) -> None:
        """Tell the app what was parked: one `events.errors` a batch, in Lago's shape."""
        payload: dict[str, list[str] | None] = defaultdict(list)
        for item, disposition in zip(items, dispositions, strict=True):
            if disposition.status == "parked":
                payload[WEBHOOK_KEYS[disposition.reason]].append(item.transaction_id)
        if not payload:
            return
        for key in ("invalid_code", "missing_aggregation_property", "invalid_filter_values"):
            payload.setdefault(key, [])
        payload["missing_group_key"] = None
        self.env["fusion.billing.outbox"]._emit(
            service, "events.errors", "events_errors", dict(payload)
        )


def _key(item: engine.IngestItem) -> tuple[str, str]:
    return (item.external_subscription_id or "", item.transaction_id)


def _row(n: int, item: engine.IngestItem) -> str:
    """One item as JSON text; its numbers reach PostgreSQL's NUMERIC digit for digit."""
    external_id, transaction_id = _key(item)
    fields = {"transaction_id": transaction_id, "external_subscription_id": external_id}
    too_long = [name for name, value in fields.items() if len(value) > MAX_ID_LENGTH]
    if too_long:
        raise engine.Invalid({name: ["value_is_too_long"] for name in too_long})
    fields["code"] = item.code
    texts = [f'"{name}":{to_json(value, name)}' for name, value in fields.items()]
    occurred_at = item.occurred_at.astimezone(UTC).replace(tzinfo=None).isoformat()
    properties = to_json(item.properties, "properties")
    return (
        f'{{"n":{n},{",".join(texts)},"occurred_at":"{occurred_at}",'
        f'"properties":{properties},"content_hash":"{item.content_hash}"}}'
    )
