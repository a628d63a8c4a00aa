"""A service with a small catalogue, and a caller that speaks plain HTTP to it."""

import json
from datetime import datetime
from typing import Any

from odoo import Command
from odoo.tests import HttpCase

from .described import misfit, route_of

BASE = "/api/billing/v1"
NOW = datetime(2026, 3, 10, 15, 30, 0)
"""What time it is for every service of these tests: 11:30 in Toronto."""


class ApiCase(HttpCase):
    """``cls.service`` (code ``maps``) is live at `NOW`, with the plan ``pro``: 20 CAD a month in
    advance, 1,000 GB included and 0.05 beyond, API calls in two tiers."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.currency = cls.env.company.currency_id
        cls.service, cls.key = cls.make_service("maps")
        cls.base_product = cls.make_product("Pro plan")
        cls.service.product_id = cls.base_product
        cls.service.usage_product_id = cls.make_product("Usage")
        cls.plan = cls.make_plan(cls.service, "pro", 20.0)
        cls.bandwidth = cls.make_metric(cls.service, "bandwidth", field_name="gb", unit="GB")
        cls.calls = cls.make_metric(cls.service, "calls", aggregation="count")
        cls.make_charge(cls.plan, cls.bandwidth, included_quantity=1000, unit_price=0.05)
        cls.make_charge(
            cls.plan,
            cls.calls,
            model="graduated",
            tier_ids=[
                Command.create({"sequence": 1, "up_to": 2, "unit_price": 0, "flat_price": 0}),
                Command.create({"sequence": 2, "up_to": 0, "unit_price": 0.5, "flat_price": 1}),
            ],
        )

    # ------------------------------------------------------------------- records
    @classmethod
    def make_service(cls, code: str, mode: str = "live"):
        service = cls.env["fusion.billing.service"].create(
            {"name": code.title(), "code": code, "mode": mode, "test_clock": NOW}
        )
        return service, service.generate_key("test")

    @classmethod
    def make_product(cls, name: str):
        return cls.env["product.product"].create(
            {"name": name, "type": "service", "recurring_invoice": True, "list_price": 0}
        )

    @classmethod
    def make_plan(cls, service, code: str, price: float, product=None, **vals: Any):
        plan = cls.env["sale.subscription.plan"].create(
            {
                "name": code.title(),
                "billing_period_value": 1,
                "billing_period_unit": "month",
                "x_fc_service_id": service.id,
                "x_fc_code": code,
                "x_fc_product_id": (product or cls.base_product).id,
                **vals,
            }
        )
        cls.make_price(plan, price)
        return plan

    @classmethod
    def make_price(cls, plan, price: float, pricelist=None):
        return cls.env["product.pricelist.item"].create(
            {
                "plan_id": plan.id,
                "pricelist_id": pricelist.id if pricelist else False,
                "applied_on": "1_product",
                "product_tmpl_id": plan.x_fc_product_id.product_tmpl_id.id,
                "compute_price": "fixed",
                "fixed_price": price,
            }
        )

    @classmethod
    def make_metric(cls, service, code: str, **vals: Any):
        return cls.env["fusion.billing.metric"].create(
            {"service_id": service.id, "code": code, "name": code.title(), **vals}
        )

    @classmethod
    def make_charge(cls, plan, metric, **vals: Any):
        return cls.env["fusion.billing.charge"].create(
            {
                "service_id": plan.x_fc_service_id.id,
                "plan_code": plan.x_fc_code,
                "plan_id": plan.id,
                "metric_id": metric.id,
                "code": f"{metric.code}-over",
                "name": metric.name,
                "currency_id": cls.currency.id,
                **vals,
            }
        )

    # ---------------------------------------------------------------------- HTTP
    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str | None = "",
        base: str = BASE,
        raw: bytes | None = None,
        **headers: str,
    ) -> tuple[int, Any]:
        """``(status, JSON)``. ``key`` '' is the service's own, None sends none."""
        if key is not None:
            headers["Authorization"] = f"Bearer {key or self.key}"
        data = raw if raw is not None else body is not None and json.dumps(body).encode()
        self.env.flush_all()
        answer = self.url_open(f"{base}{path}", data=data or None, headers=headers, method=method)
        self.env.invalidate_all()
        self.assertEqual(answer.headers["Content-Type"], "application/json; charset=utf-8")
        self.assertNotIn("session_id", answer.cookies)
        told = answer.json() if answer.content else None
        self.assert_declared(method, path, answer.status_code, told)
        return answer.status_code, told

    def assert_declared(self, method: str, path: str, status: int, body: Any) -> None:
        """The OpenAPI document says that this route may answer just this."""
        if status != 500:  # nobody declares those
            wrong = misfit(route_of(self.env, method, path), status, body)
            self.assertFalse(wrong, f"{method} {path} answered {status}: {wrong}")

    def customer(self, external_id: str = "acme", **values: Any) -> dict[str, Any]:
        """A customer in Ontario, made over the API."""
        values = {"external_id": external_id, **ONTARIO, **values}
        status, body = self.call("POST", "/customers", {"customer": values})
        self.assertEqual(status, 200, body)
        return body["customer"]

    def subscribe(self, external_id: str = "sub-1", **values: Any) -> dict[str, Any]:
        """An anniversary subscription to ``pro``, made over the API."""
        values = {
            "external_customer_id": "acme",
            "plan_code": "pro",
            "external_id": external_id,
            "billing_time": "anniversary",
            **values,
        }
        status, body = self.call("POST", "/subscriptions", {"subscription": values})
        self.assertEqual(status, 200, body)
        return body["subscription"]

    def push(self, transaction_id: str, code: str = "bandwidth", **values: Any) -> dict[str, Any]:
        """One event on ``sub-1``, made over the API."""
        values = {
            "transaction_id": transaction_id,
            "external_subscription_id": "sub-1",
            "code": code,
            **values,
        }
        status, body = self.call("POST", "/events", {"event": values})
        self.assertEqual(status, 200, body)
        return body["event"]

    def assert_invalid(self, answer: tuple[int, Any], **details: Any) -> None:
        """A 422 with exactly these ``error_details``."""
        status, body = answer
        self.assertEqual(
            (status, body),
            (
                422,
                {
                    "status": 422,
                    "error": "Unprocessable Entity",
                    "code": "validation_errors",
                    "error_details": details,
                },
            ),
        )

    def assert_not_found(self, answer: tuple[int, Any], code: str) -> None:
        """Lago's 404 with this code."""
        self.assertEqual(answer, (404, {"status": 404, "error": "Not Found", "code": code}))


ONTARIO = {
    "name": "Acme Inc.",
    "email": "billing@acme.example",
    "address_line1": "1 King St",
    "city": "Toronto",
    "state": "ON",
    "zipcode": "M5H 1A1",
    "country": "ca",
    "timezone": "America/Toronto",
}
