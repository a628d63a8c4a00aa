"""The calls themselves. Each takes the ledger, the ids in the path and the parameters."""

import re
from collections.abc import Callable
from typing import Any

from . import intents, refunds
from .errors import TEST_CARDS, invalid
from .ledger import Ledger

Params = dict[str, Any]
Call = Callable[..., dict[str, Any]]


def create_customer(ledger: Ledger, params: Params) -> dict[str, Any]:
    wanted = ("name", "email", "phone", "description")
    return ledger.new("cus", "customer", **{key: params.get(key) for key in wanted})


def create_payment_method(ledger: Ledger, params: Params) -> dict[str, Any]:
    """A card. The double of what the browser does, so any client may call it."""
    number = str(params.get("card[number]", "4242424242424242"))
    card = {
        "brand": "visa",
        "last4": number[-4:],
        "exp_month": int(params.get("card[exp_month]", 12)),
        "exp_year": int(params.get("card[exp_year]", 2034)),
    }
    method = ledger.new("pm", "payment_method", type="card", card=card, customer=None)
    ledger.always[method["id"]] = TEST_CARDS.get(number, "succeeded")
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


def create_setup_intent(ledger: Ledger, params: Params) -> dict[str, Any]:
    customer = ledger.get(str(params.get("customer")), "customer")
    return ledger.new(
        "seti",
        "setup_intent",
        customer=customer["id"],
        description=params.get("description"),
        status="requires_payment_method",
        payment_method=None,
        client_secret="seti_secret_of_the_double",
    )


def get_setup_intent(ledger: Ledger, params: Params, key: str) -> dict[str, Any]:
    return intents.expanded(ledger, ledger.get(key, "setup_intent"), params)


def confirm_setup_intent(ledger: Ledger, params: Params, key: str) -> dict[str, Any]:
    """Save the card with the customer, as the browser's `confirmSetup` makes Stripe do."""
    setup = ledger.get(key, "setup_intent")
    method = ledger.get(str(params.get("payment_method")), "payment_method")
    method["customer"] = setup["customer"]
    setup.update(payment_method=method["id"], status="succeeded")
    intents.record_event(ledger, "setup_intent.succeeded", setup)
    return setup


def create_webhook_endpoint(ledger: Ledger, params: Params) -> dict[str, Any]:
    return ledger.new("we", "webhook_endpoint", url=params.get("url"), secret="whsec_of_the_double")


def list_payment_intents(ledger: Ledger, params: Params) -> dict[str, Any]:
    """Newest first, by `customer` and `created[gte]`; `starting_after` goes on."""
    same = {"customer": params["customer"]} if "customer" in params else {}
    since = int(params.get("created[gte]", 0))
    found = [item for item in ledger.all("payment_intent", **same) if item["created"] >= since]
    inner = {"expand": [name.removeprefix("data.") for name in params.get("expand", [])]}
    return page([intents.expanded(ledger, item, inner) for item in found], params)


def list_refunds(ledger: Ledger, params: Params) -> dict[str, Any]:
    same = {key: params[key] for key in ("charge", "payment_intent") if key in params}
    return page(ledger.all("refund", **same), params)


def page(found: list[dict[str, Any]], params: Params) -> dict[str, Any]:
    """Stripe's list object."""
    if after := params.get("starting_after"):
        ids = [item["id"] for item in found]
        if after not in ids:
            raise invalid(f"No such object: '{after}'", code="resource_missing")
        found = found[ids.index(after) + 1 :]
    limit = int(params.get("limit", 10))
    return {"object": "list", "data": found[:limit], "has_more": len(found) > limit}


ROUTES: list[tuple[str, str, Call]] = [
    ("POST", "customers", create_customer),
    ("GET", "customers/([^/]+)/payment_methods", list_payment_methods),
    ("POST", "payment_methods", create_payment_method),
    ("GET", "payment_methods", list_payment_methods),
    ("GET", "payment_methods/([^/]+)", get_payment_method),
    ("POST", "payment_methods/([^/]+)/attach", attach_payment_method),
    ("POST", "setup_intents", create_setup_intent),
    ("GET", "setup_intents/([^/]+)", get_setup_intent),
    ("POST", "setup_intents/([^/]+)/confirm", confirm_setup_intent),
    ("POST", "payment_intents", intents.create),
    ("GET", "payment_intents", list_payment_intents),
    ("GET", "payment_intents/([^/]+)", intents.read),
    ("POST", "payment_intents/([^/]+)/confirm", intents.confirm),
    ("POST", "payment_intents/([^/]+)/cancel", intents.cancel),
    ("POST", "payment_intents/([^/]+)/capture", intents.capture),
    ("POST", "refunds", refunds.create),
    ("GET", "refunds", list_refunds),
    ("POST", "webhook_endpoints", create_webhook_endpoint),
]


def find(method: str, path: str) -> tuple[Call, tuple[str, ...]]:
    """Return what answers this call, and the ids in its path."""
    for verb, pattern, call in ROUTES:
        if verb == method and (match := re.fullmatch(pattern, path)):
            return call, match.groups()
    raise invalid(f"Unrecognized request URL ({method}: /v1/{path}).", 404)
