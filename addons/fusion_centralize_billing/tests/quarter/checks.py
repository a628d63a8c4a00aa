"""What has to hold of a quarter that was lived through: the states, and every cent."""

from collections.abc import Iterator
from datetime import timedelta

from .company import Customer, Quarter
from .oracle import Life
from .scripts import START

CHECKS = (
    "the state of every customer on every day is the oracle's",
    "nobody below the threshold is suspended or terminated by the policy",
    "what Stripe took less what it gave back is what is booked, by customer",
    "what came in = what invoices were paid + credits, by customer",
    "what came in is what the oracle says, by customer",
    "the invariants of the book",
)


def broken(quarter: Quarter) -> Iterator[str]:
    """Every violation as a sentence."""
    end = START + timedelta(days=quarter.days - 1)
    for customer in quarter.customers:
        customer.life = Life(customer.script, customer.start).live(end)
        yield from _states(customer)
        yield from _money(quarter, customer)
    yield from quarter.poor
    for violation in quarter.env["fusion.billing.invariants"]._check(quarter.service):
        yield f"invariant: {violation}"


def _states(customer: Customer) -> Iterator[str]:
    for day, expected in customer.life.states.items():
        actual = customer.states[day]
        if actual != expected:
            when = (day - customer.start).days
            yield f"{customer}: on {day} (day {when}) {actual} and not {expected}"
            return


def _money(quarter: Quarter, customer: Customer) -> Iterator[str]:
    """In cents. Stripe's figures are Stripe's own; everything else is read from the ledger."""
    life, partner = customer.life, customer.order.partner_id
    tokens = quarter.env["payment.token"].with_context(active_test=False)
    cards = tokens.search([("partner_id", "=", partner.id)]).mapped("provider_ref")
    moves = customer.order.invoice_ids
    references = {tx.reference for tx in moves.transaction_ids}
    intents = [
        intent
        for intent in quarter.stripe.intents(status="succeeded")
        if intent["customer"] in cards or intent["description"] in references
    ]
    taken = sum(intent["amount_received"] for intent in intents)
    ids = {intent["id"] for intent in intents}
    refunds = quarter.stripe.ledger.all("refund")
    given_back = sum(r["amount"] for r in refunds if r["payment_intent"] in ids)
    by_card, by_bank = _booked(quarter, partner)
    if taken - given_back != by_card:
        yield f"{customer}: Stripe kept {taken - given_back}, the book has {by_card}"
    if (taken, given_back, by_bank) != (life.taken, life.refunded, life.banked):
        yield (
            f"{customer}: {taken} taken, {given_back} given back, {by_bank} by bank; the oracle "
            f"says {life.taken}, {life.refunded}, {life.banked}"
        )
    paid, credit = _paid(quarter, partner)
    if by_card + by_bank != paid + credit:
        yield f"{customer}: {by_card + by_bank} came in, invoices had {paid}, credit is {credit}"


def _booked(quarter: Quarter, partner) -> tuple[int, int]:
    """Payments of the customer: by Stripe, and otherwise; what went out is negative."""
    payments = quarter.env["account.payment"].search(
        [("partner_id", "=", partner.id), ("state", "in", ("in_process", "paid"))]
    )
    sums = [0, 0]
    for payment in payments:
        sign = 1 if payment.payment_type == "inbound" else -1
        sums[not payment.payment_transaction_id] += sign * round(payment.amount * 100)
    return sums[0], sums[1]


def _paid(quarter: Quarter, partner) -> tuple[int, int]:
    """What payments paid of invoices less what they paid out for notes; what is left over."""
    quarter.env.cr.execute(
        """
        SELECT COALESCE(sum(CASE WHEN debit.payment_id IS NULL THEN part.amount
                                 ELSE -part.amount END), 0)::text
        FROM account_partial_reconcile part
        JOIN account_move_line debit ON debit.id = part.debit_move_id
        JOIN account_move_line credit ON credit.id = part.credit_move_id
        WHERE debit.partner_id = %s
          AND (debit.payment_id IS NULL) != (credit.payment_id IS NULL)
        """,
        [partner.id],
    )
    settled = round(float(quarter.env.cr.fetchone()[0]) * 100)
    lines = quarter.env["account.move.line"].search(
        [
            ("partner_id", "=", partner.id),
            ("payment_id", "!=", False),
            ("account_type", "=", "asset_receivable"),
            ("parent_state", "=", "posted"),
        ]
    )
    return settled, -round(sum(lines.mapped("amount_residual")) * 100)
