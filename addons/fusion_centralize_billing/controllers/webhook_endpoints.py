"""/webhook_endpoints: where a service's messages go."""

from typing import Any

from odoo import models
from odoo.http import Controller, request

from ..engine import decode_as
from ..engine.errors import Invalid, NotFound
from ..models.webhook_types import WEBHOOK_TYPES
from ..schemas.answers.base import Meta
from ..schemas.answers.webhook import EndpointAnswer
from ..schemas.base import validated
from ..schemas.declared import PAGES, Many, One
from ..schemas.webhook_endpoint import WebhookEndpointChange, WebhookEndpointIn
from .wire import billing_route, paginated, root

RESOURCE = "webhook_endpoint"
MODEL = "fusion.billing.webhook.endpoint"
ANSWER = One(RESOURCE, EndpointAnswer)


class WebhookEndpointsController(Controller):
    @billing_route(
        "/webhook_endpoints",
        resource=RESOURCE,
        methods=("POST",),
        body=One(RESOURCE, WebhookEndpointIn),
        answer=ANSWER,
    )
    def create_webhook_endpoint(self) -> dict[str, Any]:
        """Have the service's messages sent to another address, ten at most.

        ``signature_algo`` is ``jwt`` unless said otherwise. 422 on an address that is there
        already, an unknown type, and the eleventh endpoint.
        """
        sent = validated(WebhookEndpointIn, root(RESOURCE), known_types=WEBHOOK_TYPES)
        values = {"signature_algo": sent.signature_algo, **_values(sent.sent())}
        _refuse_taken(values["url"])
        endpoint = _endpoints().create({"service_id": request.fc_service.id, **values})
        return {RESOURCE: endpoint._to_wire()}

    @billing_route(
        "/webhook_endpoints",
        resource=RESOURCE,
        query=PAGES,
        answer=Many("webhook_endpoints", EndpointAnswer, Meta),
    )
    def list_webhook_endpoints(self) -> dict[str, Any]:
        """All endpoints, those that were switched off as well, newest first."""
        domain = [("service_id", "=", request.fc_service.id)]
        endpoints, meta = paginated(_endpoints(), domain, "id desc")
        return {
            "webhook_endpoints": [endpoint._to_wire() for endpoint in endpoints],
            "meta": meta,
        }

    @billing_route("/webhook_endpoints/<string:lago_id>", resource=RESOURCE, answer=ANSWER)
    def show_webhook_endpoint(self, lago_id: str) -> dict[str, Any]:
        """One endpoint by its id. 404 ``webhook_endpoint_not_found``."""
        return {RESOURCE: find_endpoint(lago_id)._to_wire()}

    @billing_route(
        "/webhook_endpoints/<string:lago_id>",
        resource=RESOURCE,
        methods=("PUT",),
        body=One(RESOURCE, WebhookEndpointChange),
        answer=ANSWER,
    )
    def update_webhook_endpoint(self, lago_id: str) -> dict[str, Any]:
        """Change the keys that are sent. A new address enables one that was switched off."""
        endpoint = find_endpoint(lago_id)
        sent = validated(WebhookEndpointChange, root(RESOURCE), known_types=WEBHOOK_TYPES)
        values = _values(sent.sent())
        if values.get("url", endpoint.url) != endpoint.url:
            _refuse_taken(values["url"])
            values["active"] = True
        endpoint.write(values)
        return {RESOURCE: endpoint._to_wire()}

    @billing_route(
        "/webhook_endpoints/<string:lago_id>", resource=RESOURCE, methods=("DELETE",), answer=ANSWER
    )
    def delete_webhook_endpoint(self, lago_id: str) -> dict[str, Any]:
        """Remove an endpoint, with what was due to it. Answers what it was."""
        endpoint = find_endpoint(lago_id)
        wire = endpoint._to_wire()
        endpoint.unlink()
        return {RESOURCE: wire}


def _endpoints() -> models.BaseModel:
    return request.env[MODEL].with_context(active_test=False)


def find_endpoint(lago_id: str) -> models.BaseModel:
    """This service's endpoint, or 404 ``webhook_endpoint_not_found``."""
    endpoint = _endpoints().search(
        [("id", "=", decode_as(RESOURCE, lago_id)), ("service_id", "=", request.fc_service.id)]
    )
    if not endpoint:
        raise NotFound(RESOURCE)
    return endpoint


def _refuse_taken(url: str) -> None:
    domain = [("service_id", "=", request.fc_service.id), ("url", "=", url)]
    if _endpoints().search_count(domain, limit=1):
        raise Invalid.field("webhook_url", "value_already_exist")


def _values(sent: dict[str, Any]) -> dict[str, Any]:
    """What was sent, as our fields. ``event_types`` null is all of them."""
    values = {name: sent[name] for name in ("signature_algo", "name") if name in sent}
    if "webhook_url" in sent:
        values["url"] = sent["webhook_url"]
    if "event_types" in sent:
        types = sent["event_types"]
        values |= {"all_events": types is None, "event_types": " ".join(types or ()) or False}
    return values
