"""Run in an Odoo shell by `test_fuzz.py`: make a book to be fuzzed, or look at it afterwards."""

import json
import os
from datetime import UTC, date, datetime

from odoo.addons.fusion_centralize_billing import engine
from odoo.addons.fusion_centralize_billing.schemas.base import validated
from odoo.addons.fusion_centralize_billing.schemas.plan import PlanIn

options = json.loads(os.environ["FUZZ"])
NOW = datetime(2026, 4, 10, 15)
ONTARIO = {
    "name": "Acme Inc.",
    "address_line1": "1 King St",
    "city": "Toronto",
    "state": "ON",
    "zipcode": "M5H 1A1",
    "country": "CA",
}
SPARE = 6


class Book:
    """A live service with two invoices of one customer, and spare things to be deleted."""

    def __init__(self, env) -> None:
        self.env = env
        self.fee, usage = (
            env["product.product"].create(
                {"name": name, "type": "service", "recurring_invoice": name == "Fee"}
            )
            for name in ("Fee", "Usage")
        )
        self.service = env["fusion.billing.service"].create(
            {
                "name": "Fuzz",
                "code": "fuzz",
                "mode": "live",
                "test_clock": datetime(2026, 3, 10, 15),
                "product_id": self.fee.id,
                "usage_product_id": usage.id,
            }
        )
        self.metric = env["fusion.billing.metric"].create(
            {"service_id": self.service.id, "code": "gb", "name": "GB", "field_name": "gb"}
        )

    def spare(self, kind: str) -> list[str]:
        """Codes or ids that nothing but deletion is asked for."""
        return [f"spare-{kind}-{number}" for number in range(SPARE)]

    def plan(self, code: str):
        """20 CAD a month in advance, and a charge of 0.05 a unit."""
        env, service = self.env, self.service
        catalogue = env["fusion.billing.catalogue"]
        serialize = env["fusion.billing.serialize"]
        sent = {
            "name": code,
            "code": code,
            "interval": "monthly",
            "amount_cents": 2000,
            "amount_currency": "CAD",
            "pay_in_advance": True,
            "charges": [
                {
                    "billable_metric_id": serialize._id("metric", self.metric),
                    "code": "over",
                    "charge_model": "standard",
                    "properties": {"amount": "0.05"},
                }
            ],
        }
        plan = validated(PlanIn, sent, is_currency=lambda code: True)
        return catalogue._create_plan(service, plan.model_dump())

    def customer(self, external_id: str):
        """Somebody in Ontario."""
        return self.env["fusion.billing.customer"]._upsert(self.service, external_id, ONTARIO)

    def subscribe(self, link, external_id: str, plan: str = "pro"):
        """An anniversary subscription."""
        return self.env["fusion.billing.subscribe"]._create(
            self.service, link, plan, external_id, {"billing_time": "anniversary"}
        )

    def push(self, number: int) -> None:
        """One event of ``sub-1``."""
        item = engine.IngestItem(
            f"t-{number}", "sub-1", "gb", datetime(2026, 3, 12, tzinfo=UTC), {"gb": number}
        )
        self.env["fusion.billing.ingest"]._ingest(self.service, [item])

    def fill(self) -> dict:
        """Everything, billed twice; the ids of it, by the names that routes have for them."""
        env, service = self.env, self.service
        for code in ("pro", "team", *self.spare("plan")):
            self.plan(code)
        acme = self.customer("acme")
        self.subscribe(acme, "sub-1")
        self.subscribe(self.customer("beta"), "sub-2", "team")
        for external_id in self.spare("customer"):
            self.subscribe(self.customer(external_id), f"of-{external_id}")
        for external_id in self.spare("subscription"):
            self.subscribe(acme, external_id)
        for number in range(1, 5):
            self.push(number)
        env["fusion.billing.invoice"]._run(service, date(2026, 3, 10))
        service.test_clock = NOW
        env["fusion.billing.invoice"]._run(service, date(2026, 4, 10))
        return self.ids()

    def ids(self) -> dict:
        """What is there, as the API calls it."""
        env, serialize = self.env, self.env["fusion.billing.serialize"]
        moves = env["account.move"].search([("x_fc_service_id", "=", self.service.id)])
        endpoint = env["fusion.billing.webhook.endpoint"].create(
            {"service_id": self.service.id, "url": "https://app.example/hooks"}
        )
        lines = moves.invoice_line_ids.filtered(lambda line: line.display_type == "product")
        webhooks = env["fusion.billing.webhook"].search(
            [("service_id", "=", self.service.id)], limit=3
        )
        return {
            "key": self.service.generate_key("fuzz"),
            "service": self.service.id,
            "customers": ["acme", "beta"],
            "subscriptions": ["sub-1", "sub-2"],
            "plans": ["pro", "team"],
            "metrics": ["gb"],
            "charges": ["over"],
            "events": ["t-1", "t-2"],
            "metric_ids": [serialize._id("metric", self.metric)],
            "invoices": [serialize._id("invoice", move) for move in moves],
            "fees": [serialize._id("fee", line) for line in lines],
            "endpoints": [serialize._id("webhook_endpoint", endpoint)],
            "webhooks": webhooks.mapped("event_uuid"),
            "spare": {kind: self.spare(kind) for kind in ("customer", "subscription", "plan")},
        }


def look(env) -> dict:
    """Whether the books are right after all that."""
    service = env["fusion.billing.service"].browse(options["service"])
    orders = env["sale.order"].search_count([("x_fc_service_id", "=", service.id)])
    return {
        "violations": [str(v) for v in env["fusion.billing.invariants"]._check(service)],
        "subscriptions": orders,
    }


def main(env) -> None:
    """Do the step that was asked for."""
    if options["step"] == "make":
        found = Book(env).fill()
        env.cr.commit()
    else:
        found = look(env)
    with open(options["result"], "w") as file:
        json.dump(found, file)


main(env)  # noqa: F821
