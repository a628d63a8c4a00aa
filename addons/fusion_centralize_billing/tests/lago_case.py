"""A shadow service and a small, dirty Lago to import it from, on 15 March 2026."""

from datetime import datetime
from typing import Any
from unittest.mock import patch

from odoo.tests import TransactionCase

from ..importers import lago
from .lago_server import KEY, LagoServer


class LagoCase(TransactionCase):
    """Ann and Bob share an e-mail, Cara has no address, one plan has a currency nobody knows."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.service = cls.env["fusion.billing.service"].create(
            {
                "name": "Metered",
                "code": "metered",
                "test_clock": datetime(2026, 3, 15, 12),
                "clean_periods_required": 0,
            }
        )
        cls.parameters = cls.env["ir.config_parameter"]

    def setUp(self) -> None:
        super().setUp()
        self.lago = LagoServer()
        self.addCleanup(self.lago.stop)
        self.parameters.set_param(lago.URL, self.lago.url)
        self.parameters.set_param(lago.KEY, KEY)
        quick = patch.object(lago, "RETRY_WAIT", 0)
        quick.start()
        self.addCleanup(quick.stop)
        self.fill()

    def fill(self) -> None:
        """What the organisation has."""
        self.lago.rows = {
            "billable_metrics": [
                metric("gb", "sum_agg", field_name="gb"),
                metric("calls", "count_agg"),
                metric("odd", "custom_agg"),
            ],
            "taxes": [tax("hst", 13.0), tax("odd", 7.77)],
            "plans": [
                plan("pro", charges=[standard(), graduated()]),
                plan("odd", amount_currency="XQQ"),
                plan("early", charges=[standard() | {"pay_in_advance": True}]),
            ],
            "customers": [
                customer("ann", email="shared@example.ca"),
                customer("bob", email="shared@example.ca"),
                {"lago_id": "c-cara", "external_id": "cara", "name": "Cara", "email": "c@x.ca"},
            ],
            "applied_coupons": [coupon("k1", "bob")],
            "wallets": [wallet("w1", "ann", 2500), wallet("w2", "bob", 0)],
            "subscriptions": [
                subscription("s1", "ann"),
                subscription("s2", "bob", billing_time="anniversary",
                             started_at="2025-12-31T15:00:00.123Z",
                             current_billing_period_started_at="2026-02-28T05:00:00Z",
                             current_billing_period_ending_at="2026-03-31T03:59:59Z"),
                subscription("s3", "cara", status="pending", started_at=None,
                             subscription_at="2026-04-10T12:00:00Z"),
                subscription("s4", "ann", status="terminated",
                             terminated_at="2026-02-01T00:00:00Z"),
                subscription("s5", "bob", _overridden=True),
            ],
            "invoices": [invoice("i1", "s1", "ann")],
            "events": [],
        }  # fmt: skip
        self.fill_single()

    def fill_single(self) -> None:
        """What lists leave out: the plan of a subscription, the fees of an invoice."""
        own = plan("pro", amount_cents=1500, parent_id="p-pro", lago_id="p-own",
                   charges=[standard("0.02")])  # fmt: skip
        self.lago.single = {
            "subscriptions/s5": {"subscription": subscription("s5", "bob") | {"plan": own}},
            "invoices/i1": {"invoice": invoice("i1", "s1", "ann") | {"fees": fees("s1")}},
        }

    # ------------------------------------------------------------------- looking
    def run_import(self, mode: str = "run") -> dict[str, Any]:
        return self.service.import_lago(mode)

    def order(self, external_id: str):
        """The order of a subscription."""
        domain = [("x_fc_service_id", "=", self.service.id), ("x_fc_external_id", "=", external_id)]
        return self.env["sale.order"].search(domain)

    def record(self, external_id: str):
        """What is kept of one object of Lago's."""
        domain = [("service_id", "=", self.service.id), ("external_id", "=", external_id)]
        return self.env["fusion.billing.lago.record"].search(domain)

    def reasons(self, report: dict[str, Any], external_id: str) -> str:
        """What the report says about one row."""
        return " ".join(
            line["reason"] for line in report["lines"] if line["external_id"] == external_id
        )


def metric(code: str, aggregation: str, **values: Any) -> dict[str, Any]:
    row = {"lago_id": f"m-{code}", "name": code.title(), "code": code, "filters": []}
    return row | {"aggregation_type": aggregation, "recurring": False} | values


def tax(code: str, rate: float) -> dict[str, Any]:
    return {"lago_id": f"t-{code}", "name": code.upper(), "code": code, "rate": rate}


def plan(code: str, **values: Any) -> dict[str, Any]:
    return {
        "lago_id": f"p-{code}", "name": code.title(), "code": code, "interval": "monthly",
        "amount_cents": 2900, "amount_currency": "CAD", "pay_in_advance": True,
        "trial_period": 0.0, "charges": [], "usage_thresholds": [], "taxes": [],
    } | values  # fmt: skip


def standard(price: str = "0.05") -> dict[str, Any]:
    """A price per unit, another one in Europe, and a minimum."""
    return {
        "lago_id": "x1", "code": "gb", "billable_metric_code": "gb", "charge_model": "standard",
        "invoiceable": True, "pay_in_advance": False, "min_amount_cents": 500,
        "properties": {"amount": price}, "taxes": [],
        "filters": [{"values": {"region": ["eu"]}, "properties": {"amount": "0.07"}}],
    }  # fmt: skip


def graduated() -> dict[str, Any]:
    ranges = [
        {"from_value": 0, "to_value": 100, "per_unit_amount": "0", "flat_amount": "0"},
        {"from_value": 101, "to_value": None, "per_unit_amount": "0.001", "flat_amount": "2"},
    ]
    return {
        "lago_id": "x2", "code": "calls", "billable_metric_code": "calls", "invoiceable": True,
        "charge_model": "graduated", "properties": {"graduated_ranges": ranges}, "filters": [],
    }  # fmt: skip


def customer(external_id: str, **values: Any) -> dict[str, Any]:
    return {
        "lago_id": f"c-{external_id}", "external_id": external_id, "name": external_id.title(),
        "address_line1": f"{len(external_id)} King St", "city": "Toronto", "state": "ON",
        "country": "CA", "zipcode": "M5V 1A1", "applicable_timezone": "America/Toronto",
    } | values  # fmt: skip


def coupon(lago_id: str, external_id: str) -> dict[str, Any]:
    return {
        "lago_id": lago_id, "external_customer_id": external_id, "coupon_name": "Ten off",
        "status": "active", "percentage_rate": "10.0", "frequency": "forever",
    }  # fmt: skip


def wallet(lago_id: str, external_id: str, cents: int) -> dict[str, Any]:
    return {
        "lago_id": lago_id, "external_customer_id": external_id, "name": "Prepaid",
        "status": "active", "currency": "CAD", "balance_cents": cents,
    }  # fmt: skip


def subscription(external_id: str, customer_id: str, **values: Any) -> dict[str, Any]:
    """Active, calendar, begun in January: 1 to 31 March in Toronto is its period."""
    return {
        "lago_id": f"s-{external_id}", "external_id": external_id, "plan_code": "pro",
        "external_customer_id": customer_id, "status": "active", "billing_time": "calendar",
        "started_at": "2026-01-10T15:00:00.123Z",
        "current_billing_period_started_at": "2026-03-01T05:00:00Z",
        "current_billing_period_ending_at": "2026-04-01T03:59:59Z",
    } | values  # fmt: skip


def invoice(lago_id: str, external_id: str, customer_id: str, **values: Any) -> dict[str, Any]:
    """Of 1 March: the fee of March in advance, and February's usage."""
    period = {
        "external_subscription_id": external_id,
        "charges_from_datetime": "2026-02-01T05:00:00Z",
        "charges_to_datetime": "2026-03-01T04:59:59Z",
    }
    return {
        "lago_id": lago_id, "number": f"LAG-001-{lago_id}", "invoice_type": "subscription",
        "status": "finalized", "currency": "CAD", "issuing_date": "2026-03-01",
        "total_due_amount_cents": 0, "customer": {"external_id": customer_id},
        "billing_periods": [period],
    } | values  # fmt: skip


def fees(external_id: str) -> list[dict[str, Any]]:
    def fee(kind: str, code: str, cents: int, taxes: int, units: str) -> dict[str, Any]:
        return {
            "external_subscription_id": external_id, "item": {"type": kind, "code": code},
            "amount_cents": cents, "taxes_amount_cents": taxes, "taxes_rate": 13.0,
            "units": units, "precise_unit_amount": "0.05", "precise_coupons_amount_cents": "0.0",
        }  # fmt: skip

    return [fee("subscription", "pro", 2900, 377, "1.0"), fee("charge", "gb", 1000, 130, "200.0")]
