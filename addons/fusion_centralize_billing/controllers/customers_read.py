"""GET and DELETE /customers: who they are, what they have, and their end."""

import json
from typing import Any

from odoo import models
from odoo.fields import Domain
from odoo.http import Controller, request
from odoo.tools import SQL

from ..schemas.answers.base import Meta
from ..schemas.answers.customer import CustomerAnswer, CustomerBrief
from ..schemas.answers.invoice import InvoiceBrief
from ..schemas.answers.subscription import SubscriptionBrief
from ..schemas.declared import PAGES, Many, One, choice, pairs, text
from ..schemas.query import choices, several
from .invoice_filters import INVOICES, invoice_domain
from .moves import MOVES
from .subscriptions import SUBSCRIPTIONS, subscription_page
from .wire import billing_route, customer_link, paginated

# Filter -> the key of what the app sent.
SENT = {
    "countries": "country",
    "states": "state",
    "zipcodes": "zipcode",
    "currencies": "currency",
}


ACCOUNT_TYPES = ("customer", "partner")
CUSTOMER_TYPES = ("company", "individual")
PRESENT = ("has_customer_type", "has_tax_identification_number")
CUSTOMERS = (
    text("search_term", "Id, name or e-mail."),
    text("external_id"),
    *(text(name, "Exact, but for the case.", several=True) for name in SENT),
    choice("account_type", ACCOUNT_TYPES, several=True),
    choice("customer_type", CUSTOMER_TYPES, several=True),
    *(choice(name, ("true", "false")) for name in PRESENT),
    text("billing_entity_codes", "The service's own code, or nothing is found.", several=True),
    pairs("metadata", "Empty: customers without that key."),
)


class CustomersReadController(Controller):
    @billing_route(
        "/customers",
        resource="customer",
        query=(*CUSTOMERS, *PAGES),
        answer=Many("customers", CustomerBrief, Meta),
        statuses=(422,),
    )
    def list_customers(self) -> dict[str, Any]:
        """Customers, newest first.

        Query: ``search_term`` (id, name, e-mail), ``external_id``, ``countries[]``, ``states[]``,
        ``zipcodes[]``, ``currencies[]``, ``account_type[]``, ``billing_entity_codes[]``,
        ``customer_type``, ``has_customer_type``, ``has_tax_identification_number``,
        ``metadata[key]``, ``page``, ``per_page``.
        """
        arguments = request.httprequest.args
        domain = _own() & _found(arguments.get("search_term")) & _sent(arguments)
        if external_id := arguments.get("external_id"):
            domain &= Domain("external_id", "=", external_id)
        entities = several(arguments, "billing_entity_codes")
        if entities and request.fc_service.code not in entities:
            domain = Domain.FALSE
        links, meta = paginated(
            request.env["fusion.billing.account.link"], domain, "create_date desc, id desc"
        )
        serialize = request.env["fusion.billing.serialize"]
        customers = [serialize._customer(link, full=False) for link in links]
        return {"customers": customers, "meta": meta}

    @billing_route(
        "/customers/<string:external_id>",
        resource="customer",
        answer=One("customer", CustomerAnswer),
    )
    def show_customer(self, external_id: str) -> dict[str, Any]:
        """One customer. 404 ``customer_not_found``."""
        return _answer(customer_link(external_id))

    @billing_route(
        "/customers/<string:external_id>",
        resource="customer",
        methods=("DELETE",),
        answer=One("customer", CustomerAnswer),
    )
    def delete_customer(self, external_id: str) -> dict[str, Any]:
        """Take a customer off this service: subscriptions end now and are billed.

        The contact and its invoices stay in Odoo. The id may be used again.
        """
        link = customer_link(external_id)
        answer = _answer(link)
        request.env["fusion.billing.customer"]._delete(link)
        return answer

    @billing_route(
        "/customers/<string:external_id>/subscriptions",
        resource="customer",
        query=(*SUBSCRIPTIONS, *PAGES),
        answer=Many("subscriptions", SubscriptionBrief, Meta),
    )
    def list_customer_subscriptions(self, external_id: str) -> dict[str, Any]:
        """A customer's subscriptions, active ones unless ``status[]`` says otherwise.

        Query: ``status``, ``external_id``, ``plan_code``, ``currency``, ``page``, ``per_page``.
        """
        return subscription_page(Domain("x_fc_link_id", "=", customer_link(external_id).id))

    @billing_route(
        "/customers/<string:external_id>/invoices",
        resource="customer",
        query=(*MOVES, *INVOICES, *PAGES),
        answer=Many("invoices", InvoiceBrief, Meta),
        statuses=(422,),
    )
    def list_customer_invoices(self, external_id: str) -> dict[str, Any]:
        """A customer's invoices, latest first, with the filters of ``GET /invoices``."""
        link = customer_link(external_id)
        domain = invoice_domain(request.httprequest.args)
        domain &= Domain("invoice_line_ids.subscription_id.x_fc_link_id", "=", link.id)
        moves, meta = paginated(
            request.env["account.move"].sudo(), domain, "invoice_date desc, id desc"
        )
        serialize = request.env["fusion.billing.serialize"]
        return {"invoices": [serialize._invoice(move) for move in moves], "meta": meta}


def _own() -> Domain:
    return Domain("service_id", "=", request.fc_service.id) & Domain("deleted_at", "=", False)


def _answer(link) -> dict[str, Any]:
    return {"customer": request.env["fusion.billing.serialize"]._customer(link)}


def _found(term: str | None) -> Domain:
    if not term:
        return Domain.TRUE
    names = ("external_id", "external_name", "external_email")
    return Domain.OR(Domain(name, "ilike", term) for name in names)


def _sent(arguments: Any) -> Domain:
    """Filters on what the app said about its customers."""
    domain = Domain.TRUE
    for name, key in SENT.items():
        if values := several(arguments, name):
            domain &= _data(key, values)
    if kinds := choices(arguments, ACCOUNT_TYPES, "account_type"):
        # Whoever was not said to be a partner is a customer.
        own = _data("account_type", kinds)
        domain &= own | ~_has("account_type") if "customer" in kinds else own
    if kinds := choices(arguments, CUSTOMER_TYPES, "customer_type"):
        domain &= _data("customer_type", kinds)
    for name, key in (
        ("has_customer_type", "customer_type"),
        ("has_tax_identification_number", "tax_identification_number"),
    ):
        if values := choices(arguments, ("true", "false"), name):
            domain &= _has(key) if values[0] == "true" else ~_has(key)
    for name, value in arguments.items():
        if name.startswith("metadata[") and name.endswith("]"):
            domain &= _metadata(name[9:-1], value)
    return domain


def _data(key: str, values: list[str]) -> Domain:
    """Exact, but for the case, as in Lago."""
    wanted = [value.lower() for value in values]

    def to_sql(model: models.BaseModel, alias: str, query: Any) -> SQL:
        data = SQL.identifier(alias, "data")
        return SQL("lower(%s ->> %s) = ANY(%s)", data, key, wanted)

    return Domain.custom(to_sql=to_sql)


def _has(key: str) -> Domain:
    def to_sql(model: models.BaseModel, alias: str, query: Any) -> SQL:
        return SQL("COALESCE(%s ->> %s, '') <> ''", SQL.identifier(alias, "data"), key)

    return Domain.custom(to_sql=to_sql)


def _metadata(key: str, value: str) -> Domain:
    """Customers with this key at this value; at an empty value, those without the key."""
    item = {"key": key} | ({"value": value} if value else {})

    def to_sql(model: models.BaseModel, alias: str, query: Any) -> SQL:
        data = SQL.identifier(alias, "data")
        found = SQL("COALESCE(%s -> 'metadata', '[]') @> %s::jsonb", data, json.dumps([item]))
        return found if value else SQL("NOT (%s)", found)

    return Domain.custom(to_sql=to_sql)
