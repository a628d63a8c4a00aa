"""Stripe's own list beside ours: every cent that only one side knows of. Amounts in minor units."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

# Ours is only missing at Stripe once its answer has been seen.
SETTLED = "done"
# The money is on its way back, or was.
MOVING = ("succeeded", "pending", "requires_action")
KINDS = (
    "unknown_here",
    "captured_not_here",
    "not_at_stripe",
    "amount",
    "currency",
    "refund_unknown_here",
    "refund_not_at_stripe",
    "disputed",
)


@dataclass(frozen=True, slots=True)
class Charge:
    """A charge that succeeded. ``intent`` is its PaymentIntent, ``created`` Unix seconds."""

    intent: str
    reference: str
    amount: int
    currency: str
    created: int
    disputed: bool = False


@dataclass(frozen=True, slots=True)
class Refund:
    """A refund, whatever became of it."""

    id: str
    intent: str
    amount: int
    currency: str
    status: str
    created: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """Our record of a payment, or of a refund (``amount`` positive for both)."""

    id: int
    is_refund: bool
    reference: str
    stripe_id: str
    amount: int
    currency: str
    state: str


@dataclass(frozen=True, slots=True)
class Difference:
    """What one side has and the other has not; ``attempt`` is our record, if there is one."""

    kind: str
    stripe_id: str
    attempt: int | None
    stripe_amount: int
    our_amount: int
    currency: str


def compare(
    charges: Iterable[Charge], refunds: Iterable[Refund], attempts: Iterable[Attempt]
) -> list[Difference]:
    """Every difference between Stripe's list and ours.

    Our records must be all of those that ``charges`` and ``refunds`` may name, and those done in
    the same time. A record is found by Stripe's id, or by the reference that we gave the intent.

    >>> taken = Charge("pi_1", "INV/1", 10000, "cad", 0)
    >>> ours = Attempt(7, False, "INV/1", "pi_1", 10000, "cad", "error")
    >>> [difference.kind for difference in compare([taken], [], [ours])]
    ['captured_not_here']
    >>> compare([taken], [], [Attempt(7, False, "INV/1", "pi_1", 10000, "cad", "done")])
    []
    """
    attempts = list(attempts)
    charges, refunds = list(charges), list(refunds)
    return [
        *_charged(charges, [a for a in attempts if not a.is_refund]),
        *_refunded(refunds, [a for a in attempts if a.is_refund]),
    ]


def _charged(charges: list[Charge], attempts: list[Attempt]) -> Iterator[Difference]:
    by_intent = {a.stripe_id: a for a in attempts if a.stripe_id}
    by_reference = {a.reference: a for a in attempts}
    seen = set()
    for charge in charges:
        ours = by_intent.get(charge.intent) or by_reference.get(charge.reference)
        if ours is None:
            yield _of_charge("unknown_here", charge, None)
            continue
        # One attempt of ours is one intent: a second one with our reference took money twice.
        if ours.id in seen or (ours.stripe_id and ours.stripe_id != charge.intent):
            yield _of_charge("unknown_here", charge, None)
            continue
        seen.add(ours.id)
        if ours.state != SETTLED:
            yield _of_charge("captured_not_here", charge, ours)
        elif ours.currency != charge.currency:
            yield _of_charge("currency", charge, ours)
        elif ours.amount != charge.amount:
            yield _of_charge("amount", charge, ours)
        if charge.disputed:
            yield _of_charge("disputed", charge, ours)
    for ours in attempts:
        if ours.state == SETTLED and ours.id not in seen:
            yield _missing("not_at_stripe", ours)


def _refunded(refunds: list[Refund], attempts: list[Attempt]) -> Iterator[Difference]:
    by_id = {a.stripe_id: a for a in attempts if a.stripe_id}
    moving = {refund.id for refund in refunds if refund.status in MOVING}
    for refund in refunds:
        ours = by_id.get(refund.id)
        if refund.status not in MOVING:
            continue
        if ours is None:
            yield _of_refund("refund_unknown_here", refund, None)
        elif ours.currency != refund.currency:
            yield _of_refund("currency", refund, ours)
        elif ours.amount != refund.amount:
            yield _of_refund("amount", refund, ours)
    for ours in attempts:
        if ours.state == SETTLED and ours.stripe_id not in moving:
            yield _missing("refund_not_at_stripe", ours)


def _of_charge(kind: str, charge: Charge, ours: Attempt | None) -> Difference:
    counted = ours.amount if ours and ours.state == SETTLED else 0
    return Difference(
        kind, charge.intent, ours and ours.id, charge.amount, counted, charge.currency
    )


def _of_refund(kind: str, refund: Refund, ours: Attempt | None) -> Difference:
    return Difference(
        kind, refund.id, ours and ours.id, refund.amount, ours.amount if ours else 0,
        refund.currency,
    )  # fmt: skip


def _missing(kind: str, ours: Attempt) -> Difference:
    return Difference(kind, ours.stripe_id or ours.reference, ours.id, 0, ours.amount,
                      ours.currency)  # fmt: skip
