"""/subscriptions: started, listed and ended by the app."""

from typing import Any

from odoo.fields import Domain
from odoo.http import Controller, request

from ..engine.errors import NotFound
from ..schemas.answers.base import Meta
from ..schemas.answers.subscription import SubscriptionAnswer, SubscriptionBrief
from ..schemas.base import validated
from ..schemas.declared import PAGES, Many, One, choice, flag, text
from ..schemas.query import flag as is_set
from ..schemas.query import page, several
from ..schemas.subscription import SubscriptionIn
from .errors import Forbidden
from .wire import billing_route, root

STATUSES = ("active", "pending", "terminated", "canceled")
CUSTOMER = text("external_customer_id")
PENDING = choice("status", ("active", "pending"), "Active unless said otherwise.")
STATUS = choice("status", STATUSES, "Active unless said otherwise.")
SUBSCRIPTIONS = (
    choice("status", STATUSES, "Active unless said otherwise.", several=True),
    text("external_id"),
    text("plan_code"),
    text("currency"),
    flag("overridden", "Whether the customer has own prices."),
    text("billing_entity_codes", "The service's own code, or nothing is found.", several=True),
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

    A downgrade that waits for the period's end is a pending one, before all others: it is the
    newest.

    Filters: ``status[]`` (active unless given), ``external_id``, ``plan_code``, ``currency``,
    ``overridden``, ``billing_entity_codes[]``.
    """
    arguments = request.httprequest.args
    subscribe, service = request.env["fusion.billing.subscribe"], request.fc_service
    statuses = [s for s in several(arguments, "status") if s in STATUSES] or ["active"]
    orders_sudo = request.env["sale.order"].sudo()
    own = only & subscribe._domain(service, statuses) & _filters("plan_id")
    coming = Domain.FALSE
    if "pending" in statuses:
        coming = only & subscribe._changing_domain(service) & _filters("x_fc_next_plan_id")
    wanted = page(arguments)
    first = orders_sudo.search(
        coming, order="x_fc_plan_change_on desc, id desc", limit=wanted.size, offset=wanted.offset
    )
    ahead = orders_sudo.search_count(coming)
    rest = (
        orders_sudo.search(
            own,
            order="x_fc_subscription_at desc, id desc",
            limit=wanted.size - len(first),
            offset=max(wanted.offset - ahead, 0),
        )
        if len(first) < wanted.size
        else orders_sudo
    )
    serialize = request.env["fusion.billing.serialize"]
    return {
        "subscriptions": [
            *(serialize._subscription_to_come(order, plan=False) for order in first),
            *(serialize._subscription(order, plan=False) for order in rest),
        ],
        "meta": wanted.meta(ahead + orders_sudo.search_count(own)),
    }


def _filters(plan: str) -> Domain:
    """The query's filters, the plan's on that field."""
    domain = Domain.TRUE
    for argument, field in (
        ("external_id", "x_fc_external_id"),
        ("currency", "currency_id.name"),
    ):
        if value := request.httprequest.args.get(argument):
            domain &= Domain(field, "=", value)
    if code := request.httprequest.args.get("plan_code"):
        domain &= Domain(f"{plan}.x_fc_code", "=", code) | Domain(
            f"{plan}.x_fc_parent_id.x_fc_code", "=", code
        )
    if request.httprequest.args.get("overridden"):
        own = is_set(request.httprequest.args, "overridden", default=True)
        domain &= Domain(f"{plan}.x_fc_parent_id", "!=" if own else "=", False)
    entities = several(request.httprequest.args, "billing_entity_codes")
    if entities and request.fc_service.code not in entities:
        return Domain.FALSE
    return domain


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
        ``feature_unavailable`` for usage thresholds and the like. An unknown customer is created
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
        ``currency``, ``overridden``, ``billing_entity_codes[]``, ``page``, ``per_page``.
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
        status = request.httprequest.args.get("status") or "active"
        serialize = request.env["fusion.billing.serialize"]
        changing = changing_to(external_id, status)
        if changing:
            return {"subscription": serialize._subscription_to_come(changing)}
        return {"subscription": serialize._subscription(_find(external_id, status))}

    @billing_route(
        "/subscriptions/<string:external_id>",
        resource="subscription",
        methods=("DELETE",),
        query=(PENDING, *ENDING),
        answer=One("subscription", SubscriptionAnswer),
    )
    def terminate_subscription(self, external_id: str) -> dict[str, Any]:
        """End an active subscription now, or call off a pending one (``status=pending``), be it
        a start to come or a downgrade that waits.

        What was used is invoiced at once. Days billed in advance and not used are credited; the
        last day counts as used. Query ``on_termination_credit_note``: ``credit`` (default),
        ``offset`` against the invoice, ``refund`` to the card that paid, ``skip``; asking for no
        invoice is a 422. 404 ``subscription_not_found``.
        """
        arguments = request.httprequest.args
        subscribe = request.env["fusion.billing.subscribe"]
        options = ("on_termination_credit_note", "on_termination_invoice")
        status = "pending" if arguments.get("status") == "pending" else "active"
        now = request.fc_service._now()
        if changing := changing_to(external_id, status):
            return {"subscription": subscribe._cancel_change(changing, now)}
        order = _find(external_id, status)
        subscribe._check_termination({name: arguments.get(name) for name in options})
        if status == "pending":
            subscribe._cancel(order, now)
        else:
            request.env["fusion.billing.command.desk"]._ended_by_app(order, now)
            credit_note = arguments.get("on_termination_credit_note") or "credit"
            subscribe._terminate(order, now, credit_note)
        return {"subscription": request.env["fusion.billing.serialize"]._subscription(order)}


def changing_to(external_id: str, status: str):
    """The running subscription (sudo) whose next plan is what this id is when pending."""
    subscribe = request.env["fusion.billing.subscribe"]
    if status != "pending" or subscribe._find(request.fc_service, external_id, "pending"):
        return None
    return subscribe._changing(request.fc_service, external_id)


def _find(external_id: str, status: str):
    found = request.env["fusion.billing.subscribe"]._find(request.fc_service, external_id, status)
    if not found:
        raise NotFound("subscription")
    return found
