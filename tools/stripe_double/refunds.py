"""Refunds: in parts, never more than was taken."""

import copy
from typing import Any

from .errors import invalid
from .intents import record_event
from .ledger import Ledger


def create(ledger: Ledger, params: dict[str, Any]) -> dict[str, Any]:
    """Give back `amount` of a succeeded intent; all that is left if there is no amount."""
    intent = ledger.get(str(params.get("payment_intent")), "payment_intent")
    charges = intent["charges"]["data"]
    if not charges:
        raise invalid("This PaymentIntent does not have a successful charge to refund.")
    charge = charges[0]
    left = charge["amount"] - charge["amount_refunded"]
    amount = int(params.get("amount", left))
    if amount > left:
        raise invalid(
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})."
        )
    charge["amount_refunded"] += amount
    refund = ledger.new(
        "re",
        "refund",
        amount=amount,
        charge=charge["id"],
        currency=charge["currency"],
        payment_intent=intent["id"],
        status="succeeded",
    )
    charge["refunds"]["data"].insert(0, copy.deepcopy(refund))
    record_event(ledger, "charge.refunded", charge)
    return refund
