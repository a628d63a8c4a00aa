"""SetupIntents: a card is saved with its customer, and nothing is charged."""

import copy
from typing import Any

from .charging import record_event, wait_for_customer
from .errors import StripeError, declined, invalid, not_authenticated
from .form import nested
from .intents import expanded
from .ledger import Ledger

Params = dict[str, Any]


def create(ledger: Ledger, params: Params) -> dict[str, Any]:
    """A new SetupIntent of a customer."""
    customer = ledger.get(str(params.get("customer")), "customer")
    return ledger.new_intent(
        "seti",
        "setup_intent",
        customer=customer["id"],
        description=params.get("description"),
        last_setup_error=None,
        metadata=nested(params, "metadata"),
        status="requires_payment_method",
        payment_method=None,
    )


def read(ledger: Ledger, params: Params, key: str) -> dict[str, Any]:
    """One SetupIntent."""
    return expanded(ledger, ledger.get(key, "setup_intent"), params)


def confirm(ledger: Ledger, params: Params, key: str) -> dict[str, Any]:
    """Save the card with the customer, as the browser's `confirmSetup` makes Stripe do."""
    setup = ledger.get(key, "setup_intent")
    if setup["status"] in ("succeeded", "canceled"):
        raise invalid(
            f"You cannot confirm this SetupIntent because it has a status of {setup['status']}.",
            code="setup_intent_unexpected_state",
        )
    method = ledger.get(str(params.get("payment_method")), "payment_method")
    setup["payment_method"] = method["id"]
    card = ledger.card(method["id"])
    if card.saved != "succeeded":
        error = declined(card.saved)
        _fail(ledger, setup, error)
        kind, message = error.pop("type"), error.pop("message")
        raise StripeError(402, kind, message, **error, setup_intent=copy.deepcopy(setup))
    if card.secure:
        wait_for_customer(setup)
    else:
        _save(ledger, setup)
    return expanded(ledger, setup, params)


def authenticate(ledger: Ledger, params: Params, key: str) -> dict[str, Any]:
    """The customer's answer in the 3-D Secure window: `outcome` is `accepted` or `refused`."""
    setup = ledger.get(key, "setup_intent")
    if setup["status"] != "requires_action":
        raise invalid(f"There is nothing to authenticate: {setup['status']}.")
    if params.get("outcome") == "accepted":
        ledger.authenticated.add(setup["payment_method"])
        _save(ledger, setup)
    else:
        _fail(ledger, setup, not_authenticated("setup_intent"))
    return expanded(ledger, setup, params)


def _save(ledger: Ledger, setup: dict[str, Any]) -> None:
    ledger.objects[setup["payment_method"]]["customer"] = setup["customer"]
    setup.update(status="succeeded", next_action=None, last_setup_error=None)
    record_event(ledger, "setup_intent.succeeded", setup)


def _fail(ledger: Ledger, setup: dict[str, Any], error: dict[str, str]) -> None:
    method = copy.deepcopy(ledger.objects[setup["payment_method"]])
    setup.update(
        status="requires_payment_method",
        payment_method=None,
        next_action=None,
        last_setup_error={**error, "payment_method": method},
    )
    record_event(ledger, "setup_intent.setup_failed", setup)
