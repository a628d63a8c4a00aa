"""/usage: periodic counters. PUT sets what a bucket holds, POST adds; both safe to repeat."""

from datetime import UTC
from typing import Any

from odoo.http import Controller, Response, request

from ..engine.counter_item import CounterAnswer, CounterItem
from ..engine.errors import Conflict
from ..engine.usage_item import Disposition, IngestItem
from ..schemas.answers.usage import AddedUsage, SealAnswer, SetCounter
from ..schemas.base import InvalidBody, validated
from ..schemas.declared import Many, One
from ..schemas.usage import CounterIn, SealIn, UsageIn, validated_list
from .errors import BadRequest
from .push_log import log_push, refusal
from .wire import billing_route, root

CODES = {
    "conflict": {"sequence": ["value_already_exist"]},
    "stale": {"sequence": ["value_is_out_of_order"]},
}
TAKEN = {"transaction_id": ["value_already_exist"]}


class UsageController(Controller):
    @billing_route(
        "/usage",
        resource="usage",
        methods=("PUT",),
        read_committed=True,
        body=One("usage", CounterIn),
        answer=One("usage", SetCounter),
    )
    def set_usage(self) -> dict[str, Any] | Response:
        """Set a counter: ``value`` is all that the bucket holds, whatever was pushed before.

        ``{"usage": {external_subscription_id, code, bucket, value, sequence, properties}}`` →
        200 ``{"usage": {…, "previous_value", "disposition"}}``. ``bucket`` is an hour, a day or a
        month in the subscription's time zone: ``2026-03-05T14``, ``2026-03-05``, ``2026-03``; or an
        hour in UTC: ``2026-03-05T14Z``.
        422 ``sequence``: ``value_is_out_of_order`` (a newer push is here), ``value_already_exist``
        (this sequence came with another value).
        """
        counter = validated(CounterIn, root("usage"))
        [answer] = _set([counter])
        if answer.status in CODES:
            return refusal(Conflict(CODES[answer.status]))
        return {"usage": _counter(counter, answer)}

    @billing_route(
        "/usage/batch",
        resource="usage",
        methods=("PUT",),
        read_committed=True,
        body=Many("usages", CounterIn),
        answer=Many("usages", SetCounter),
    )
    def set_usages(self) -> dict[str, Any] | Response:
        """Set 1 to ``batch_limit`` counters, all or none; errors are keyed by index.

        ``{"usages": [{…}]}`` → 200 ``{"usages": [{…}]}`` in the same order.
        """
        counters = _batch(CounterIn)
        answers = _set(counters)
        wrong = {n: CODES[a.status] for n, a in enumerate(answers) if a.status in CODES}
        return _refused(wrong) or {
            "usages": [_counter(*pair) for pair in zip(counters, answers, strict=True)]
        }

    @billing_route(
        "/usage",
        resource="usage",
        methods=("POST",),
        read_committed=True,
        body=One("usage", UsageIn),
        answer=One("usage", AddedUsage),
    )
    def add_usage(self) -> dict[str, Any] | Response:
        """Add usage: the same as an event, without having to know the metric's property.

        ``{"usage": {transaction_id, external_subscription_id, code, value, timestamp,
        properties}}`` → 200 ``{"usage": {…, "disposition"}}``. 422 ``transaction_id``
        ``value_already_exist`` for an id that came with other content.
        """
        usage = validated(UsageIn, root("usage"))
        [disposition] = _add([usage])
        if disposition.status == "conflict":
            return refusal(Conflict(TAKEN))
        return {"usage": _added([usage], [disposition])[0]}

    @billing_route(
        "/usage/batch",
        resource="usage",
        methods=("POST",),
        read_committed=True,
        body=Many("usages", UsageIn),
        answer=Many("usages", AddedUsage),
    )
    def add_usages(self) -> dict[str, Any] | Response:
        """Add 1 to ``batch_limit`` usages, all or none; errors are keyed by index."""
        usages = _batch(UsageIn)
        dispositions = _add(usages)
        wrong = {n: TAKEN for n, d in enumerate(dispositions) if d.status == "conflict"}
        return _refused(wrong) or {"usages": _added(usages, dispositions)}

    @billing_route(
        "/usage/seals",
        resource="usage",
        methods=("PUT",),
        body=One("seal", SealIn),
        answer=One("seal", SealAnswer),
        statuses=(404,),
    )
    def seal(self) -> dict[str, Any]:
        """Close a metric's period: it is complete, and adds up to ``count`` and ``sum``.

        ``{"seal": {external_subscription_id, code, start, end, count, sum}}``, local days, the
        end excluded → 200 ``{"seal": {…, "state": "matched" | "mismatched", "counted"}}``.
        404 ``subscription_not_found``, ``billable_metric_not_found``; 422 ``end``.
        """
        seal = validated(SealIn, root("seal"))
        return {"seal": request.env["fusion.billing.seal"]._seal(request.fc_service, seal.sent())}


def _batch(shape: type) -> list:
    body = request.fc_body
    if not isinstance(body, dict) or "usages" not in body:
        raise BadRequest.missing("usages")
    return validated_list(shape, "usages", body["usages"], request.fc_service.batch_limit)


def _refused(wrong: dict[int, dict[str, list[str]]]) -> Response | None:
    if not wrong:
        return None
    return refusal(InvalidBody({str(index): codes for index, codes in wrong.items()}))


def _set(counters: list[CounterIn]) -> list[CounterAnswer]:
    items = [
        CounterItem(
            external_subscription_id=counter.external_subscription_id,
            code=counter.code,
            bucket=counter.bucket,
            value=counter.value,
            sequence=counter.sequence,
            properties=counter.properties,
        )
        for counter in counters
    ]
    answers = request.env["fusion.billing.counter"]._set(request.fc_service, items)
    ids = (f"{c.external_subscription_id} {c.code} {c.bucket.text} #{c.sequence}" for c in items)
    log_push("set", ids, (answer.status for answer in answers))
    return answers


def _counter(counter: CounterIn, answer: CounterAnswer) -> dict[str, Any]:
    row = request.env["fusion.billing.usage.counter"].browse(answer.counter_id)
    return request.env["fusion.billing.serialize"]._counter(row, counter, answer)


def _add(usages: list[UsageIn]) -> list[Disposition]:
    service = request.fc_service
    received = service._now().replace(tzinfo=UTC)
    counters = request.env["fusion.billing.counter"]
    counters._check_added(service, [(usage.code, usage.value) for usage in usages])
    items = [
        IngestItem(
            transaction_id=usage.transaction_id,
            external_subscription_id=usage.external_subscription_id,
            code=usage.code,
            occurred_at=usage.timestamp or received,
            properties={**(usage.properties or {}), counters.VALUE: usage.value},
            timestamp_given=usage.timestamp is not None,
        )
        for usage in usages
    ]
    dispositions = request.env["fusion.billing.ingest"]._ingest(service, items)
    log_push("added", (u.transaction_id for u in usages), (d.status for d in dispositions))
    return dispositions


def _added(usages: list[UsageIn], dispositions: list[Disposition]) -> list[dict[str, Any]]:
    serialize = request.env["fusion.billing.serialize"]
    ledger = request.env["fusion.billing.usage.event"]
    return [
        serialize._added_usage(ledger.browse(disposition.event_id), usage.value, disposition)
        for usage, disposition in zip(usages, dispositions, strict=True)
    ]
