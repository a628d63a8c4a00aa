"""What becomes of an intent: taken, authorized, waiting for the customer, declined."""

import copy
from typing import Any

from .errors import StripeError, declined, invalid, not_authenticated
from .ledger import Ledger

Intent = dict[str, Any]


def record_event(ledger: Ledger, kind: str, item: dict[str, Any]) -> None:
    """Keep an event for delivery: what happened, with the object as it was then."""
    ledger.events.append(
        {
            "id": f"evt_{len(ledger.events) + 1:06d}",
            "object": "event",
            "api_version": "2019-05-16",
            "created": item["created"],
            "livemode": False,
            "type": kind,
            "data": {"object": copy.deepcopy(item)},
        }
    )


def charge(ledger: Ledger, intent: Intent, off_session: bool) -> None:
    """Let a PaymentIntent go as its card goes, or as was scripted.

    :raise StripeError: declined (402), or a card that this customer does not have
    """
    method = ledger.get(str(intent["payment_method"]), "payment_method")
    if intent["customer"] and method["customer"] not in (None, intent["customer"]):
        raise invalid("The provided PaymentMethod belongs to another customer.")
    if intent["setup_future_usage"]:
        method["customer"] = intent["customer"]
    outcome = _outcome(ledger, method["id"], off_session)
    if outcome == "requires_action":
        wait_for_customer(intent)
    elif outcome == "processing":
        intent["status"] = outcome
        record_event(ledger, "payment_intent.processing", intent)
    elif outcome == "succeeded":
        _take(ledger, intent)
    else:
        _decline(ledger, intent, outcome)


def _outcome(ledger: Ledger, method: str, off_session: bool) -> str:
    card = ledger.card(method)
    outcome = ledger.scripted_outcome(method)
    if outcome is None:
        if card.secure and not off_session:
            return "requires_action"
        if card.secure == "once" and method not in ledger.authenticated:
            return "authentication_required"
        outcome = card.charged
    # A customer who is there can be asked; one who is not makes it a decline.
    return "requires_action" if _asks(outcome) and not off_session else outcome


def _asks(outcome: str) -> bool:
    return outcome == "authentication_required"


def authenticated(ledger: Ledger, intent: Intent) -> None:
    """The customer accepted in the 3-D Secure window: the charge goes on."""
    method = intent["payment_method"]
    intent["next_action"] = None
    ledger.authenticated.add(method)
    outcome = ledger.card(method).charged
    if outcome == "succeeded" or _asks(outcome):
        _take(ledger, intent)
    else:
        _decline(ledger, intent, outcome)


def refused(ledger: Ledger, intent: Intent) -> None:
    """The customer refused in the 3-D Secure window, or closed it."""
    error = not_authenticated("payment_intent")
    _fail(ledger, intent, error)


def wait_for_customer(intent: Intent) -> None:
    """Only the customer can go on, in the 3-D Secure window."""
    intent.update(
        status="requires_action",
        next_action={"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_2"}},
    )


def succeed(ledger: Ledger, intent: Intent) -> None:
    """The money is taken."""
    made = ledger.new(
        "ch",
        "charge",
        amount=intent["amount"],
        amount_refunded=0,
        captured=True,
        currency=intent["currency"],
        customer=intent["customer"],
        description=intent["description"],
        paid=True,
        payment_intent=intent["id"],
        payment_method=intent["payment_method"],
        payment_method_details={"type": "card", "card": {"mandate": None}},
        refunded=False,
        refunds={"object": "list", "data": [], "has_more": False},
        status="succeeded",
    )
    intent.update(status="succeeded", amount_received=intent["amount"], last_payment_error=None)
    intent["charges"]["data"] = [made]
    record_event(ledger, "payment_intent.succeeded", intent)


def _take(ledger: Ledger, intent: Intent) -> None:
    if intent["capture_method"] == "manual":
        intent["status"] = "requires_capture"
        record_event(ledger, "payment_intent.amount_capturable_updated", intent)
    else:
        succeed(ledger, intent)


def _decline(ledger: Ledger, intent: Intent, outcome: str) -> None:
    error = declined(outcome)
    _fail(ledger, intent, error)
    kind, message = error.pop("type"), error.pop("message")
    raise StripeError(402, kind, message, **error, payment_intent=copy.deepcopy(intent))


def _fail(ledger: Ledger, intent: Intent, error: dict[str, str]) -> None:
    method = copy.deepcopy(ledger.objects[intent["payment_method"]])
    intent.update(
        status="requires_payment_method",
        payment_method=None,
        next_action=None,
        last_payment_error={**error, "payment_method": method},
    )
    record_event(ledger, "payment_intent.payment_failed", intent)
