"""What every resource's routes share: the prefixes, the root key, pages."""

from collections.abc import Callable
from typing import Any

from odoo import models
from odoo.http import request, route

from ..engine.errors import NotFound
from ..schemas.declared import Answer, Body, Param
from ..schemas.query import flag, page
from .dispatcher import BillingDispatcher
from .errors import BadRequest

BASE = "/api/billing/v1"
# lago-python-client joins "api/v1/" to its address: the third prefix is what comes out of an
# address with a trailing slash, the second of one without.
BASES = (BASE, "/api/billing/api/v1", f"{BASE}/api/v1")
MAX_BODY = 10 * 1024 * 1024


def billing_route(
    path: str,
    *,
    resource: str,
    methods: tuple[str, ...] = ("GET",),
    key: bool = True,
    any_method: bool = False,
    read_committed: bool = False,
    body: Body | None = None,
    query: tuple[Param, ...] = (),
    answer: Answer | None = None,
    statuses: tuple[int, ...] = (),
) -> Callable:
    """Mount an endpoint under every prefix, and say for the document what it takes and gives.

    Reads may be served by a replica.

    :param resource: Lago's singular name, used in error codes
    :param key: whether a bearer key is required
    :param body: the shape that validates what is sent
    :param query: every key of the query string that is read
    :param answer: what a 200 holds; a route without one is not in the document
    :param statuses: errors beyond those that every route of its kind has (`openapi_routes`)
    :param any_method: answer whatever the verb is (only the "nothing here" route)
    :param read_committed: wait for a rival's commit and go on, instead of starting over; only for
        endpoints whose writes give the same result in any order
    """
    return route(
        [f"{base}{path}" for base in BASES],
        type=BillingDispatcher.routing_type,
        auth="none",  # the dispatcher authenticates, where a serialization failure is retried
        methods=None if any_method else list(methods),
        csrf=False,
        save_session=False,
        readonly=not any_method and set(methods) == {"GET"},
        max_content_length=MAX_BODY,
        fc_resource=resource,
        fc_key=key,
        fc_read_committed=read_committed,
        fc_body=body,
        fc_query=query,
        fc_answer=answer,
        fc_statuses=statuses,
    )


def root(name: str) -> Any:
    """The value under the body's root key; a missing or empty one is Lago's 400."""
    body = request.fc_body
    value = body.get(name) if isinstance(body, dict) else None
    if not value or not isinstance(value, dict):
        raise BadRequest.missing(name)
    return value


def cascades(name: str) -> bool:
    """``cascade_updates`` of a deletion: in the query, or in the body, under the root or not."""
    if "cascade_updates" in request.httprequest.args:
        return flag(request.httprequest.args, "cascade_updates", default=False)
    body = request.fc_body if isinstance(request.fc_body, dict) else {}
    held = body.get(name)
    return (held if isinstance(held, dict) else body).get("cascade_updates") in (True, "true")


def paginated(
    records: models.BaseModel, domain: Any, order: str
) -> tuple[models.BaseModel, dict[str, Any]]:
    """The page of ``domain`` the query string asks for, and Lago's ``meta``."""
    wanted = page(request.httprequest.args)
    total = records.search_count(domain)
    found = records.search(domain, order=order, limit=wanted.size, offset=wanted.offset)
    return found, wanted.meta(total)


def customer_link(external_id: str) -> models.BaseModel:
    """This service's customer with that id, or 404 ``customer_not_found``."""
    link = request.env["fusion.billing.customer"]._find(request.fc_service, external_id)
    if not link:
        raise NotFound("customer")
    return link


def knows(model: str, field: str) -> Callable[[str], bool]:
    """Whether Odoo has a record with this code, in use or not."""
    records_sudo = request.env[model].sudo().with_context(active_test=False)
    # A search cuts what it looks for to the field's size, so that CANADA would find CA.
    return lambda code: records_sudo.search([(field, "=", code)], limit=1)[field] == code
