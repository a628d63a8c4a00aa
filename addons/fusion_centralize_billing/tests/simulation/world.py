"""Catalogue and subscriptions of the simulated company, all drawn from one seed."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from random import Random

from odoo import Command

PERIODS = {
    "weekly": ("week", 1),
    "monthly": ("month", 1),
    "quarterly": ("month", 3),
    "yearly": ("year", 1),
}
# Of a hundred subscriptions.
MIX = {"weekly": 4, "monthly": 36, "quarterly": 35, "yearly": 25}
PRICES = {"weekly": 7.35, "monthly": 29.99, "quarterly": 80.0, "yearly": 299.0}
ZONES = ("America/Toronto", "America/Vancouver", "America/St_Johns")
UNIT_PRICE = 0.037


@dataclass
class World:
    """What there is, and what the simulation itself remembers to compare it with."""

    env: object
    rng: Random
    today: date
    pace: float = 1.0
    service: object = None
    products: dict = field(default_factory=dict)
    plans: dict = field(default_factory=dict)
    partners: object = None
    metric: object = None
    provider: object = None
    captured: Decimal = Decimal(0)
    number: int = 0
    # By the app's id, which goes on where the order does not.
    pushed: dict[str, dict[date, Decimal]] = field(default_factory=dict)
    due_seen: dict[int, date] = field(default_factory=dict)
    pauses: dict[int, list[list[date]]] = field(default_factory=dict)
    done: dict[str, int] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        """Noon in Toronto, or so: the local day is the same in all zones used."""
        return datetime.combine(self.today, time(17), UTC).replace(tzinfo=None)

    def dated(self, records):
        """The records, seen on the simulated day."""
        return records.with_context(billing_date=self.today)

    def orders(self):
        """Every subscription there ever was, upsells and quotations left out."""
        return self.env["sale.order"].search([("is_subscription", "=", True)], order="id")

    def running(self):
        return self.orders().filtered(lambda order: order.subscription_state == "3_progress")

    def called(self, external_id: str):
        """The order that the app's id stands for today, or none."""
        return self.env["fusion.billing.subscribe"]._find(self.service, external_id, "active")

    def count(self, what: str, by: int = 1) -> None:
        self.done[what] = self.done.get(what, 0) + by


def build(env, seed: int, start: date) -> World:
    """The company on its first day, without subscriptions."""
    env = env(context={**env.context, "tracking_disable": True, "mail_notrack": True})
    world = World(env, Random(seed), start)
    company = env.company
    if not company.chart_template:
        env["account.chart.template"].try_loading("generic_coa", company, install_demo=False)
    _products(world, seed)
    world.service = env["fusion.billing.service"].create(
        {
            "name": "Simulation",
            "code": f"sim-{seed}",
            "mode": "live",
            "test_clock": world.now,
            "product_id": world.products["fee"].id,
            "usage_product_id": world.products["usage"].id,
        }
    )
    world.metric = env["fusion.billing.metric"].create(
        {
            "service_id": world.service.id,
            "code": "gb",
            "name": "Traffic",
            "aggregation": "sum",
            "field_name": "gb",
        }
    )
    for period, (unit, value) in PERIODS.items():
        for arrears in (False, True):
            world.plans[period, arrears] = _plan(world, period, unit, value, arrears)
    world.partners = env["res.partner"].create(
        [
            {
                "name": f"Simulated customer {number}",
                "country_id": env.ref("base.ca").id,
                "state_id": env.ref("base.state_ca_on").id,
            }
            for number in range(40)
        ]
    )
    return world


def _products(world: World, seed: int) -> None:
    """A recurring fee and usage, both at 13 %."""
    env = world.env
    tax = env["account.tax"].create({"name": f"Simulated 13 % ({seed})", "amount": 13})
    for name in ("fee", "usage"):
        world.products[name] = env["product.product"].create(
            {
                "name": f"Simulated {name}",
                "type": "service",
                "invoice_policy": "order",
                "recurring_invoice": name == "fee",
                "list_price": 0.0,
                "taxes_id": [Command.set(tax.ids)],
            }
        )


def _plan(world: World, period: str, unit: str, value: int, arrears: bool):
    env, code = world.env, f"{period}-{'arrears' if arrears else 'advance'}"
    plan = env["sale.subscription.plan"].create(
        {
            "name": code,
            "x_fc_service_id": world.service.id,
            "x_fc_code": code,
            "x_fc_product_id": world.products["fee"].id,
            "billing_period_value": value,
            "billing_period_unit": unit,
            "bill_end_period": arrears,
        }
    )
    env["product.pricelist.item"].create(
        {
            "plan_id": plan.id,
            "applied_on": "1_product",
            "product_tmpl_id": world.products["fee"].product_tmpl_id.id,
            "compute_price": "fixed",
            "fixed_price": PRICES[period],
        }
    )
    env["fusion.billing.charge"].create(
        {
            "service_id": world.service.id,
            "plan_code": code,
            "plan_id": plan.id,
            "metric_id": world.metric.id,
            "code": "traffic",
            "name": "Traffic",
            "model": "standard",
            "unit_price": UNIT_PRICE,
            "currency_id": env.company.currency_id.id,
        }
    )
    return plan


def subscribe(world: World):
    """One more subscription: by the app or by a person, of a drawn plan, from today on."""
    rng = world.rng
    period = rng.choices(list(MIX), MIX.values())[0]
    plan = world.plans[period, rng.random() < 0.25]
    partner = rng.choice(world.partners)
    world.number += 1
    if rng.random() < 0.6:
        order = _by_app(world, plan, partner)
    else:
        order = _by_person(world, plan, partner)
    order.order_line.write(
        {"product_uom_qty": rng.choice((1, 1, 2, 5)), "price_unit": PRICES[period]}
    )
    world.count("subscribed")
    return order


def _by_app(world: World, plan, partner):
    link = world.env["fusion.billing.account.link"].create(
        {
            "service_id": world.service.id,
            "external_id": f"customer-{world.number}",
            "partner_id": partner.id,
            "match_method": "created",
            "confidence": 1.0,
            "data": {"timezone": world.rng.choice(ZONES)},
        }
    )
    values = {"billing_time": world.rng.choice(("calendar", "anniversary"))}
    stage = world.dated(world.env["fusion.billing.subscribe"])
    order = stage._create(world.service, link, plan.x_fc_code, f"sub-{world.number}", values)
    if world.rng.random() < 0.5:
        world.pushed[order.x_fc_external_id] = {}
    return order


def _by_person(world: World, plan, partner):
    order = world.dated(world.env["sale.order"]).create(
        {
            "partner_id": partner.id,
            "plan_id": plan.id,
            "start_date": world.today,
            "require_payment": False,
            "require_signature": False,
            "order_line": [Command.create({"product_id": world.products["fee"].id})],
        }
    )
    order.action_confirm()
    return order.with_context(billing_date=None)
