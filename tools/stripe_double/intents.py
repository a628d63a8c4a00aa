"""PaymentIntents: create, confirm, authenticate, capture, cancel."""

import copy
from typing import Any

from .charging import authenticated, charge, record_event, refused, succeed
from .errors import invalid
from .form import nested, truth
from .ledger import Ledger

Params = dict[str, Any]
OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")


def create(ledger: Ledger, params: Params) -> dict[str, Any]:
    """A new intent; with `confirm`, charged at once."""
    amount = str(params.get("amount", ""))
    if not amount.isdigit() or int(amount) < 1:
        raise invalid("Invalid positive integer", param="amount")
    if "customer" in params:
        ledger.get(str(params["customer"]), "customer")
    intent = ledger.new_intent(
        "pi",
        "payment_intent",
        amount=int(amount),
        amount_received=0,
        currency=str(params.get("currency", "")).lower(),
        customer=params.get("customer"),
        description=params.get("description"),
        mandate=params.get("mandate"),
        metadata=nested(params, "metadata"),
        payment_method=params.get("payment_method"),
        payment_method_types=params.get("payment_method_types", ["card"]),
        setup_future_usage=params.get("setup_future_usage"),
        shipping=nested(params, "shipping") or None,
        capture_method=params.get("capture_method", "automatic"),
        status="requires_payment_method",
        last_payment_error=None,
        charges={"object": "list", "data": [], "has_more": False},
    )
    if truth(params.get("confirm")):
        charge(ledger, intent, truth(params.get("off_session")))
    return expanded(ledger, intent, params)


def confirm(ledger: Ledger, params: Params, key: str) -> dict[str, Any]:
    """Charge an intent, as the browser's `confirmPayment` makes Stripe do."""
    intent = ledger.get(key, "payment_intent")
    if intent["status"] not in OPEN:
        raise invalid(
            f"You cannot confirm this PaymentIntent because it has a status of {intent['status']}.",
            code="payment_intent_unexpected_state",
        )
    intent["payment_method"] = params.get("payment_method") or intent["payment_method"]
    # The customer ticks the box that saves the card after the intent was made.
    intent["setup_future_usage"] = params.get("setup_future_usage") or intent["setup_future_usage"]
    charge(ledger, intent, truth(params.get("off_session")))
    return expanded(ledger, intent, params)


def authenticate(ledger: Ledger, params: Params, key: str) -> dict[str, Any]:
    """The customer's answer in the 3-D Secure window: `outcome` is `accepted` or `refused`."""
    intent = ledger.get(key, "payment_intent")
    if intent["status"] != "requires_action":
        raise invalid(f"There is nothing to authenticate: {intent['status']}.")
    (authenticated if params.get("outcome") == "accepted" else refused)(ledger, intent)
    return expanded(ledger, intent, params)


def read(ledger: Ledger, params: Params, key: str) -> dict[str, Any]:
    """One intent."""
    return expanded(ledger, ledger.get(key, "payment_intent"), params)


def cancel(ledger: Ledger, params: Params, key: str) -> dict[str, Any]:
    """Give up an intent that took no money."""
    intent = ledger.get(key, "payment_intent")
    if intent["status"] in ("succeeded", "canceled"):
        raise invalid(
            f"You cannot cancel this PaymentIntent because it has a status of {intent['status']}.",
            code="payment_intent_unexpected_state",
        )
    intent.update(status="canceled", next_action=None)
    record_event(ledger, "payment_intent.canceled", intent)
    return expanded(ledger, intent, params)


def capture(ledger: Ledger, params: Params, key: str) -> dict[str, Any]:
    """Take the money of an authorized intent."""
    intent = ledger.get(key, "payment_intent")
    if intent["status"] != "requires_capture":
        raise invalid(f"This PaymentIntent could not be captured: {intent['status']}.")
    succeed(ledger, intent)
    return expanded(ledger, intent, params)


def expanded(ledger: Ledger, item: dict[str, Any], params: Params) -> dict[str, Any]:
    """A copy, with the card in full where `expand[]` asks for it."""
    shown = copy.deepcopy(item)
    if "payment_method" in params.get("expand", []) and shown.get("payment_method"):
        shown["payment_method"] = copy.deepcopy(ledger.objects[shown["payment_method"]])
    return shown
