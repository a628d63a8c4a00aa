"""What happens to subscriptions: a list of named operations, drawn by weight each day.

Add one here and both simulations live through it. An operation returns whether it happened.
"""

from collections.abc import Callable
from dataclasses import dataclass

from .world import World, subscribe


@dataclass(frozen=True)
class Operation:
    """``chance``: per running subscription and year."""

    name: str
    chance: float
    run: Callable[[World, object], bool]


def pause(world: World, order) -> bool:
    order.pause_subscription()
    world.pauses.setdefault(order.id, []).append([world.today])
    return True


def resume_all(world: World) -> None:
    """Paused ones come back after a month or two."""
    paused = world.orders().filtered(lambda order: order.subscription_state == "4_paused")
    for order in paused:
        if world.rng.random() < 1 / 45:
            world.dated(order).resume_subscription()
            world.pauses[order.id][-1].append(world.today)
            world.count("resume")


def upsell(world: World, order) -> bool:
    # One that is due and waits for a charge's outcome has to be invoiced before it can grow; in
    # arrears the day it is due is a day too late already.
    due = order.next_invoice_date
    too_late = due <= world.today if order.plan_id.bill_end_period else due < world.today
    waits = too_late or world.today < order.start_date
    if not order.has_invoiced_period or order.end_date or waits:
        return False
    child = _child(world, order.prepare_upsell_order())
    child.order_line.product_uom_qty = world.rng.choice((1, 2))
    child.action_confirm()
    # With nothing left of the invoiced period there is nothing to invoice on the upsell itself.
    if any(child.order_line.mapped("qty_to_invoice")):
        child._create_invoices().action_post()
    return True


def renew(world: World, order) -> bool:
    """On the same plan most of the time; to the app it stays the same subscription."""
    if not order.has_invoiced_period or order.end_date:
        return False
    child = _child(world, order.prepare_renewal_order())
    if world.rng.random() < 0.3:
        child.plan_id = world.rng.choice(list(world.plans.values()))
        world.count("renew on another plan", child.plan_id != order.plan_id)
    child.action_confirm()
    if order.x_fc_service_id:
        world.count("renew for the app")
    if world.rng.random() < 0.15:
        _think_again(world, child)
    return True


def _think_again(world: World, child) -> None:
    """Called off and confirmed again on the same day."""
    child._action_cancel()
    child.action_draft()
    child.action_confirm()
    world.count("renew, thought again")


def close(world: World, order) -> bool:
    if order.x_fc_service_id:
        return False
    order.set_close()
    return True


def terminate(world: World, order) -> bool:
    """What the app calls by the id: the parent, while a renewal is to come."""
    if not order.x_fc_service_id:
        return False
    order = world.dated(world.called(order.x_fc_external_id))
    settle = world.rng.choice(("credit", "offset", "skip"))
    world.env["fusion.billing.subscribe"]._terminate(order, world.now, settle)
    return True


def reduce(world: World, order) -> bool:
    line = order.order_line.filtered("recurring_invoice")[:1]
    if order.plan_id.bill_end_period or line.product_uom_qty < 2:
        return False
    quantity = line.product_uom_qty - 1
    settle = world.rng.choice(("credit", "offset"))
    world.env["fusion.billing.credit"]._reduce(line, quantity, world.today, settle)
    return True


OPERATIONS = [
    Operation("pause", 0.25, pause),
    Operation("upsell", 0.5, upsell),
    Operation("reduce", 0.4, reduce),
    Operation("renew", 0.3, renew),
    Operation("close", 0.15, close),
    Operation("terminate", 0.25, terminate),
]


def operate(world: World) -> None:
    """A day's operations, each drawn on its own, and a new subscription for each that ended."""
    resume_all(world)
    orders = world.running()
    for operation in OPERATIONS:
        for order in orders:
            if world.rng.random() >= world.pace * operation.chance / 365:
                continue
            if order.subscription_state != "3_progress" or order.x_fc_terminated_at:
                continue
            if operation.run(world, world.dated(order)):
                world.count(operation.name)
                if operation.name in ("close", "terminate"):
                    subscribe(world)


def _child(world: World, action: dict):
    return world.dated(world.env["sale.order"].browse(action["res_id"]))
