"""Each day Stripe's list is laid beside ours, and every difference is named."""

from datetime import datetime

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .stripe_case import StripeCase

PROVIDER = "odoo.addons.payment.models.payment_provider"


@tagged("post_install", "-at_install")
class TestStripeSweep(StripeCase):
    def sweep(self, when: str = "2026-03-02 06:00:00"):
        with freeze_time(when):
            return self.env["fusion.billing.stripe.sweep"]._sweep(self.provider)

    def rows(self, **same):
        domain = [(name, "=", value) for name, value in same.items()]
        return self.env["fusion.billing.stripe.difference"].search(domain)

    def paid(self):
        """An order whose first invoice was charged on 1 March at noon; its attempt."""
        order = self.order()
        self.run_charges()
        return order.invoice_ids.charge_ids

    def test_two_sides_that_agree_have_no_difference(self):
        self.paid()
        run = self.sweep()
        self.assertEqual((run.charge_count, run.transaction_count, run.open_count), (1, 1, 0))
        self.assertFalse(run.error)
        self.assertFalse(self.rows())

    @mute_logger(PROVIDER)
    def test_money_that_stripe_took_and_odoo_never_booked_is_named_and_taken_over(self):
        order = self.order()
        self.stripe.fail("after", "drop", "POST payment_intents")
        self.run_charges()
        charge = order.invoice_ids.charge_ids
        self.assertEqual((self.taken(), charge.charge_outcome), ([10000], "unknown"))

        self.sweep()

        row = self.rows(state="open")
        self.assertRecordValues(
            row,
            [
                {
                    "kind": "captured_not_here",
                    "transaction_id": charge.id,
                    "stripe_amount": 100.0,
                    "our_amount": 0.0,
                    "stripe_id": self.stripe.intents()[0]["id"],
                }
            ],
        )
        self.assertEqual(len(row.activity_ids), 1)
        row.action_take_over()
        self.assertEqual((charge.state, row.state), ("done", "closed"))
        self.assertEqual(order.invoice_ids.amount_residual, 0)
        self.assertEqual(self.taken(), [10000])
        self.assertEqual(self.sweep("2026-03-03 06:00:00").open_count, 0)

    def test_a_charge_nobody_here_made_and_a_refund_from_the_dashboard_are_named(self):
        charge = self.paid()
        with freeze_time("2026-03-01 13:00:00"):
            self.charge_at_stripe(4200, "by hand")
            self.refund_at_stripe(charge.provider_reference, 2500)
        self.sweep()
        found = {(row.kind, row.stripe_amount, row.our_amount) for row in self.rows()}
        self.assertEqual(found, {("unknown_here", 42.0, 0.0), ("refund_unknown_here", 25.0, 0.0)})

    def test_a_payment_that_stripe_never_took_is_named(self):
        charge = self.paid()
        self.stripe.reset()
        self.sweep()
        self.assertRecordValues(
            self.rows(),
            [
                {
                    "kind": "not_at_stripe",
                    "transaction_id": charge.id,
                    "stripe_amount": 0.0,
                    "our_amount": 100.0,
                }
            ],
        )

    def test_another_amount_another_currency_and_a_dispute_are_named(self):
        charge = self.paid()
        (at_stripe,) = self.stripe.ledger.all("charge")
        at_stripe["amount"] = 9999
        self.sweep()
        self.assertEqual(self.rows(state="open").mapped("kind"), ["amount"])
        at_stripe.update(amount=10000, currency="usd", disputed=True)
        self.sweep("2026-03-03 06:00:00")
        self.assertEqual(set(self.rows(state="open").mapped("kind")), {"currency", "disputed"})
        self.assertEqual(self.rows(kind="amount").state, "closed")
        self.assertEqual(self.rows().transaction_id, charge)

    def test_what_happened_a_minute_ago_is_left_to_the_webhook(self):
        self.paid()
        with freeze_time("2026-03-02 05:59:00"):
            self.charge_at_stripe(4200, "just now")
        run = self.sweep()
        self.assertEqual((run.charge_count, run.open_count), (1, 0))

    def test_a_second_sweep_lists_nothing_twice_and_calls_nobody_again(self):
        self.paid()
        self.stripe.reset()
        self.sweep()
        before = self.rows()
        run = self.sweep("2026-03-03 06:00:00")
        self.assertEqual((run.new_count, run.open_count), (0, 1))
        self.assertEqual(self.rows(), before)
        self.assertEqual(len(before.activity_ids), 1)

    def test_an_explained_difference_stays_so_until_it_changes(self):
        charge = self.paid()
        with freeze_time("2026-03-01 13:00:00"):
            refund = self.refund_at_stripe(charge.provider_reference, 2500)
        self.sweep()
        row = self.rows()
        with self.assertRaisesRegex(UserError, "explanation"):
            row.action_explain()
        row.note = "Refunded by hand, see ticket 17."
        row.action_explain()
        self.assertEqual(self.sweep("2026-03-03 06:00:00").open_count, 0)
        self.assertEqual(row.state, "explained")
        refund["amount"] = 3000
        self.assertEqual(self.sweep("2026-03-04 06:00:00").open_count, 1)
        self.assertEqual((row.state, row.stripe_amount), ("open", 30.0))

    def test_an_old_difference_is_looked_at_until_it_is_gone(self):
        charge = self.paid()
        (at_stripe,) = self.stripe.ledger.all("charge")
        at_stripe["amount"] = 9999
        self.sweep()
        self.assertEqual(self.sweep("2026-06-30 06:00:00").open_count, 1)
        at_stripe["amount"] = 10000
        run = self.sweep("2026-07-01 06:00:00")
        self.assertEqual((run.closed_count, run.open_count), (1, 0))
        self.assertEqual(charge.state, "done")

    @mute_logger(PROVIDER, "odoo.addons.fusion_centralize_billing.pipeline.stripe_sweep")
    def test_without_an_answer_nothing_is_closed_and_the_run_says_why(self):
        self.paid()
        self.stripe.reset()
        self.sweep()
        self.stripe.fail("before", "500", "GET charges", times=10)
        run = self.sweep("2026-03-03 06:00:00")
        self.assertTrue(run.error)
        self.assertEqual(self.rows().state, "open")

    def test_more_charges_than_a_page_are_all_seen(self):
        with freeze_time("2026-03-01 13:00:00"):
            for number in range(101):
                self.charge_at_stripe(100 + number, f"by hand {number}")
        run = self.sweep()
        self.assertEqual((run.charge_count, run.new_count), (101, 101))

    def test_only_a_billing_administrator_may_explain_or_compare(self):
        self.paid()
        self.stripe.reset()
        self.sweep()
        reader = new_test_user(
            self.env, "sweep-reader", groups="fusion_centralize_billing.group_fusion_billing_user"
        )
        row = self.rows().with_user(reader)
        self.assertEqual(row.kind, "not_at_stripe")
        for act in (row.action_explain, row.action_take_over):
            with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_model"):
                act()
        runs = self.env["fusion.billing.stripe.sweep.run"].with_user(reader)
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_model"):
            runs.action_sweep_now()

    def test_the_daily_job_commits_a_run_for_each_account(self):
        self.paid()
        job = self.env.ref("fusion_centralize_billing.cron_stripe_sweep")
        with freeze_time("2026-03-02 06:00:00"), self.enter_registry_test_mode():
            job.method_direct_trigger()
        run = self.env["fusion.billing.stripe.sweep.run"].search([], limit=1)
        self.assertEqual((run.provider_id, run.charge_count), (self.provider, 1))
        self.assertEqual(run.swept_at, datetime(2026, 3, 2, 6))

    # ------------------------------------------------------------------ at Stripe
    def charge_at_stripe(self, amount: int, description: str) -> None:
        """Somebody charges in Stripe's dashboard."""
        customer, method = self.stripe.card()
        self.provider._send_api_request(
            "POST",
            "payment_intents",
            data={
                "amount": amount,
                "currency": "cad",
                "customer": customer,
                "payment_method": method,
                "confirm": "true",
                "description": description,
            },
        )

    def refund_at_stripe(self, intent: str, amount: int) -> dict:
        """Somebody refunds in Stripe's dashboard."""
        values = {"payment_intent": intent, "amount": amount}
        made = self.provider._send_api_request("POST", "refunds", data=values)
        return self.stripe.ledger.get(made["id"], "refund")
