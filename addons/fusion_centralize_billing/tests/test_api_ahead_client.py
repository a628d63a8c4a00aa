"""The unmodified lago-python-client on what is not billed yet, and on the ends of an invoice."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import skipUnless

from odoo.tests import tagged

from .api_billed_case import BilledCase
from .api_common import BASE

try:
    from lago_python_client import Client
    from lago_python_client.exceptions import LagoApiError
    from lago_python_client.models import Customer, Event
    from lago_python_client.models.credit_note import CreditNote, CreditNoteUpdate, Item, Items
    from lago_python_client.models.invoice import InvoicePreview
    from lago_python_client.models.subscription import Subscriptions
except ImportError:  # a test dependency only: an installation without it runs all other tests
    Client = None


@skipUnless(Client, "lago-python-client is not installed")
@tagged("post_install", "-at_install")
class TestApiAheadClient(BilledCase):
    @contextmanager
    def client(self) -> Iterator[Any]:
        self.env.flush_all()
        with self.allow_requests(all_requests=True):
            yield Client(self.key, api_url=f"{self.base_url()}{BASE}/")
        self.env.invalidate_all()

    def test_usage_now_at_the_end_and_by_group(self) -> None:
        metric = self.make_metric(self.service, "storage", field_name="gb")
        self.make_charge(
            self.plan, metric, model="standard", unit_price=1, pricing_group_keys="region"
        )
        self.push("s-1", code="storage", properties={"gb": 2, "region": "eu"})
        self.push("s-2", code="storage", properties={"gb": 3, "region": "ca"})
        with self.client() as client:
            usage = client.customers.projected_usage("acme", "sub-1")
            group = client.customers.current_usage("acme", "sub-1", group={"region": "ca"})
        # 5 GB on the first of 30 days
        self.assertEqual((usage.amount_cents, usage.projected_amount_cents), (500, 15000))
        storage = usage.charges_usage[2]
        self.assertEqual((storage.units, storage.projected_units), ("5.0", "150.0"))
        self.assertEqual(
            {own.grouped_by["region"]: own.projected_units for own in storage.grouped_usage},
            {"eu": "60.0", "ca": "90.0"},
        )
        self.assertEqual((group.amount_cents, len(group.charges_usage)), (300, 1))

    def test_fees_of_an_event_that_did_not_happen(self) -> None:
        event = Event(
            transaction_id="t",
            external_subscription_id="sub-1",
            code="bandwidth",
            properties={"gb": "1010"},
        )
        unknown = Event(transaction_id="t", external_subscription_id="sub-1", code="nothing")
        with self.client() as client:
            fees = client.events.estimate_fees(event)
            with self.assertRaises(LagoApiError) as caught:
                client.events.estimate_fees(unknown)
        [fee] = fees["fees"]
        self.assertEqual((fee.amount_cents, fee.taxes_amount_cents, fee.units), (50, 7, "1010.0"))
        self.assertEqual(
            caught.exception.response["error_details"],
            {"code": ["does_not_match_an_instant_charge"]},
        )

    def test_invoices_that_are_not_there_yet(self) -> None:
        new = InvoicePreview(
            plan_code="pro",
            billing_time="anniversary",
            customer=Customer(external_id="new", country="CA", state="ON"),
        )
        running = InvoicePreview(
            customer=Customer(external_id="acme"),
            subscriptions=Subscriptions(external_ids=["sub-1"]),
        )
        with self.client() as client:
            first = client.invoices.preview(new)
            following = client.invoices.preview(running)
        self.assertEqual((first.total_amount_cents, first.status), (2260, "draft"))
        self.assertEqual(following.issuing_date, "2026-05-10")
        self.assertEqual(following.customer.external_id, "acme")

    def test_a_link_to_save_a_card(self) -> None:
        provider = self.env["payment.provider"].search([("code", "=", "stripe")], limit=1)
        provider.write(
            {
                "state": "test",
                "is_published": True,
                "allow_tokenization": True,
                "stripe_secret_key": "sk_x",
                "stripe_publishable_key": "pk_x",
            }
        )
        with self.client() as client:
            self.assertIn("/billing/sign_in/", client.customers.checkout_url("acme"))

    def test_ends_of_invoices_and_metadata_of_credit_notes(self) -> None:
        items = Items(__root__=[Item(fee_id=self.fee_id, amount_cents=100)])
        asked = CreditNote(invoice_id=self.invoice_id, items=items, credit_amount_cents=113)
        with self.client() as client:
            note = client.credit_notes.create(asked)
            kept = client.credit_notes.update(CreditNoteUpdate(metadata={"a": "b"}), note.lago_id)
            lost = client.invoices.lose_dispute(self.first_id)
            with self.assertRaises(LagoApiError) as caught:
                client.invoices.retry(self.first_id)
            with self.assertRaises(LagoApiError) as undeletable:
                client.invoices.destroy(self.first_id)
        self.assertEqual(kept.metadata, {"a": "b"})
        self.assertEqual(lost.payment_dispute_lost_at, "2026-04-10T15:00:00.000Z")
        self.assertEqual(caught.exception.response["code"], "invalid_status")
        self.assertEqual(undeletable.exception.response["code"], "invalid_status")
