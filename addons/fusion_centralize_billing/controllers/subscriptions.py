"""/subscriptions: started, listed and ended by the app."""

from typing import Any

from odoo.fields import Domain
from odoo.http import Controller, request

from ..engine.errors import NotFound
from ..schemas.answers.base import Meta
from ..schemas.answers.subscription import SubscriptionAnswer, SubscriptionBrief
from ..schemas.base import validated
from ..schemas.declared import PAGES, Many, One, choice, text
from ..schemas.query import several
from ..schemas.subscription import SubscriptionIn
from .errors import Forbidden
from .wire import billing_route, paginated, root

STATUSES = ("active", "pending", "terminated", "canceled")
CUSTOMER = text("external_customer_id")
PENDING = choice("status", ("active", "pending"), "Active unless said otherwise.")
STATUS = choice("status", STATUSES, "Active unless said otherwise.")
SUBSCRIPTIONS = (
    choice("status", STATUSES, "Active unless said otherwise.", several=True),
    text("external_id"),
    text("plan_code"),
    text("currency"),
)
ENDING = (
    choice(
        "on_termination_credit_note",
        ("credit", "offset", "skip"),
        "What becomes of days billed ahead: credit unless said otherwise.",
    ),
    choice("on_termination_invoice", ("generate",), "What was used is always invoiced."),
)


def subscription_page(only: Domain) -> dict[str, Any]:
    """The page of this service's subscriptions the query string asks for, among ``only``.

    Filters: ``status[]`` (active unless given), ``external_id``, ``plan_code``, ``currency``.
    """
    arguments = request.httprequest.args
    statuses = [s for s in several(arguments, "status") if s in STATUSES] or ["active"]
    domain = only & request.env["fusion.billing.subscribe"]._domain(request.fc_service, statuses)
    for argument, field in (
        ("external_id", "x_fc_external_id"),
        ("plan_code", "plan_id.x_fc_code"),
        ("currency", "currency_id.name"),
    ):
        if value := arguments.get(argument):
            domain &= Domain(field, "=", value)
    orders, meta = paginated(
        request.env["sale.order"].sudo(), domain, "x_fc_subscription_at desc, id desc"
    )
    serialize = request.env["fusion.billing.serialize"]
    return {
        "subscriptions": [serialize._subscription(order, plan=False) for order in orders],
        "meta": meta,
    }


class SubscriptionsController(Controller):
    @billing_route(
        "/subscriptions",
        resource="subscription",
        methods=("POST",),
        body=One("subscription", SubscriptionIn),
        answer=One("subscription", SubscriptionAnswer),
        statuses=(404,),
    )
    def create_subscription(self) -> dict[str, Any]:
        """Start a subscription. The same id and plan again answers with the running one.

        ``{"subscription": {…}}`` → 200. 404 ``plan_not_found``; 422 per field; 403
        ``feature_unavailable`` for plan overrides and the like. An unknown customer is created
        with nothing but its id.
        """
        values = validated(SubscriptionIn, root("subscription"))
        if values.licensed_keys():
            raise Forbidden("feature_unavailable")
        env, service = request.env, request.fc_service
        subscribe = env["fusion.billing.subscribe"]
        subscribe._plan(service, values.plan_code)  # before a customer is made for nothing
        customers = env["fusion.billing.customer"]
        external_customer_id = values.external_customer_id
        link = customers._find(service, external_customer_id) or customers._upsert(
            service, external_customer_id, {}
        )
        order = subscribe._create(
            service, link, values.plan_code, values.external_id, values.sent()
        )
        return {"subscription": env["fusion.billing.serialize"]._subscription(order)}

    @billing_route(
        "/subscriptions",
        resource="subscription",
        query=(CUSTOMER, *SUBSCRIPTIONS, *PAGES),
        answer=Many("subscriptions", SubscriptionBrief, Meta),
    )
    def list_subscriptions(self) -> dict[str, Any]:
        """Subscriptions, newest first; only active ones unless ``status[]`` says otherwise.

        Query: ``status``, ``external_customer_id``, ``external_id``, ``plan_code``,
        ``currency``, ``page``, ``per_page``.
        """
        customer = request.httprequest.args.get("external_customer_id")
        only = Domain("x_fc_link_id.external_id", "=", customer) if customer else Domain.TRUE
        return subscription_page(only)

    @billing_route(
        "/subscriptions/<string:external_id>",
        resource="subscription",
        query=(STATUS,),
        answer=One("subscription", SubscriptionAnswer),
    )
    def show_subscription(self, external_id: str) -> dict[str, Any]:
        """One subscription in ``status`` (default active). 404 ``subscription_not_found``."""
        order = _find(external_id, request.httprequest.args.get("status") or "active")
        return {"subscription": request.env["fusion.billing.serialize"]._subscription(order)}

    @billing_route(
        "/subscriptions/<string:external_id>",
        resource="subscription",
        methods=("DELETE",),
        query=(PENDING, *ENDING),
        answer=One("subscription", SubscriptionAnswer),
    )
    def terminate_subscription(self, external_id: str) -> dict[str, Any]:
        """End an active subscription now, or call off a pending one (``status=pending``).

        What was used is invoiced at once. Days billed in advance and not used are credited; the
        last day counts as used. Query ``on_termination_credit_note``: ``credit`` (default),
        ``offset`` against the invoice, ``skip``; ``refund`` is a 422, and so is asking for no
        invoice. 404 ``subscription_not_found``.
        """
        arguments = request.httprequest.args
        subscribe = request.env["fusion.billing.subscribe"]
        options = ("on_termination_credit_note", "on_termination_invoice")
        status = "pending" if arguments.get("status") == "pending" else "active"
        order = _find(external_id, status)
        subscribe._check_termination({name: arguments.get(name) for name in options})
        now = request.fc_service._now()
        if status == "pending":
            subscribe._cancel(order, now)
        else:
            request.env["fusion.billing.command.desk"]._ended_by_app(order, now)
            credit_note = arguments.get("on_termination_credit_note") or "credit"
            subscribe._terminate(order, now, credit_note)
        return {"subscription": request.env["fusion.billing.serialize"]._subscription(order)}


def _find(external_id: str, status: str):
    found = request.env["fusion.billing.subscribe"]._find(request.fc_service, external_id, status)
    if not found:
        raise NotFound("subscription")
    return found
