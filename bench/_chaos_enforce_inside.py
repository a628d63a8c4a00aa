"""Run in an Odoo shell by `chaos_enforce.py`: CHAOS_STEPS says what to do, one after the other."""

import json
import os
import signal
from datetime import datetime, time, timedelta
from pathlib import Path
from time import sleep

from odoo import Command

SUSPENDED_ON = 11  # days after the due date, by the policy that Odoo is delivered with
CODE = "chaos"


def newest(env, count=1):
    """The subscriptions that this scenario is about."""
    domain = [("x_fc_service_id.code", "=", CODE)]
    return env["sale.order"].search(domain, order="id desc", limit=count)


def service_of(env):
    """The live service on a test clock; made by the first scenario."""
    service = env["fusion.billing.service"].search([("code", "=", CODE)])
    if service:
        return service
    default = env.ref("fusion_centralize_billing.dunning_policy_default")
    return service.create(
        {
            "name": "Chaos",
            "code": CODE,
            "mode": "live",
            "test_clock": datetime(2026, 3, 1, 17),
            "dunning_policy_id": default.copy({"business_days_only": False}).id,
        }
    )


def commit(env):
    env["ir.cron"]._commit_progress()


def turn(env, days: int):
    """The service's clock: so many days after the invoice of this scenario was due."""
    order = newest(env)
    due = order.invoice_ids[:1].invoice_date_due
    order.x_fc_service_id.test_clock = datetime.combine(due + timedelta(days=days), time(17))


def owing(env):
    """An invoice that nobody pays, and its reminders: tomorrow the service is suspended."""
    service = service_of(env)
    partner = env["res.partner"].create(
        {"name": "Chaos", "email": "ap@chaos.example", "country_id": env.ref("base.ca").id}
    )
    product = env["product.product"].create(
        {"name": "Hosting", "type": "service", "recurring_invoice": True, "list_price": 100}
    )
    link = env["fusion.billing.account.link"].create(
        {
            "service_id": service.id,
            "external_id": f"chaos-{partner.id}",
            "partner_id": partner.id,
            "state": "confirmed",
        }
    )
    order = env["sale.order"].create(
        {
            "partner_id": partner.id,
            "plan_id": env.ref("sale_subscription.subscription_plan_month").id,
            "require_payment": False,
            "x_fc_service_id": service.id,
            "x_fc_link_id": link.id,
            "order_line": [Command.create({"product_id": product.id})],
        }
    )
    order.x_fc_external_id = f"chaos-{order.id}"
    order.action_confirm()
    order.with_context(billing_date=order.start_date)._create_recurring_invoice()
    for day in (1, 3, 5, 10):
        turn(env, day)
        env["fusion.billing.enforce"]._run(service)
    turn(env, SUSPENDED_ON)
    commit(env)


def enforce(env):
    """What the two jobs do: the policy, then the outbox."""
    progress = env["ir.cron"]._commit_progress
    env["fusion.billing.enforce"]._run(
        service_of(env), lambda done, left: progress(done, remaining=left)
    )
    env["fusion.billing.outbox"]._publish()
    commit(env)


def pay(env):
    """The customer pays all of it; it resumes the service in the same transaction."""
    for invoice in newest(env).invoice_ids:
        if invoice.amount_residual:
            env["account.payment.register"].with_context(
                active_model="account.move", active_ids=invoice.ids
            ).create({})._create_payments()
    commit(env)


def die_at(env, model: str, method: str):
    """Have this process killed when it comes to this method."""

    def die(*_args, **_kwargs):
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(env.registry[model], method, die)


def die_at_second(env, model: str, method: str):
    """Have this process killed when it comes to this method for the second time."""
    original, came = getattr(env.registry[model], method), []

    def die(*args, **kwargs):
        came.append(True)
        if len(came) == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        return original(*args, **kwargs)

    setattr(env.registry[model], method, die)


def hold_at(env, model: str, method: str):
    """Have this process say that it came to this method, and wait until it may go on."""
    original, said = getattr(env.registry[model], method), Path(os.environ["CHAOS_HELD"])

    def hold(*args, **kwargs):
        said.touch()
        for _turn in range(1200):
            if not said.exists():
                return original(*args, **kwargs)
            sleep(0.1)
        raise TimeoutError(method)

    setattr(env.registry[model], method, hold)


def look_at_two(env):
    """Tell what came of the two newest together."""
    look(env, 2)


def look(env, count=1):
    """Tell what came of it."""
    orders = newest(env, count)
    order = orders[:1]
    commands = orders.x_fc_command_ids.sorted("id")
    every = env["fusion.billing.command"].search(
        [("service_id", "=", order.x_fc_service_id.id)], order="number"
    )
    cases = env["fusion.billing.dunning.case"].search([("order_id", "in", orders.ids)])
    found = {
        "state": " ".join(sorted(set(orders.mapped("x_fc_service_state")))),
        "cases": len(cases),
        "suspensions": len(cases.action_ids.filtered(lambda each: each.action == "suspend")),
        "commands": commands.mapped("command"),
        "told": [len(command.webhook_ids) for command in commands],
        "payments": len(orders.invoice_ids.matched_payment_ids),
        "numbers without a gap": every.mapped("number") == list(range(1, len(every) + 1)),
    }
    with open(os.environ["CHAOS_RESULT"], "w") as file:
        json.dump(found, file)


ENDS = {"die": die_at, "die-at-second": die_at_second, "hold": hold_at}
STEPS = {"owing": owing, "enforce": enforce, "pay": pay, "look": look, "look-at-two": look_at_two}

for step in os.environ["CHAOS_STEPS"].split():
    name, _, place = step.partition("@")
    if name in ENDS:
        ENDS[name](env, *place.split(":"))  # noqa: F821  the shell's
    else:
        STEPS[name](env)  # noqa: F821
