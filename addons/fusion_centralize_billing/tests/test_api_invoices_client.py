"""The unmodified lago-python-client on invoices, fees, credit notes and payments."""

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
    from lago_python_client.models import CreditNote, Invoice, Item, Items
    from lago_python_client.models.payment import Payment
except ImportError:  # a test dependency only: an installation without it runs all other tests
    Client = None


@skipUnless(Client, "lago-python-client is not installed")
@tagged("post_install", "-at_install", "fc_api_invoices")
class TestApiInvoicesClient(BilledCase):
    @contextmanager
    def client(self) -> Iterator[Any]:
        self.env.flush_all()
        with self.allow_requests(all_requests=True):
            yield Client(self.key, api_url=f"{self.base_url()}{BASE}/")
        self.env.invalidate_all()

    def test_invoices_and_fees(self) -> None:
        provider = self.env["payment.provider"].search([("code", "=", "stripe")], limit=1)
        provider.write(
            {"state": "test", "stripe_secret_key": "sk_x", "stripe_publishable_key": "pk_x"}
        )
        with self.client() as client:
            changed = client.invoices.update(Invoice(payment_status="failed"), self.invoice_id)
            page = client.invoices.payment_url(self.first_id)
            fee = client.fees.find(self.usage_id)
            fees = client.fees.find_all({"fee_type": "charge"})
            voided = client.invoices.void(self.invoice_id)
            with self.assertRaises(LagoApiError) as caught:
                client.invoices.void(self.invoice_id)
        self.assertEqual(changed.payment_status, "failed")
        self.assertIn(self.first.access_token, page)
        self.assertEqual((fee.amount_cents, fee.item.code), (1253, "bandwidth"))
        self.assertEqual(fees["meta"]["total_count"], 1)
        self.assertEqual(voided.status, "voided")
        self.assertEqual(caught.exception.response["code"], "not_voidable")

    def test_credit_notes_and_payments(self) -> None:
        items = Items(__root__=[Item(fee_id=self.fee_id, amount_cents=1000)])
        asked = CreditNote(
            invoice_id=self.invoice_id, items=items, reason="other", credit_amount_cents=1130
        )
        paid = Payment(invoice_id=self.invoice_id, amount_cents=1000, reference="wire")
        with self.client() as client:
            note = client.credit_notes.create(asked)
            shown = client.credit_notes.find(note.lago_id)
            notes = client.credit_notes.find_all()
            voided = client.credit_notes.void(note.lago_id)
            payment = client.payments.create(paid)
            payments = client.payments.find_all()
            receipts = client.payment_receipts.find_all()["payment_receipts"]
            receipt = client.payment_receipts.find(receipts[0].lago_id)
        self.assertEqual((note.total_amount_cents, note.taxes_amount_cents), (1130, 130))
        self.assertEqual(shown.items.__root__[0].fee.lago_id, self.fee_id)
        self.assertEqual(notes["meta"]["total_count"], 1)
        self.assertEqual(voided.credit_status, "voided")
        self.assertEqual((payment.amount_cents, payment.reference), (1000, "wire"))
        self.assertEqual([found.lago_id for found in payments["payments"]], [payment.lago_id])
        self.assertEqual(receipt.payment.lago_id, payment.lago_id)
