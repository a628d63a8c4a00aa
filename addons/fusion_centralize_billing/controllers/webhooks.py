"""/webhooks: the key that verifies them, and the feed of everything that was told."""

from typing import Any

from odoo import models
from odoo.fields import Domain
from odoo.http import Controller, Response, request

from ..engine import decode_as
from ..engine.errors import Invalid, NotFound
from ..pipeline.webhook_jwt import public_key
from ..schemas.answers.webhook import (
    CheckpointAnswer,
    FeedMeta,
    PublicKey,
    ReplayAnswer,
    WebhookAnswer,
    WebhookBrief,
)
from ..schemas.base import validated
from ..schemas.declared import Many, Media, One, text, whole
from ..schemas.query import whole_number
from ..schemas.webhook import CheckpointIn, ReplayIn
from .webhook_endpoints import find_endpoint
from .wire import billing_route, root

LIMIT, MOST = 100, 1000
CONSUMER = text("name", "The consumer; default unless said otherwise.")
FEED = (
    whole("after", "The number after which to read; 0 is the beginning.", 999_999_999),
    text("checkpoint", "A consumer: after what it has dealt with."),
    whole("limit", "How many, at most 1,000; 100 unless said otherwise.", 999_999_999),
)
# Made on first use: GET alone would be served by a cursor that cannot write.
KEY_METHODS = ("GET", "HEAD")


class WebhooksController(Controller):
    @billing_route(
        "/webhooks/json_public_key",
        resource="webhook",
        methods=KEY_METHODS,
        answer=One("webhook", PublicKey),
    )
    def json_public_key(self) -> dict[str, Any]:
        """The key that verifies ``jwt`` signatures: Base64, in lines, of its PEM."""
        return {"webhook": {"public_key": _public_key()}}

    @billing_route(
        "/webhooks/public_key", resource="webhook", methods=KEY_METHODS, answer=Media("text/plain")
    )
    def plain_public_key(self) -> Response:
        """The key that verifies ``jwt`` signatures, as text."""
        return Response(_public_key(), content_type="text/plain; charset=utf-8")

    @billing_route(
        "/webhooks",
        resource="webhook",
        query=FEED,
        answer=Many("webhooks", WebhookBrief, FeedMeta),
        statuses=(422,),
    )
    def read_feed(self) -> dict[str, Any]:
        """Messages in the order they became true, each with the exact text that was sent.

        Query: ``after`` (a number; 0 is the beginning) or ``checkpoint`` (a consumer's name:
        after what it has dealt with), ``limit`` (100, at most 1,000). 422 on anything else.
        """
        arguments = request.httprequest.args
        after, name = whole_number(arguments, "after", 0), arguments.get("checkpoint")
        if name and "after" not in arguments:
            after = _feed()._position(request.fc_service, name).sequence
        limit = min(whole_number(arguments, "limit", LIMIT), MOST) or LIMIT
        return _feed()._read_after(request.fc_service, after, limit)

    @billing_route(
        "/webhooks/<string:webhook_id>", resource="webhook", answer=One("webhook", WebhookAnswer)
    )
    def show_webhook(self, webhook_id: str) -> dict[str, Any]:
        """One message by its ``webhook-id`` or ``lago_id``, with its deliveries."""
        domain = Domain("event_uuid", "=", webhook_id)
        webhooks = request.env["fusion.billing.webhook"]
        mine = Domain("service_id", "=", request.fc_service.id)
        webhook = webhooks.search(mine & domain)
        if not webhook:
            webhook = webhooks.search(mine & Domain("id", "=", decode_as("webhook", webhook_id)))
        if not webhook:
            raise NotFound("webhook")
        return {"webhook": _feed()._wire(webhook, deliveries=True)}

    @billing_route(
        "/webhooks/checkpoint",
        resource="webhook",
        query=(CONSUMER,),
        answer=One("checkpoint", CheckpointAnswer),
    )
    def show_checkpoint(self) -> dict[str, Any]:
        """How far a consumer is. Query: ``name`` (``default``). Never set: 0."""
        name = request.httprequest.args.get("name") or "default"
        return _checkpoint(name, _feed()._position(request.fc_service, name))

    @billing_route(
        "/webhooks/checkpoint",
        resource="webhook",
        methods=("PUT",),
        body=One("checkpoint", CheckpointIn),
        answer=One("checkpoint", CheckpointAnswer),
    )
    def set_checkpoint(self) -> dict[str, Any]:
        """Say how far a consumer is: everything up to ``sequence`` is dealt with."""
        sent = validated(CheckpointIn, root("checkpoint"))
        position = _feed()._set_position(request.fc_service, sent.name, sent.sequence)
        return _checkpoint(sent.name, position)

    @billing_route(
        "/webhooks/replay",
        resource="webhook",
        methods=("POST",),
        body=One("replay", ReplayIn),
        answer=One("replay", ReplayAnswer),
        statuses=(404,),
    )
    def replay(self) -> dict[str, Any]:
        """Send messages again.

        ``{"replay": {…}}`` with ``id``; ``from_sequence`` and ``to_sequence``;
        ``from_datetime`` and ``to_datetime``; or ``failed: true``; and ``webhook_endpoint_id``
        for one endpoint only. Answers how many deliveries begin anew. 422 ``base`` when nothing
        is asked for.
        """
        sent = validated(ReplayIn, root("replay"))
        endpoint = sent.webhook_endpoint_id and find_endpoint(sent.webhook_endpoint_id)
        conditions = sent.conditions()
        if bool(conditions) == bool(sent.failed):
            raise Invalid({"base": ["value_is_invalid"]})
        resend = request.env["fusion.billing.webhook.resend"]
        if sent.failed:
            count = resend._replay_failed(request.fc_service, endpoint)
        else:
            count = resend._replay(request.fc_service, Domain(conditions), endpoint)
        return {"replay": {"deliveries": count}}


def _public_key() -> str:
    return public_key(request.fc_service._webhook_key())


def _feed() -> models.BaseModel:
    return request.env["fusion.billing.webhook.feed"]


def _checkpoint(name: str, checkpoint: models.BaseModel) -> dict[str, Any]:
    last = _feed()._last(request.fc_service)
    instant = request.env["fusion.billing.serialize"]._instant
    return {
        "checkpoint": {
            "name": name,
            "sequence": checkpoint.sequence,
            "last_sequence": last,
            "behind": last - checkpoint.sequence,
            "updated_at": instant(checkpoint.write_date),
        }
    }
