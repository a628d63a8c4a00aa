"""The unmodified lago-python-client writes a catalogue and reads what it made."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import skipUnless

from odoo.tests import tagged

from .api_common import BASE, ONTARIO, ApiCase

try:
    from lago_python_client import Client
    from lago_python_client.exceptions import LagoApiError
    from lago_python_client.models import (
        BillableMetric,
        Charge,
        Charges,
        Customer,
        Event,
        Plan,
        Subscription,
    )
except ImportError:  # a test dependency only
    Client = None


@skipUnless(Client, "lago-python-client is not installed")
@tagged("post_install", "-at_install")
class TestApiCatalogueClient(ApiCase):
    @contextmanager
    def client(self) -> Iterator[Any]:
        """A client. It sends no cookies, so the test cursor is open to any request meanwhile."""
        self.env.flush_all()
        with self.allow_requests(all_requests=True):
            yield Client(self.key, api_url=f"{self.base_url()}{BASE}/")
        self.env.invalidate_all()

    def team(self, metric_id: str, **values: Any) -> Any:
        charge = Charge(
            billable_metric_id=metric_id, charge_model="standard", properties={"amount": "0.5"}
        )
        return Plan(
            **{
                "name": "Team",
                "code": "team",
                "interval": "monthly",
                "amount_cents": 4999,
                "amount_currency": "CAD",
                "pay_in_advance": True,
                "charges": Charges(__root__=[charge]),
                **values,
            }
        )

    def test_the_catalogue_is_made_read_changed_and_deleted(self) -> None:
        metric = BillableMetric(
            name="Storage", code="storage", aggregation_type="sum_agg", field_name="gb"
        )
        with self.client() as client:
            made = client.billable_metrics.create(metric)
            self.assertEqual(client.billable_metrics.find("storage").lago_id, made.lago_id)
            self.assertEqual(client.billable_metrics.find_all()["meta"]["total_count"], 3)
            changed = client.billable_metrics.update(
                BillableMetric(name="Disk", description="At rest"), "storage"
            )
            self.assertEqual((changed.name, changed.description), ("Disk", "At rest"))
            plan = client.plans.create(self.team(made.lago_id))
            [charge] = plan.charges.__root__
            self.assertEqual(charge.properties, {"amount": "0.5"})
            self.assertEqual(client.plans.find("team").amount_cents, 4999)
            self.assertEqual(len(client.plans.find_all()["plans"]), 2)
            self.assertEqual(client.plans.update(Plan(name="Crew"), "team").name, "Crew")
            self.assertEqual(client.plans.destroy("team").code, "team")
            self.assertEqual(client.billable_metrics.destroy("storage").code, "storage")
            with self.assertRaises(LagoApiError) as refused:
                client.plans.find("team")
        self.assertEqual(refused.exception.status_code, 404)

    def test_customers_subscriptions_and_events_are_read_and_changed(self) -> None:
        with self.client() as client:
            client.customers.create(Customer(external_id="acme", **ONTARIO))
            client.subscriptions.create(
                Subscription(external_customer_id="acme", plan_code="pro", external_id="sub-1")
            )
            client.events.create(
                Event(
                    transaction_id="t-1",
                    external_subscription_id="sub-1",
                    code="bandwidth",
                    properties={"gb": 7},
                )
            )
            self.assertEqual(client.customers.find("acme").name, "Acme Inc.")
            self.assertEqual(len(client.customers.find_all()["customers"]), 1)
            self.assertIn("/billing/sign_in/", client.customers.portal_url("acme"))
            renamed = client.subscriptions.update(Subscription(name="Office"), "sub-1")
            self.assertEqual(renamed.name, "Office")
            event = client.events.find("t-1")
            self.assertEqual((event.code, event.properties), ("bandwidth", {"gb": 7}))
            past = client.customers.past_usage("acme", "sub-1")
            self.assertEqual(past["usage_periods"], [])
            self.assertEqual(client.customers.destroy("acme").external_id, "acme")
        self.assertTrue(self.service.subscription_ids.x_fc_terminated_at)
