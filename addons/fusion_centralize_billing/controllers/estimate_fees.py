"""POST /events/estimate_fees and its like: what an event would cost, before it happens."""

from datetime import UTC
from typing import Any

from odoo.http import Controller, request

from ..engine.usage_item import IngestItem
from ..schemas.answers.fee import EstimatedFee
from ..schemas.base import validated
from ..schemas.declared import Many, One
from ..schemas.event import EstimateIn, validated_batch
from .errors import BadRequest
from .wire import billing_route, root


class EstimateFeesController(Controller):
    @billing_route(
        "/events/<any(estimate_fees,estimate_instant_fees):_action>",
        resource="event",
        methods=("POST",),
        body=One("event", EstimateIn),
        answer=Many("fees", EstimatedFee),
        statuses=(404,),
    )
    def estimate_fees(self, _action: str) -> dict[str, Any]:
        """What one event would add to its period's bill, with taxes; keeps nothing.

        ``{"event": {"external_subscription_id", "code", "timestamp"?, "properties"?}}`` → 200
        ``{"fees": [{…}]}``, a fee for each line it changes. 404 ``subscription_not_found``
        without a running one; 422 ``code: does_not_match_an_instant_charge`` where no charge of
        the plan prices it, ``properties`` for a value that is missing or no number.
        """
        return {"fees": _fees(validated(EstimateIn, root("event")))}

    @billing_route(
        "/events/batch_estimate_instant_fees",
        resource="event",
        methods=("POST",),
        body=Many("events", EstimateIn),
        answer=Many("fees", EstimatedFee),
        statuses=(404,),
    )
    def batch_estimate_fees(self) -> dict[str, Any]:
        """What each of several events would add by itself; keeps nothing.

        ``{"events": [{…}]}`` → 200 ``{"fees": [{…}]}`` in their order. Errors as for one event;
        those of shape are keyed by index, and 422 ``events`` ``no_events``, ``too_many_events``.
        """
        body = request.fc_body
        if not isinstance(body, dict) or "events" not in body:
            raise BadRequest.missing("events")
        limit = request.fc_service.batch_limit
        events = validated_batch(body["events"], limit, EstimateIn)
        return {"fees": [fee for event in events for fee in _fees(event)]}


def _fees(event: EstimateIn) -> list[dict[str, Any]]:
    service = request.fc_service
    item = IngestItem(
        transaction_id="",
        external_subscription_id=event.external_subscription_id,
        code=event.code,
        occurred_at=event.timestamp or service._now().replace(tzinfo=UTC),
        properties=event.properties,
        timestamp_given=event.timestamp is not None,
        precise_total_amount_cents=event.precise_total_amount_cents,
    )
    order_sudo, period, changes = request.env["fusion.billing.estimate"]._estimate(service, item)
    return request.env["fusion.billing.serialize"]._estimated_fees(
        order_sudo, period, changes, event.transaction_id
    )
