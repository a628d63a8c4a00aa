"""GET /events: the ledger, and what became of each of its rows."""

from datetime import UTC, datetime
from typing import Any

from odoo.fields import Domain
from odoo.http import Controller, request

from ..engine.errors import NotFound
from ..schemas.answers.base import Meta
from ..schemas.answers.event import EventAnswer
from ..schemas.declared import PAGES, Many, One, Param, flag, text
from .wire import billing_route, paginated

SUBSCRIPTION = text("external_subscription_id")
BOUND = {"oneOf": [{"type": "string", "format": "date-time"}, {"type": "number", "minimum": 0}]}
EVENTS = (
    SUBSCRIPTION,
    text("code"),
    Param("timestamp_from", "ISO, or unix seconds.", BOUND),
    Param("timestamp_to", "ISO, or unix seconds.", BOUND),
    flag("timestamp_from_started_at", "From the day the running subscription began."),
)


class EventsReadController(Controller):
    @billing_route(
        "/events",
        resource="event",
        query=(*EVENTS, *PAGES),
        answer=Many("events", EventAnswer, Meta),
    )
    def list_events(self) -> dict[str, Any]:
        """Events of the service, latest first.

        Query: ``external_subscription_id``, ``code``, ``timestamp_from``, ``timestamp_to`` (ISO
        or unix seconds; what cannot be read is ignored), ``timestamp_from_started_at``,
        ``page``, ``per_page``.
        """
        arguments = request.httprequest.args
        domain = Domain("service_id", "=", request.fc_service.id)
        for name in ("external_subscription_id", "code"):
            if value := arguments.get(name):
                domain &= Domain(name, "=", value)
        for name, operator in (("timestamp_from", ">="), ("timestamp_to", "<=")):
            if bound := _instant(arguments.get(name)):
                domain &= Domain("occurred_at", operator, bound)
        if arguments.get("timestamp_from_started_at") in {"true", "1"}:
            domain &= _from_start(arguments.get("external_subscription_id"))
        events, meta = paginated(
            request.env["fusion.billing.usage.event"], domain, "occurred_at desc, id desc"
        )
        return {"events": [_event(event) for event in events], "meta": meta}

    @billing_route(
        "/events/<string:transaction_id>",
        resource="event",
        query=(SUBSCRIPTION,),
        answer=One("event", EventAnswer),
    )
    def show_event(self, transaction_id: str) -> dict[str, Any]:
        """One event by its transaction id, with the invoice it is on. 404 ``event_not_found``.

        Query: ``external_subscription_id``, where several subscriptions used the id; else the
        latest is shown.
        """
        domain = Domain("service_id", "=", request.fc_service.id)
        domain &= Domain("transaction_id", "=", transaction_id)
        if external_id := request.httprequest.args.get("external_subscription_id"):
            domain &= Domain("external_subscription_id", "=", external_id)
        event = request.env["fusion.billing.usage.event"].search(domain, limit=1)
        if not event:
            raise NotFound("event")
        return {"event": _event(event)}


def _event(event) -> dict[str, Any]:
    """In Lago's shape; ``disposition`` says whether and where it was billed."""
    event_sudo = event.sudo()
    serialize = request.env["fusion.billing.serialize"]
    cents = event_sudo.precise_total_amount_cents
    invoice_sudo = event_sudo.invoice_id
    return serialize._event(event_sudo) | {
        "precise_total_amount_cents": serialize._decimal(cents) if cents else None,
        "disposition": {
            "status": event_sudo.disposition,
            "reason": event_sudo.park_reason or None,
            "lago_invoice_id": serialize._id("invoice", invoice_sudo),
            "invoice_number": invoice_sudo.name or None,
        },
    }


def _from_start(external_id: str | None) -> Domain:
    """From the day a running subscription with that id began."""
    order_sudo = request.env["fusion.billing.subscribe"]._running(
        request.fc_service, external_id or ""
    )
    begins = order_sudo.x_fc_started_at or order_sudo.x_fc_subscription_at
    return Domain("occurred_at", ">=", begins) if begins else Domain.TRUE


def _instant(text: str | None) -> datetime | None:
    """A naive UTC date-time of an ISO text or of unix seconds."""
    try:
        if text and text.replace(".", "", 1).isdigit():
            return datetime.fromtimestamp(float(text), UTC).replace(tzinfo=None)
        parsed = datetime.fromisoformat(text or "")
        return parsed.astimezone(UTC).replace(tzinfo=None) if parsed.tzinfo else parsed
    except (ValueError, OverflowError, OSError):
        return None
