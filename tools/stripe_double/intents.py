"""PaymentIntents: create, confirm, capture, cancel. A decline is an answer, kept on the intent."""

import copy
from typing import Any

from .errors import StripeError, declined, invalid
from .form import truth
from .ledger import Ledger

Params = dict[str, Any]


def create(ledger: Ledger, params: Params) -> dict[str, Any]:
    """A new intent; with `confirm`, charged at once."""
    amount = str(params.get("amount", ""))
    if not amount.isdigit() or int(amount) < 1:
        raise invalid("Invalid positive integer", param="amount")
    if "customer" in params:
        ledger.get(str(params["customer"]), "customer")
    intent = ledger.new(
        "pi",
        "payment_intent",
        amount=int(amount),
        amount_received=0,
        currency=str(params.get("currency", "")).lower(),
        customer=params.get("customer"),
        description=params.get("description"),
        payment_method=params.get("payment_method"),
        setup_future_usage=params.get("setup_future_usage"),
        capture_method=params.get("capture_method", "automatic"),
        status="requires_payment_method",
        last_payment_error=None,
        charges={"object": "list", "data": [], "has_more": False},
        client_secret="pi_secret_of_the_double",
    )
    if truth(params.get("confirm")):
        _charge(ledger, intent, truth(params.get("off_session")))
    return expanded(ledger, intent, params)


def confirm(ledger: Ledger, params: Params, key: str) -> dict[str, Any]:
    """Charge an intent, as the browser's `confirmPayment` makes Stripe do."""
    intent = ledger.get(key, "payment_intent")
    intent["payment_method"] = params.get("payment_method") or intent["payment_method"]
    _charge(ledger, intent, truth(params.get("off_session")))
    return expanded(ledger, intent, params)


def read(ledger: Ledger, params: Params, key: str) -> dict[str, Any]:
    """One intent."""
    return expanded(ledger, ledger.get(key, "payment_intent"), params)


def cancel(ledger: Ledger, params: Params, key: str) -> dict[str, Any]:
    """Give up an intent that took no money."""
    intent = ledger.get(key, "payment_intent")
    if intent["status"] == "succeeded":
        raise invalid("You cannot cancel this PaymentIntent because it has a status of succeeded.")
    intent["status"] = "canceled"
    record_event(ledger, "payment_intent.canceled", intent)
    return expanded(ledger, intent, params)


def capture(ledger: Ledger, params: Params, key: str) -> dict[str, Any]:
    """Take the money of an authorized intent."""
    intent = ledger.get(key, "payment_intent")
    if intent["status"] != "requires_capture":
        raise invalid(f"This PaymentIntent could not be captured: {intent['status']}.")
    _succeed(ledger, intent)
    return expanded(ledger, intent, params)


def expanded(ledger: Ledger, item: dict[str, Any], params: Params) -> dict[str, Any]:
    """A copy, with the card in full where `expand[]` asks for it."""
    shown = copy.deepcopy(item)
    if "payment_method" in params.get("expand", []) and shown.get("payment_method"):
        shown["payment_method"] = copy.deepcopy(ledger.objects[shown["payment_method"]])
    return shown


def record_event(ledger: Ledger, kind: str, item: dict[str, Any]) -> None:
    """Keep an event for delivery: what happened, with the object as it was then."""
    ledger.events.append(
        {
            "id": f"evt_{len(ledger.events) + 1:06d}",
            "object": "event",
            "api_version": "2019-05-16",
            "type": kind,
            "data": {"object": copy.deepcopy(item)},
        }
    )


def _charge(ledger: Ledger, intent: dict[str, Any], off_session: bool) -> None:
    method = ledger.get(str(intent["payment_method"]), "payment_method")
    if intent["customer"] and method["customer"] not in (None, intent["customer"]):
        raise invalid("The provided PaymentMethod belongs to another customer.")
    if intent["setup_future_usage"]:
        method["customer"] = intent["customer"]
    outcome = ledger.next_outcome(method)
    if outcome == "succeeded":
        if intent["capture_method"] == "manual":
            intent["status"] = "requires_capture"
        else:
            _succeed(ledger, intent)
    elif outcome in ("processing", "requires_action"):
        intent["status"] = outcome
        if outcome == "processing":
            record_event(ledger, "payment_intent.processing", intent)
    elif outcome == "authentication_required" and not off_session:
        intent["status"] = "requires_action"
    else:
        _decline(ledger, intent, method, outcome)


def _succeed(ledger: Ledger, intent: dict[str, Any]) -> None:
    charge = ledger.new(
        "ch",
        "charge",
        amount=intent["amount"],
        amount_refunded=0,
        currency=intent["currency"],
        customer=intent["customer"],
        description=intent["description"],
        payment_intent=intent["id"],
        payment_method=intent["payment_method"],
        payment_method_details={"type": "card", "card": {"mandate": None}},
        refunds={"object": "list", "data": [], "has_more": False},
        status="succeeded",
    )
    intent.update(status="succeeded", amount_received=intent["amount"], last_payment_error=None)
    intent["charges"]["data"] = [charge]
    record_event(ledger, "payment_intent.succeeded", intent)


def _decline(ledger: Ledger, intent: dict[str, Any], method: dict[str, Any], outcome: str) -> None:
    error = declined(outcome)
    intent.update(
        status="requires_payment_method",
        payment_method=None,
        last_payment_error={**error, "payment_method": copy.deepcopy(method)},
    )
    record_event(ledger, "payment_intent.payment_failed", intent)
    kind, message = error.pop("type"), error.pop("message")
    raise StripeError(402, kind, message, **error, payment_intent=copy.deepcopy(intent))
