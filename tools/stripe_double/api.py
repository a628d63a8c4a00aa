"""The calls themselves. Each takes the ledger, the ids in the path and the parameters."""

import operator
import re
from collections.abc import Callable
from typing import Any

from . import intents, refunds, setups
from .cards import DEFAULT, card_of
from .errors import StripeError, invalid
from .form import nested
from .ledger import Ledger

EXPANDED = "invoice_settings.default_payment_method"
Params = dict[str, Any]
Call = Callable[..., dict[str, Any]]


def create_customer(ledger: Ledger, params: Params) -> dict[str, Any]:
    wanted = ("name", "email", "phone", "description")
    values = {key: params.get(key) for key in wanted}
    return ledger.new(
        "cus",
        "customer",
        address=nested(params, "address") or None,
        metadata=nested(params, "metadata"),
        invoice_settings={"default_payment_method": None, **nested(params, "invoice_settings")},
        **values,
    )


def get_customer(ledger: Ledger, params: Params, key: str) -> dict[str, Any]:
    """The customer; `expand[]=invoice_settings.default_payment_method` is followed."""
    customer = ledger.get(key, "customer")
    default = customer["invoice_settings"]["default_payment_method"]
    if not default or EXPANDED not in params.get("expand", ()):
        return customer
    method = ledger.get(default, "payment_method")
    settings = customer["invoice_settings"] | {"default_payment_method": method}
    return customer | {"invoice_settings": settings}


def update_customer(ledger: Ledger, params: Params, key: str) -> dict[str, Any]:
    """Only the default card may change, and it must be the customer's own."""
    customer = ledger.get(key, "customer")
    default = nested(params, "invoice_settings").get("default_payment_method")
    if default and ledger.get(default, "payment_method")["customer"] != key:
        raise invalid(f"The customer does not have a payment method with the ID {default}.")
    customer["invoice_settings"]["default_payment_method"] = default or None
    return customer


def create_payment_method(ledger: Ledger, params: Params) -> dict[str, Any]:
    """A card, as the browser makes one of what the customer types."""
    number = str(params.get("card[number]", DEFAULT.number)).replace(" ", "")
    if not number.isdigit() or not 12 <= len(number) <= 19:
        message = "Your card number is incorrect."
        raise StripeError(402, "card_error", message, code="incorrect_number")
    card = {
        "brand": card_of(number).brand,
        "last4": number[-4:],
        "exp_month": int(params.get("card[exp_month]", 12)),
        "exp_year": int(params.get("card[exp_year]", 2034)),
    }
    billing = nested(params, "billing_details")
    method = ledger.new(
        "pm", "payment_method", type="card", card=card, customer=None, billing_details=billing
    )
    ledger.numbers[method["id"]] = number
    return method


def get_payment_method(ledger: Ledger, params: Params, key: str) -> dict[str, Any]:
    return ledger.get(key, "payment_method")


def attach_payment_method(ledger: Ledger, params: Params, key: str) -> dict[str, Any]:
    method = ledger.get(key, "payment_method")
    method["customer"] = ledger.get(str(params.get("customer")), "customer")["id"]
    return method


def list_payment_methods(ledger: Ledger, params: Params, key: str = "") -> dict[str, Any]:
    owner = key or str(params.get("customer"))
    return page(ledger.all("payment_method", customer=owner), params)


def detach_payment_method(ledger: Ledger, params: Params, key: str) -> dict[str, Any]:
    method = ledger.get(key, "payment_method")
    method["customer"] = None
    return method


def create_webhook_endpoint(ledger: Ledger, params: Params) -> dict[str, Any]:
    """Where events go from now on; the answer is the only one that tells the secret."""
    secret = params.get("secret") or f"whsec_{ledger.next_number():06d}_of_the_double"
    return ledger.new(
        "we",
        "webhook_endpoint",
        enabled_events=params.get("enabled_events", ["*"]),
        secret=secret,
        status="enabled",
        url=params.get("url"),
    )


def list_webhook_endpoints(ledger: Ledger, params: Params) -> dict[str, Any]:
    found = ledger.all("webhook_endpoint")
    without = [{k: v for k, v in item.items() if k != "secret"} for item in found]
    return page(without, params)


def list_payment_intents(ledger: Ledger, params: Params) -> dict[str, Any]:
    """Newest first, by `customer` and `created[gte]`..; `starting_after` goes on."""
    found = _matching(ledger, "payment_intent", params, "customer")
    inner = {"expand": [name.removeprefix("data.") for name in params.get("expand", [])]}
    return page([intents.expanded(ledger, item, inner) for item in found], params)


def list_refunds(ledger: Ledger, params: Params) -> dict[str, Any]:
    return page(_matching(ledger, "refund", params, "charge", "payment_intent"), params)


def list_charges(ledger: Ledger, params: Params) -> dict[str, Any]:
    return page(_matching(ledger, "charge", params, "customer", "payment_intent"), params)


def list_events(ledger: Ledger, params: Params) -> dict[str, Any]:
    kind = params.get("type")
    found = [event for event in ledger.events[::-1] if kind in (None, event["type"])]
    return page(found, params)


_COMPARED = {
    "gte": operator.ge,
    "gt": operator.gt,
    "lte": operator.le,
    "lt": operator.lt,
}


def _matching(ledger: Ledger, kind: str, params: Params, *names: str) -> list[dict[str, Any]]:
    found = ledger.all(kind, **{name: params[name] for name in names if name in params})
    for name, compare in _COMPARED.items():
        if limit := params.get(f"created[{name}]"):
            found = [item for item in found if compare(item["created"], int(limit))]
    return found


def page(found: list[dict[str, Any]], params: Params) -> dict[str, Any]:
    """Stripe's list object: 10 if no `limit` says otherwise, at most 100."""
    if after := params.get("starting_after"):
        ids = [item["id"] for item in found]
        if after not in ids:
            raise invalid(f"No such object: '{after}'", code="resource_missing")
        found = found[ids.index(after) + 1 :]
    limit = int(params.get("limit", 10))
    if not 1 <= limit <= 100:
        raise invalid("Invalid limit: must be between 1 and 100.", param="limit")
    return {"object": "list", "data": found[:limit], "has_more": len(found) > limit}


ROUTES: list[tuple[str, str, Call]] = [
    ("POST", "customers", create_customer),
    ("GET", "customers/([^/]+)", get_customer),
    ("POST", "customers/([^/]+)", update_customer),
    ("GET", "customers/([^/]+)/payment_methods", list_payment_methods),
    ("POST", "payment_methods", create_payment_method),
    ("GET", "payment_methods", list_payment_methods),
    ("GET", "payment_methods/([^/]+)", get_payment_method),
    ("POST", "payment_methods/([^/]+)/attach", attach_payment_method),
    ("POST", "payment_methods/([^/]+)/detach", detach_payment_method),
    ("POST", "setup_intents", setups.create),
    ("GET", "setup_intents/([^/]+)", setups.read),
    ("POST", "setup_intents/([^/]+)/confirm", setups.confirm),
    ("POST", "setup_intents/([^/]+)/authenticate", setups.authenticate),
    ("POST", "payment_intents", intents.create),
    ("GET", "payment_intents", list_payment_intents),
    ("GET", "payment_intents/([^/]+)", intents.read),
    ("POST", "payment_intents/([^/]+)/confirm", intents.confirm),
    ("POST", "payment_intents/([^/]+)/authenticate", intents.authenticate),
    ("POST", "payment_intents/([^/]+)/cancel", intents.cancel),
    ("POST", "payment_intents/([^/]+)/capture", intents.capture),
    ("POST", "refunds", refunds.create),
    ("GET", "refunds", list_refunds),
    ("GET", "refunds/([^/]+)", refunds.read),
    ("GET", "charges", list_charges),
    ("GET", "events", list_events),
    ("POST", "webhook_endpoints", create_webhook_endpoint),
    ("GET", "webhook_endpoints", list_webhook_endpoints),
]


def find(method: str, path: str) -> tuple[Call, tuple[str, ...]]:
    """Return what answers this call, and the ids in its path."""
    for verb, pattern, call in ROUTES:
        if verb == method and (match := re.fullmatch(pattern, path)):
            return call, match.groups()
    raise invalid(f"Unrecognized request URL ({method}: /v1/{path}).", 404)
