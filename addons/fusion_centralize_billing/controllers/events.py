"""/events: what was used. Accepted once, whatever is sent twice; nothing is silently lost."""

from datetime import UTC, timedelta
from typing import Any

from odoo.fields import Domain
from odoo.http import Controller, Response, request

from ..engine.errors import Conflict
from ..engine.identifier import encode
from ..engine.usage_item import Disposition, IngestItem
from ..schemas.answers.event import PushedEvent
from ..schemas.base import InvalidBody, validated
from ..schemas.declared import Many, One
from ..schemas.event import EventIn, validated_batch
from .errors import BadRequest
from .push_log import log_push, refusal
from .wire import billing_route, root

SECOND = timedelta(seconds=1)
TAKEN = {"transaction_id": ["value_already_exist"]}


class EventsController(Controller):
    @billing_route(
        "/events",
        resource="event",
        methods=("POST",),
        read_committed=True,
        body=One("event", EventIn),
        answer=One("event", PushedEvent),
    )
    def create_event(self) -> dict[str, Any] | Response:
        """Ingest one event.

        ``{"event": {…}}`` → 200 ``{"event": {…, "disposition": {status, reason}}}``: accepted,
        duplicate (same id and content as before) or parked with its reason. 422
        ``transaction_id`` for an id that was used with other content.
        """
        event = validated(EventIn, root("event"))
        [disposition] = _ingest([event])
        if disposition.status == "conflict":
            return refusal(Conflict(TAKEN))
        return {"event": _answers([event], [disposition])[0]}

    @billing_route(
        "/events/batch",
        resource="event",
        methods=("POST",),
        read_committed=True,
        body=Many("events", EventIn),
        answer=Many("events", PushedEvent),
    )
    def create_events(self) -> dict[str, Any] | Response:
        """Ingest 1 to ``batch_limit`` events (100 unless the service says otherwise), all or none.

        ``{"events": [{…}]}`` → 200 ``{"events": [{…}]}`` in the same order. 422 ``events``
        ``no_events``, ``too_many_events``, or errors keyed by index.
        """
        body = request.fc_body
        if not isinstance(body, dict) or "events" not in body:
            raise BadRequest.missing("events")
        events = validated_batch(body["events"], request.fc_service.batch_limit)
        dispositions = _ingest(events)
        taken = {
            str(index): TAKEN
            for index, disposition in enumerate(dispositions)
            if disposition.status == "conflict"
        }
        if taken:
            return refusal(InvalidBody(taken))
        return {"events": _answers(events, dispositions)}


def _ingest(events: list[EventIn]) -> list[Disposition]:
    service = request.fc_service
    received = service._now().replace(tzinfo=UTC)
    items = [
        IngestItem(
            transaction_id=event.transaction_id,
            external_subscription_id=event.external_subscription_id,
            code=event.code,
            occurred_at=event.timestamp or received,
            properties=event.properties,
            timestamp_given=event.timestamp is not None,
            precise_total_amount_cents=event.precise_total_amount_cents,
        )
        for event in events
    ]
    dispositions = request.env["fusion.billing.ingest"]._ingest(service, items)
    log_push("events", (e.transaction_id for e in events), (d.status for d in dispositions))
    return dispositions


def _answers(events: list[EventIn], dispositions: list[Disposition]) -> list[dict[str, Any]]:
    """The stored events in the order they were sent, each with what became of it."""
    stored = _stored(events, dispositions)
    answers = []
    for event, disposition in zip(events, dispositions, strict=True):
        row = stored.get(disposition.event_id)
        serialize = request.env["fusion.billing.serialize"]
        answers.append(
            (serialize._event(row) if row else _dropped(event, disposition.event_id))
            | {
                "precise_total_amount_cents": _cents(event),
                "disposition": {"status": disposition.status, "reason": disposition.reason},
            }
        )
    return answers


def _stored(events: list[EventIn], dispositions: list[Disposition]) -> dict[int, Any]:
    """``{id: ledger row}``; instants, where all were sent, spare a look into every month."""
    domain = Domain("id", "in", [disposition.event_id for disposition in dispositions])
    instants = [event.timestamp for event in events]
    if all(instants):
        first, last = (at.replace(tzinfo=None) for at in (min(instants), max(instants)))
        domain &= Domain("occurred_at", ">=", first - SECOND)
        domain &= Domain("occurred_at", "<=", last + SECOND)
    ledger = request.env["fusion.billing.usage.event"]
    return {row.id: row for row in ledger.search_fetch(domain)}


def _dropped(event: EventIn, event_id: int) -> dict[str, Any]:
    """What was sent, in place of a row that retention dropped: their contents are equal."""
    serialize = request.env["fusion.billing.serialize"]
    received = request.fc_service._now()
    at = event.timestamp.replace(tzinfo=None) if event.timestamp else received
    return {
        "lago_id": encode("event", event_id),
        "transaction_id": event.transaction_id,
        "lago_customer_id": None,
        "code": event.code,
        "timestamp": serialize._instant(at, milliseconds=True),
        "properties": event.properties or {},
        "lago_subscription_id": None,
        "external_subscription_id": event.external_subscription_id,
        "created_at": serialize._instant(received),
    }


def _cents(event: EventIn) -> str | None:
    cents = event.precise_total_amount_cents
    return None if cents is None else request.env["fusion.billing.serialize"]._decimal(cents)
