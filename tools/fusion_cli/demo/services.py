"""Services in Odoo and what is sold on them: an operator's catalogue, customers over the API."""

from __future__ import annotations

from pilot.nexacloud import other_services
from pilot.nexacloud.data.services import ChargeData, PlanData, ServiceData
from pilot.nexacloud.receiver import Receiver

from .. import console
from .listener import Listener
from .rpc import BillingApi
from .world import CLOCK_START, Service, World

INTERVALS = {"month": "month", "year": "year"}


def open_service(world: World, code: str, name: str, timezone: str) -> Service:
    """Create a service, start its app's receiver and give the app a key."""
    odoo = world.odoo
    service_id = odoo.create("fusion.billing.service", code=code, name=name, timezone=timezone)
    secret = odoo.read("fusion.billing.service", [["id", "=", service_id]], ["webhook_secret"])
    receiver = _receiver(world, code, secret[0]["webhook_secret"])
    odoo.write("fusion.billing.service", service_id, webhook_url=receiver.url)
    key = odoo.call("fusion.billing.service", "generate_key", [service_id], f"{name} app")
    service = Service(code, service_id, key, BillingApi(world.url, key), receiver)
    world.services[code] = service
    return service


def _receiver(world: World, code: str, secret: str) -> Listener | Receiver:
    """NexaCloud has a billing of its own, and gives it up when it is told to."""
    if code == "nexacloud":
        return Listener(world, secret)
    # NexaMaps' first delivery fails on purpose; by the time usage and invoices wake the
    # delivery job again its retry is due.
    receiver = Receiver(secret, fail_first=1 if code == "nexamaps" else 0)
    receiver.__enter__()
    return receiver


def open_the_others(world: World) -> None:
    """NexaMaps and NexaMembers: catalogue by an operator, customers by the apps themselves."""
    console.heading("6. Two more services, sold live over the API")
    rows = []
    for data in other_services.catalogue():
        service = open_service(world, data.code, data.name, data.timezone)
        world.odoo.write("fusion.billing.service", service.id, test_clock=CLOCK_START)
        _create_catalogue(world, service, data)
        world.odoo.call("fusion.billing.service", "go_live", [service.id])
        sold = [item for item in other_services.subscriptions() if item.service == data.code]
        for item in sold:
            service.api.post("/customers", {"customer": item.customer.payload()})
            service.api.post("/subscriptions", {"subscription": item.payload()})
        plans = service.api.get("/plans")["plans"]
        known = sum(1 for item in sold if item.customer.shared_with)
        rows.append((data.name, len(plans), len(data.charges), len(sold), known))
    console.table(
        ("service", "plans", "charges", "subscriptions", "customers NexaCloud has too"), rows
    )


def _create_catalogue(world: World, service: Service, data: ServiceData) -> None:
    odoo = world.odoo
    usage = _product(world, f"{data.name} usage", 0.0, recurring=False)
    odoo.write("fusion.billing.service", service.id, usage_product_id=usage)
    metrics = {
        metric.code: odoo.create(
            "fusion.billing.metric",
            service_id=service.id,
            code=metric.code,
            name=metric.name,
            unit=metric.unit,
            aggregation=metric.aggregation,
            field_name=metric.field_name,
        )
        for metric in data.metrics
    }
    for plan in data.plans:
        create_plan(world, service.id, plan)
    for charge in data.charges:
        _create_charge(world, service, charge, metrics)


def create_plan(world: World, service_id: int, plan: PlanData) -> None:
    """Make a plan with its product and its recurring price, as an operator does."""
    product = _product(world, plan.name, 0.0, recurring=True)
    plan_id = world.odoo.create(
        "sale.subscription.plan",
        name=plan.name,
        billing_period_value=1,
        billing_period_unit=INTERVALS[plan.interval],
        bill_end_period=not plan.pay_in_advance,
        x_fc_service_id=service_id,
        x_fc_code=plan.code,
        x_fc_product_id=product,
        x_fc_description=plan.description,
    )
    template = world.odoo.read("product.product", [["id", "=", product]], ["product_tmpl_id"])
    world.odoo.create(
        "product.pricelist.item",
        plan_id=plan_id,
        product_tmpl_id=template[0]["product_tmpl_id"][0],
        applied_on="1_product",
        compute_price="fixed",
        fixed_price=float(plan.price),
    )


def _create_charge(
    world: World, service: Service, charge: ChargeData, metrics: dict[str, int]
) -> None:
    world.odoo.create(
        "fusion.billing.charge",
        service_id=service.id,
        plan_code=charge.plan_code,
        metric_id=metrics[charge.metric_code],
        code=charge.code,
        name=charge.name,
        model=charge.model,
        tier_ids=[
            [0, 0, {"sequence": place, "up_to": up_to or 0, "unit_price": float(unit),
                    "flat_price": float(flat)}]
            for place, (up_to, unit, flat) in enumerate(charge.tiers)
        ],
    )  # fmt: skip


def _product(world: World, name: str, price: float, *, recurring: bool) -> int:
    return world.odoo.create(
        "product.product",
        name=name,
        type="service",
        list_price=price,
        recurring_invoice=recurring,
        invoice_policy="order",
    )
