"""Exactly once: from pushed events to the ledger and the day rollups."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from itertools import repeat
from typing import NamedTuple

from psycopg2.errors import CheckViolation

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError

from .. import engine
from . import ingest_function, ingest_rows, ingest_sql

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


class _Taken(NamedTuple):
    """What a statement did: ``{number: id}`` it wrote, ``{id: reason}`` of those it parked, and
    ``{key: (content, id, instant)}`` it found."""

    new: dict[int, int]
    parked: dict[int, str]
    known: dict[bytes, tuple]


class BillingIngest(models.AbstractModel):
    """Appends events and folds them, one statement a batch. Does not price, does not answer HTTP.

    The unique index of `fusion_billing_usage_key` on (service, hash of external subscription and
    transaction) is the only judge of what is new. A rival's uncommitted row is waited for; under
    Odoo's REPEATABLE READ it then raises a serialization failure, which Odoo retries, and under
    READ COMMITTED it reads as a duplicate.
    """

    _name = "fusion.billing.ingest"
    _description = "Usage Ingestion"

    def init(self) -> None:
        ingest_function.create(self.env.cr)

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
        batch = ingest_rows.batch(items)
        # The function reads the service's own clock and timezone.
        given = {"service": service.id, "now": fields.Datetime.now(), **batch.parameters}
        try:
            dispositions = self._attempt(ingest_function.CALL, batch, given)
            if dispositions is None:
                parameters = {**given, **self._parameters(service)}
                dispositions = self._attempt(ingest_sql.CONTEST, batch, parameters)
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

    def _attempt(
        self, statement: str, batch: ingest_rows.Batch, parameters: dict
    ) -> list[engine.Disposition] | None:
        """Run a push; all of it stays, or nothing. None: an id is known, nothing else is."""
        self.env.flush_all()
        if statement is ingest_function.CALL and len(batch.firsts) == len(batch.keys):
            # All new or nothing: no id can clash with another, so nothing is ever taken back.
            taken = self._push(statement, parameters)
            return None if taken is None else self._told(batch, taken)
        with self.env.cr.savepoint(flush=False):
            taken = self._push(statement, parameters)
            if taken is None:
                return None
            if len(taken.new) + len(taken.known) < len(batch.firsts):
                self.env.cr.execute(ingest_sql.RIVALS, parameters)
                taken.known.update(_known(self.env.cr.fetchall()))
            dispositions = self._told(batch, taken)
            if any(d.status == "conflict" for d in dispositions):
                raise _Clash(dispositions)
        return dispositions

    def _push(self, statement: str, parameters: dict) -> _Taken | None:
        try:
            # A lost race is retried, not logged: the statement carries customers' data.
            self.env.cr.execute(statement, parameters, log_exceptions=False)
        except CheckViolation as error:
            # Its month got a partition while this statement waited: the row belongs there now.
            if not (error.diag.table_name or "").startswith("fusion_billing_usage_event"):
                raise
            raise ConcurrencyError(error.diag.message_primary) from error
        answers = self.env.cr.fetchall()
        if not answers:
            return None
        header = next(answer[:4] for answer in answers if not any(answer[4:]))
        numbers, ids, parked, reasons = (column or () for column in header)
        return _Taken(
            dict(zip(numbers, ids, strict=True)),
            dict(zip(parked, reasons, strict=True)),
            _known(answer[4:] for answer in answers if any(answer[4:])),
        )

    def _told(self, batch: ingest_rows.Batch, taken: _Taken) -> list[engine.Disposition]:
        """What became of each item, in the order given."""
        if len(taken.new) == len(batch.keys) and not taken.parked:
            same = zip(repeat("accepted"), repeat(None), taken.new.values())
            return list(map(engine.Disposition._make, same))
        reasons = self._reasons(taken.known.values()) | taken.parked
        new = {batch.firsts[number - 1]: new_id for number, new_id in taken.new.items()}
        # What each id stands for: of those that are new, the first item that brought it.
        stored = taken.known | {batch.keys[n]: (batch.contents[n], new[n]) for n in new}
        dispositions = []
        for n, (key, content) in enumerate(zip(batch.keys, batch.contents, strict=True)):
            kept, event_id, *_at = stored[key]
            reason = reasons.get(event_id)
            if n in new:
                status = "parked" if reason else "accepted"
            else:
                status = "duplicate" if kept == content else "conflict"
            dispositions.append(engine.Disposition(status, reason, event_id))
        return dispositions

    def _reasons(self, known: Collection[tuple]) -> dict[int, str]:
        """``{id: park reason}`` of those of these events that are parked."""
        if not known:
            return {}
        _contents, ids, instants = zip(*known, strict=True)
        self.env.cr.execute(
            ingest_sql.REASONS,
            {"ids": list(ids), "first": min(instants), "last": max(instants)},
        )
        return dict(self.env.cr.fetchall())

    def _parameters(self, service: models.BaseModel) -> dict:
        service.fetch(["timezone", "test_clock"])  # where it was not read yet: no more than these
        return {
            "service": service.id,
            "tz": service.timezone,
            "now": service._now(),
            **ingest_sql.TERMS,
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


def _known(rows: Iterable[tuple]) -> dict[bytes, tuple]:
    return {bytes(key): (bytes(content), *rest) for key, content, *rest in rows}
