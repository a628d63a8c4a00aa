"""The unmodified lago-python-client from PyPI against the real server."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any
from unittest import skipUnless

from odoo.tests import tagged

from .api_common import BASE, ONTARIO, ApiCase

try:
    from lago_python_client import Client
    from lago_python_client.exceptions import LagoApiError
    from lago_python_client.models import BatchEvent, Customer, Event, Subscription
except ImportError:  # a test dependency only: an installation without it runs all other tests
    Client = None

MARCH_10 = 1773154800


@skipUnless(Client, "lago-python-client is not installed")
@tagged("post_install", "-at_install")
class TestApiClient(ApiCase):
    @contextmanager
    def client(self, path: str = f"{BASE}/", key: str = "") -> Iterator[Any]:
        """A client. It sends no cookies, so the test cursor is open to any request meanwhile."""
        self.env.flush_all()
        with self.allow_requests(all_requests=True):
            yield Client(key or self.key, api_url=f"{self.base_url()}{path}")
        self.env.invalidate_all()

    def subscription(self, **values: Any) -> Any:
        return Subscription(
            **{
                "external_customer_id": "acme",
                "plan_code": "pro",
                "external_id": "sub-1",
                "billing_time": "anniversary",
                **values,
            }
        )

    def event(self, transaction_id: str, gb: int) -> Any:
        return Event(
            transaction_id=transaction_id,
            external_subscription_id="sub-1",
            code="bandwidth",
            timestamp=MARCH_10,
            properties={"gb": gb},
        )

    def test_a_month_from_customer_to_invoice(self) -> None:
        with self.client() as client:
            customer = client.customers.create(Customer(external_id="acme", **ONTARIO))
            subscription = client.subscriptions.create(self.subscription())
            event = client.events.create(self.event("t-1", 700))
            client.events.create(self.event("t-1", 700))
            client.events.batch_create(
                BatchEvent(events=[self.event("t-2", 300), self.event("t-3", 250)])
            )
            usage = client.customers.current_usage("acme", "sub-1")
        self.assertEqual((customer.external_id, customer.country), ("acme", "CA"))
        self.assertEqual((subscription.status, subscription.plan_code), ("active", "pro"))
        self.assertEqual(event.timestamp, "2026-03-10T15:00:00.000Z")
        self.assertEqual((usage.amount_cents, usage.total_amount_cents), (1250, 1413))
        self.assertEqual(usage.charges_usage[0].units, "1250.0")
        self.env["fusion.billing.invoice"]._run(self.service, date(2026, 3, 10))
        with self.client() as client:
            found = client.invoices.find_all({"external_customer_id": "acme"})
            invoice = client.invoices.find(found["invoices"][0].lago_id)
            ended = client.subscriptions.destroy("sub-1")
        self.assertEqual(found["meta"]["total_count"], 1)
        self.assertEqual((invoice.total_amount_cents, invoice.currency), (2260, "CAD"))
        self.assertEqual(invoice.fees.__root__[0].item.code, "pro")
        self.assertEqual(ended.status, "terminated")

    def test_the_catalogue_and_lists_parse(self) -> None:
        with self.client() as client:
            plan = client.plans.find("pro")
            plans = client.plans.find_all({"per_page": 1})
            client.customers.create(Customer(external_id="acme", **ONTARIO))
            client.subscriptions.create(self.subscription())
            listed = client.subscriptions.find_all({"status[]": "active"})
            shown = client.subscriptions.find("sub-1")
        self.assertEqual((plan.interval, plan.amount_cents), ("monthly", 2000))
        self.assertEqual(len(plan.charges.__root__), 2)
        self.assertEqual([found.code for found in plans["plans"]], ["pro"])
        self.assertEqual([found.external_id for found in listed["subscriptions"]], ["sub-1"])
        self.assertEqual(shown.external_id, "sub-1")

    def refused(self, action: Callable[[Any], Any], key: str = "") -> Any:
        with self.client(key=key) as client, self.assertRaises(LagoApiError) as caught:
            action(client)
        return caught.exception

    def test_errors_reach_the_caller_with_status_and_fields(self) -> None:
        bad = self.subscription(external_id="a/b")
        wrong = self.refused(lambda client: client.subscriptions.create(bad))
        self.assertEqual(wrong.status_code, 422)
        self.assertEqual(wrong.response["error_details"], {"external_id": ["value_is_invalid"]})
        missing = self.refused(lambda client: client.plans.find("nothing"))
        self.assertEqual(missing.response["code"], "plan_not_found")
        stranger = self.refused(lambda client: client.plans.find_all(), key="fbk_wrong")
        self.assertEqual(stranger.status_code, 401)

    def test_an_address_without_a_trailing_slash_works_as_well(self) -> None:
        with self.client(BASE) as client:
            self.assertEqual(client.plans.find("pro").code, "pro")
