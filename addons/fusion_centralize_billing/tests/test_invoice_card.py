"""The last usage invoice of a subscription is charged to its saved card like all others."""

from datetime import date, datetime

from odoo import Command
from odoo.tests import tagged

from .renewal_case import APRIL, RenewalCase


@tagged("post_install", "-at_install", "fc_renewal")
class TestInvoiceCard(RenewalCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        method = cls.env.ref("payment.payment_method_unknown")
        provider = cls.env["payment.provider"].create(
            {
                "name": "Bank of the tests",
                "code": "none",
                "state": "test",
                "allow_tokenization": True,
                "payment_method_ids": [Command.set(method.ids)],
            }
        )
        method.write({"active": True, "support_tokenization": True})
        cls.order.payment_token_id = cls.env["payment.token"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": method.id,
                "payment_details": "4242",
                "provider_ref": "card-1",
                "partner_id": cls.partner.id,
            }
        )

    def terminate(self):
        """Ended on 20 March with 200 GB beyond the quota; returns the invoice of that."""
        self.push(self.item("a", 1200))
        before = self.order.invoice_ids
        self.env["fusion.billing.subscribe"]._terminate(
            self.order, datetime(2026, 3, 20, 16), "skip"
        )
        claim = self.order.x_fc_period_ids
        self.assertNotIn(claim.invoice_id, before)
        return claim.invoice_id

    def test_the_invoice_of_a_terminated_subscription_is_scheduled(self) -> None:
        invoice = self.terminate()
        self.assertRecordValues(
            invoice, [{"amount_untaxed": 10.0, "next_charge_date": date(2026, 3, 20)}]
        )

    def test_so_is_that_of_a_parent_that_was_renewed(self) -> None:
        self.push(self.item("a", 1200))
        self.renew()
        self.run_billing(APRIL)
        self.assertRecordValues(
            self.order.x_fc_period_ids.invoice_id,
            [{"amount_untaxed": 10.0, "next_charge_date": date(2026, 3, 31)}],
        )

    def test_a_new_card_pays_for_what_was_renewed_too(self) -> None:
        self.push(self.item("a", 1200))
        renewal = self.renew()
        self.run_billing(APRIL)
        invoice = self.order.x_fc_period_ids.invoice_id
        self.assertEqual(invoice._get_charged_subscriptions(), self.order)
        card = self.order.payment_token_id.copy({"provider_ref": "card-2"})
        renewal.payment_token_id = card
        self.assertEqual(self.order.payment_token_id, card)
        self.order.payment_token_id = False
        self.assertEqual(renewal.payment_token_id, card, "what runs is not asked by what ended")
        self.service.test_clock = f"{APRIL} 12:00:00"
        self.assertEqual(self.order._x_fc_running(), self.order | renewal)

    def test_without_a_card_nothing_is_scheduled(self) -> None:
        self.order.payment_token_id = False
        self.assertFalse(self.terminate().next_charge_date)

    def test_money_that_is_owed_to_the_customer_is_not_charged(self) -> None:
        self.push(self.item("a", 1200))
        self.run_billing(APRIL)
        self.push(self.item("b", -100))
        self.env["fusion.billing.subscribe"]._terminate(
            self.order, datetime(2026, 4, 2, 16), "skip"
        )
        (refund,) = self.env["account.move"].search(
            [("move_type", "=", "out_refund"), ("x_fc_service_id", "=", self.service.id)]
        )
        self.assertEqual((refund.amount_untaxed, refund.next_charge_date), (5.0, False))

    def test_an_edition_that_schedules_no_charges_bills_all_the_same(self) -> None:
        classes = type(self.env["account.move"]).mro()
        for owner in [base for base in classes if "_schedule_charge" in vars(base)]:
            self.addCleanup(setattr, owner, "_schedule_charge", vars(owner)["_schedule_charge"])
            delattr(owner, "_schedule_charge")
        self.assertRecordValues(
            self.terminate(),
            [{"state": "posted", "amount_untaxed": 10.0, "next_charge_date": False}],
        )
