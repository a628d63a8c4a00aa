"""What has to hold after every month, asked of the database and of the simulation's own memory."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

from .cards import check_cards
from .world import World

CHECKS = (
    "every invoice adds up",
    "each period is billed once",
    "periods tile",
    "revenue log adds up",
    "usage is billed once",
    "renewals take over",
    "the book is right",
    "captured is reconciled",
    "nothing is left due",
    "next date never moves back",
)

# Of lines that bill a period of a contract's own line; an upsell bills on lines of its own.
FEES = """
SELECT rel.order_line_id, l.subscription_id, l.deferred_start_date, l.deferred_end_date
FROM account_move_line l
JOIN sale_order_line_invoice_rel rel ON rel.invoice_line_id = l.id
JOIN sale_order_line sol ON sol.id = rel.order_line_id AND sol.order_id = l.subscription_id
WHERE l.parent_state = 'posted' AND l.deferred_start_date IS NOT NULL
  AND l.x_fc_line_key IS NULL AND l.x_fc_credited_line_id IS NULL
ORDER BY rel.order_line_id, l.deferred_start_date"""

SUMS = """
SELECT m.name FROM account_move m
JOIN LATERAL (
    SELECT COALESCE(sum(price_subtotal) FILTER (WHERE display_type = 'product'), 0) AS untaxed,
           COALESCE(sum(balance), 0) AS balance,
           abs(COALESCE(sum(amount_currency) FILTER (WHERE display_type = 'payment_term'), 0))
               AS receivable
    FROM account_move_line WHERE move_id = m.id) l ON TRUE
WHERE m.move_type IN ('out_invoice', 'out_refund') AND m.state = 'posted'
  AND (l.untaxed != m.amount_untaxed OR m.amount_untaxed + m.amount_tax != m.amount_total
       OR l.receivable != m.amount_total OR l.balance != 0)"""

REVENUE = """
SELECT o.name, o.recurring_monthly, COALESCE(sum(g.amount_signed), 0)
FROM sale_order o LEFT JOIN sale_order_log g ON g.order_id = o.id
WHERE o.is_subscription AND o.state = 'sale'
GROUP BY o.id
HAVING round(COALESCE(sum(g.amount_signed), 0)::numeric, 2) != round(
    CASE WHEN o.subscription_state IN ('3_progress', '4_paused') THEN o.recurring_monthly
    ELSE 0 END::numeric, 2)"""


def check(world: World) -> list[str]:
    """Everything that does not hold today."""
    world.env.flush_all()
    day = f"{world.today}: "
    return [
        day + told
        for look in (_sums, _fees, _revenue, _usage, _renewals, _book, check_cards, _left_due)
        for told in look(world)
    ]


def watch_due_dates(world: World) -> list[str]:
    """The next date of a running contract only ever moves on."""
    world.env.flush_all()
    rows = _query(
        world,
        "SELECT id, next_invoice_date FROM sale_order WHERE is_subscription AND state = 'sale' "
        "AND subscription_state IN ('3_progress', '4_paused') AND end_date IS NULL",
    )
    back = [
        f"{world.today}: next date of order {order} went from {world.due_seen[order]} to {due}"
        for order, due in rows
        if order in world.due_seen and due < world.due_seen[order]
    ]
    world.due_seen.update(rows)
    return back


def _query(world: World, statement: str) -> list[tuple]:
    world.env.cr.execute(statement)
    return world.env.cr.fetchall()


def _sums(world: World) -> Iterator[str]:
    for (name,) in _query(world, SUMS):
        yield f"{name} does not add up"


def _fees(world: World) -> Iterator[str]:
    """No day twice; none left out but while the contract was paused."""
    rows = _query(world, FEES)
    for (line, order, start, end), (after, _order, following, _end) in pairwise(rows):
        if line != after:
            continue
        if following <= end:
            yield f"line {line} is billed twice from {following} to {end}"
        elif following != end + timedelta(days=1):
            paused = any(
                stop[0] <= following and (stop[1:] or [world.today])[0] > end
                for stop in world.pauses.get(order, [])
            )
            if not paused:
                yield f"line {line} is not billed from {end} to {following}"
        if start > end:
            yield f"line {line} ends before it starts on {start}"


def _revenue(world: World) -> Iterator[str]:
    for name, monthly, logged in _query(world, REVENUE):
        yield f"log of {name} says {logged}, it is {monthly}"


def _usage(world: World) -> Iterator[str]:
    """What was pushed under an id before its last billed day is what the periods of all orders
    that held the id billed, and no more."""
    periods = world.env["fusion.billing.period"].search([("state", "=", "billed")])
    ids = periods.subscription_id.grouped("x_fc_external_id")
    by_order = periods.grouped("subscription_id")
    for external_id in sorted(ids.keys() & world.pushed.keys()):
        parts = [by_order[order] for order in ids[external_id]]
        own = parts[0].union(*parts[1:]).sorted("start")
        if any(own.mapped("dirty")):
            continue
        for before, after in pairwise(own):
            if before.end != after.start:
                yield f"{external_id}: billed to {before.end} and from {after.start} on"
        days = world.pushed[external_id].items()
        pushed = sum((value for day, value in days if day < own[-1:].end), Decimal(0))
        entries = [entry for period in own for entry in (period.billed or {}).values()]
        billed = sum((Decimal(entry["quantity"]) for entry in entries), Decimal(0))
        if pushed != billed:
            yield f"{external_id}: {pushed} pushed, {billed} billed"


def _renewals(world: World) -> Iterator[str]:
    """A renewal begins the day after its parent ends, and is what the app's id stands for."""
    for order in world.orders().filtered(lambda order: order.state == "sale"):
        parent = order.subscription_id
        if not parent or parent.subscription_state != "5_renewed":
            continue
        if order.start_date != parent.end_date + timedelta(days=1):
            yield f"{order.name} begins on {order.start_date}, its parent ends {parent.end_date}"
        if order.x_fc_external_id != parent.x_fc_external_id:
            yield f"{order.name} did not take over {parent.x_fc_external_id}"
        begun = order.start_date <= world.today
        if order.x_fc_service_id and not order.x_fc_terminated_at and order.state == "sale":
            last = order._x_fc_successor() or order
            expected = (order if begun else parent) if last == order else None
            if expected and world.called(order.x_fc_external_id) != expected:
                yield f"{order.x_fc_external_id} does not stand for {expected.name}"


def _book(world: World) -> Iterator[str]:
    for violation in world.env["fusion.billing.invariants"]._check(world.service):
        yield str(violation)


def _left_due(world: World) -> Iterator[str]:
    due = world.running().filtered(
        lambda order: (
            order.next_invoice_date <= world.today
            and not order.payment_exception
            and not (order.end_date and order.end_date < order.next_invoice_date)
        )
    )
    for order in due:
        yield f"{order.name} is due since {order.next_invoice_date}"
