"""A customer pays in the portal while the job charges the saved card: both may succeed."""

from datetime import date, datetime

from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .stripe_case import StripeCase

PROVIDER = "odoo.addons.payment.models.payment_provider"


@tagged("post_install", "-at_install")
class TestCollectRace(StripeCase):
    def order(self):
        """A contract of the app's at 29.00, due monthly from 1 March, on the saved card."""
        self.service.test_clock = datetime(2026, 3, 1, 17)
        order = self.make_order("sub-1")
        order.payment_token_id = self.token()
        self.bill("2026-03-01")
        return order

    def bill(self, day: str):
        """The newest invoice after a billing run of that day."""
        self.service.test_clock = f"{day} 17:00:00"
        run = self.env["fusion.billing.invoice"]._run(self.service, date.fromisoformat(day))
        return run.line_ids.invoice_id[-1:]

    def collect(self, day: str = "2026-03-01", time: str = "17:00:00") -> None:
        """The job that charges, on that day of the service."""
        self.service.test_clock = f"{day} {time}"
        self.service._charge_due()
        self.begin(self.env["payment.transaction"].search([("charge_outcome", "=", "ready")]),
                   f"{day} {time}")  # fmt: skip
        self.run_charges(day, time)

    def begin(self, transactions, when: str) -> None:
        """The database's clock, which no test can turn, stamps what it makes."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE payment_transaction SET create_date = %s WHERE id = ANY(%s)",
            [when, transactions.ids],
        )
        transactions.invalidate_recordset()

    def portal(self, invoice, begun: str = "2026-02-28 08:00:00"):
        """What the portal's form makes: a transaction of the customer's own, not paid yet.

        Begun long before, so that the job no longer waits for somebody who left the form open.
        """
        transaction = self.env["payment.transaction"].create(
            {
                "provider_id": self.provider.id,
                "payment_method_id": self.env.ref("payment.payment_method_card").id,
                "amount": invoice.amount_residual,
                "currency_id": invoice.currency_id.id,
                "partner_id": invoice.partner_id.id,
                "operation": "online_direct",
                "reference": f"{invoice.name}-portal-{len(invoice.transaction_ids)}",
                "invoice_ids": [Command.set(invoice.ids)],
            }
        )
        self.begin(transaction, begun)
        return transaction

    def pays(self, transaction) -> None:
        transaction._set_done()
        transaction._post_process()

    def credit(self) -> float:
        """What the customer has with us."""
        lines = self.env["account.move.line"].search(
            [
                ("partner_id", "=", self.partner.id),
                ("account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
            ]
        )
        return -sum(lines.mapped("amount_residual"))

    def test_a_payment_beside_the_charge_is_a_credit_that_the_next_invoice_takes(self):
        order = self.order()
        march = order.invoice_ids
        paying = self.portal(march)
        self.collect()
        self.assertEqual((march.amount_residual, self.taken()), (0, [2900]))

        self.pays(paying)

        self.assertEqual((march.amount_residual, self.credit()), (0, 29))
        self.assertIn("customer's credit", march.message_ids[0].body)
        april = self.bill("2026-04-01")
        self.assertEqual((april.amount_residual, self.credit()), (0, 0))
        self.collect("2026-04-01")
        self.assertEqual(self.taken(), [2900])

    def test_a_surplus_that_goes_back_is_not_spent_on_the_next_invoice(self):
        order = self.order()
        paying = self.portal(order.invoice_ids)
        self.collect()
        self.pays(paying)
        self.assertEqual(self.credit(), 29)

        paying._create_child_transaction(29.0, is_refund=True)._set_pending()

        april = self.bill("2026-04-01")
        self.assertEqual(april.amount_residual, 29.0)
        self.collect("2026-04-01")
        self.assertEqual(self.taken(), [2900, 2900])

    @mute_logger(PROVIDER)
    def test_a_charge_of_unknown_outcome_that_had_succeeded_is_the_credit(self):
        order = self.order()
        march = order.invoice_ids
        paying = self.portal(march)
        self.stripe.fail("after", "drop", "POST payment_intents")
        self.collect()
        self.pays(paying)
        self.assertEqual((march.amount_residual, self.credit()), (0, 0))

        self.collect("2026-03-01", "18:00:00")

        self.assertEqual((march.amount_residual, self.credit()), (0, 29))
        self.assertEqual(self.taken(), [2900])
        self.assertFalse(order.payment_exception)

    @mute_logger(PROVIDER)
    def test_a_charge_that_never_arrived_is_not_sent_once_the_customer_has_paid(self):
        order = self.order()
        paying = self.portal(order.invoice_ids)
        self.stripe.fail("before", "drop", "POST payment_intents")
        self.collect()
        self.pays(paying)
        self.collect("2026-03-01", "18:00:00")
        self.assertEqual((self.taken(), self.credit()), ([], 0))
        self.assertFalse(order.payment_exception)

    def test_a_smaller_credit_is_taken_first_and_the_card_pays_the_rest(self):
        order = self.order()
        paying = self.portal(order.invoice_ids)
        paying.amount = 10
        self.collect()
        self.pays(paying)
        self.assertEqual(self.credit(), 10)
        april = self.bill("2026-04-01")
        self.assertEqual(april.amount_residual, 19)
        self.collect("2026-04-01")
        self.assertEqual((april.amount_residual, self.taken()), (0, [2900, 1900]))

    def test_money_that_an_accountant_holds_on_account_is_left_alone(self):
        self.order()
        self.collect()
        journal = self.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", self.company.id)], limit=1
        )
        deposit = self.env["account.payment"].create(
            {
                "partner_id": self.partner.id,
                "amount": 40,
                "payment_type": "inbound",
                "partner_type": "customer",
                "journal_id": journal.id,
            }
        )
        deposit.action_post()
        april = self.bill("2026-04-01")
        self.assertEqual(april.amount_residual, 29)

    def test_while_the_customer_is_in_the_form_the_card_is_not_charged(self):
        order = self.order()
        with freeze_time("2026-03-01 16:50:00"):
            self.portal(order.invoice_ids, begun="2026-03-01 16:50:00")
        self.collect()
        self.assertEqual(self.taken(), [])
