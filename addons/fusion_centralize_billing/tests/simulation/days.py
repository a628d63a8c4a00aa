"""A day: operations, usage, the run of each engine. A month: all checks."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from freezegun import freeze_time

from ...engine import IngestItem
from .cards import charge, open_bank, save_card
from .checks import check, watch_due_dates
from .operations import operate
from .world import World, build, subscribe

# Of subscriptions, paid by a saved card.
CARD_SHARE = 0.12


def simulate(
    env,
    seed: int,
    subscriptions: int,
    start: date,
    days: int,
    progress: Callable[[World, list[str]], None] | None = None,
    pace: float = 1.0,
) -> tuple[World, list[str]]:
    """Live through the days; return the world and everything that did not hold.

    :param progress: called after each month's checks
    :param pace: how many times as much happens to a subscription as usual
    """
    broken: list[str] = []
    with freeze_time(datetime.combine(start, time(17))) as clock:
        world = build(env, seed, start)
        world.pace = pace
        open_bank(world)
        for day in range(days):
            world.today = start + timedelta(days=day)
            clock.move_to(world.now)
            world.service.test_clock = world.now
            _welcome(world, subscriptions, day, min(120, max(days // 3, 1)))
            broken += live(world)
            if _is_month_end(world.today) or day == days - 1:
                found = check(world)
                broken += found
                env.invalidate_all()  # a month's records are of no use to the next
                if progress:
                    progress(world, found)
    return world, broken


def _welcome(world: World, subscriptions: int, day: int, during: int) -> None:
    """They come in the first months, on the 1st, the 15th and the last day: anniversaries that
    fall on month ends are the difficult ones, and days with many invoices the usual ones."""
    if day and world.today.day not in (1, 15) and not _is_month_end(world.today):
        return
    wanted = min(subscriptions, -(-subscriptions * (day + 1) // during))
    for _number in range(world.number, wanted):
        order = subscribe(world)
        if world.rng.random() < CARD_SHARE:
            save_card(world, order)


def _is_month_end(day: date) -> bool:
    return (day + timedelta(days=1)).day == 1


def live(world: World) -> list[str]:
    """One day; what moved backwards in it."""
    operate(world)
    if world.today.weekday() == 0:
        push_usage(world)
    bill(world)
    charge(world)
    return watch_due_dates(world)


def bill(world: World) -> None:
    """Ours by our run, theirs by Odoo's."""
    world.env["fusion.billing.invoice"]._run(world.service, world.today)
    theirs = world.env["sale.order"].search(
        [
            ("x_fc_service_id", "=", False),
            ("subscription_state", "=", "3_progress"),
            ("next_invoice_date", "<=", world.today),
        ]
    )
    while theirs:
        due = {order: order.next_invoice_date for order in theirs}
        world.dated(theirs)._create_recurring_invoice()
        theirs = theirs.filtered(
            lambda order, due=due: due[order] != order.next_invoice_date <= world.today
        )


def push_usage(world: World) -> None:
    """A week's event of every metered subscription; some late, some twice."""
    rng = world.rng
    items, counted = [], []
    for external_id in world.pushed:
        order = world.called(external_id)
        day = world.today - timedelta(days=rng.choice((0, 0, 0, 1, 3, 9)))
        if not order or day < order.first_contract_date:
            continue
        value = Decimal(rng.randrange(1, 50000)) / 100
        item = IngestItem(
            f"{external_id}-{world.today}",
            external_id,
            "gb",
            datetime.combine(day, time(16, 30), UTC),
            {"gb": str(value)},
        )
        items += [item, item] if rng.random() < 0.1 else [item]
        counted.append((external_id, day, value, item.transaction_id))
    if not items:
        return
    answers = world.env["fusion.billing.ingest"]._ingest(world.service, items)
    accepted = {
        item.transaction_id
        for item, answer in zip(items, answers, strict=True)
        if answer.status == "accepted"
    }
    for external_id, day, value, transaction_id in counted:
        days = world.pushed[external_id]
        if transaction_id in accepted:
            days[day] = days.get(day, Decimal(0)) + value
    world.count("events refused", len(counted) - len(accepted))
    world.count("events", len(items))
