"""Refunds: in parts, never more than was taken; a bank may send one back."""

import copy
from typing import Any

from .charging import record_event
from .errors import invalid
from .form import nested
from .ledger import Ledger

# Stripe sends so many with their charge; the rest are listed.
SHOWN = 10


def create(ledger: Ledger, params: dict[str, Any]) -> dict[str, Any]:
    """Give back `amount` of a succeeded intent; all that is left if there is no amount."""
    intent = ledger.get(str(params.get("payment_intent")), "payment_intent")
    charges = intent["charges"]["data"]
    if not charges:
        raise invalid("This PaymentIntent does not have a successful charge to refund.")
    charge = charges[0]
    left = charge["amount"] - charge["amount_refunded"]
    if not left:
        message = f"Charge {charge['id']} has already been refunded."
        raise invalid(message, code="charge_already_refunded")
    amount = int(params.get("amount", left))
    if not 0 < amount <= left:
        raise invalid(
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left}).",
            param="amount",
        )
    refund = ledger.new(
        "re",
        "refund",
        amount=amount,
        charge=charge["id"],
        currency=charge["currency"],
        metadata=nested(params, "metadata"),
        payment_intent=intent["id"],
        reason=params.get("reason"),
        status="succeeded",
    )
    _note(ledger, charge)
    record_event(ledger, "charge.refunded", charge)
    return refund


def read(ledger: Ledger, params: dict[str, Any], key: str) -> dict[str, Any]:
    """One refund."""
    return ledger.get(key, "refund")


def fail(ledger: Ledger, key: str) -> dict[str, Any]:
    """The customer's bank sends the money back days later: `charge.refund.updated`."""
    refund = ledger.get(key, "refund")
    if refund["status"] == "failed":
        raise invalid("This refund has already failed.")
    refund.update(status="failed", failure_reason="expired_or_canceled_card")
    _note(ledger, ledger.get(refund["charge"], "charge"))
    record_event(ledger, "charge.refund.updated", refund)
    return refund


def _note(ledger: Ledger, charge: dict[str, Any]) -> None:
    """Let a charge tell what was refunded of it, and that there may be more than it shows."""
    found = ledger.all("refund", charge=charge["id"])
    charge["amount_refunded"] = sum(i["amount"] for i in found if i["status"] == "succeeded")
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    charge["refunds"].update(data=copy.deepcopy(found[:SHOWN]), has_more=len(found) > SHOWN)
