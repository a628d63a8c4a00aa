"""DELETE /subscriptions/:id, subscriptions that wait for their date, and lists of them."""

from datetime import date, datetime

from odoo.tests import tagged

from .api_common import NOW, ApiCase

APRIL_20 = datetime(2026, 4, 20, 15, 0)


@tagged("post_install", "-at_install")
class TestApiTermination(ApiCase):
    def setUp(self) -> None:
        super().setUp()
        self.customer()

    def delete(self, external_id: str = "sub-1", query: str = ""):
        return self.call("DELETE", f"/subscriptions/{external_id}{query}")

    def bill(self, day: date) -> None:
        self.env["fusion.billing.invoice"]._run(self.service, day)

    @property
    def order(self):
        return self.service.subscription_ids

    @property
    def invoices(self):
        return self.env["account.move"].search(
            [("x_fc_service_id", "=", self.service.id), ("move_type", "=", "out_invoice")],
            order="id",
        )

    def sent(self) -> list[str]:
        return self.service.webhook_ids.sorted("id").mapped("webhook_type")

    def test_a_subscription_ends_now_and_its_last_usage_is_invoiced(self) -> None:
        self.subscribe()
        self.bill(date(2026, 3, 10))
        self.push("t-1", properties={"gb": 1400})
        self.service.test_clock = datetime(2026, 3, 20, 1, 0)  # still the 19th in Toronto
        status, body = self.delete()
        self.assertEqual(status, 200)
        subscription = body["subscription"]
        self.assertEqual(subscription["status"], "terminated")
        self.assertEqual(subscription["terminated_at"], "2026-03-20T01:00:00Z")
        self.assertIsNone(subscription["current_billing_period_ending_at"])
        self.assertRecordValues(
            self.order, [{"subscription_state": "6_churn", "end_date": date(2026, 3, 19)}]
        )
        last = self.invoices[-1]
        self.assertRecordValues(last, [{"state": "posted", "amount_untaxed": 20.0}])
        self.assertEqual(last.invoice_line_ids.x_fc_period_end, date(2026, 3, 20))
        self.assertIn("subscription.terminated", self.sent())

    def test_what_is_ended_is_gone_and_its_id_is_free_again(self) -> None:
        self.subscribe()
        self.delete()
        self.assert_not_found(self.delete(), "subscription_not_found")
        self.assert_not_found(self.call("GET", "/subscriptions/sub-1"), "subscription_not_found")
        status, body = self.call("GET", "/subscriptions/sub-1?status=terminated")
        self.assertEqual((status, body["subscription"]["status"]), (200, "terminated"))
        self.assertEqual(self.subscribe()["status"], "active")
        self.assertEqual(len(self.order), 2)

    def test_an_unknown_subscription_is_404(self) -> None:
        self.assert_not_found(self.delete("nothing"), "subscription_not_found")

    def test_a_missing_invoice_is_refused_and_not_ignored(self) -> None:
        self.subscribe()
        self.assert_invalid(
            self.delete(query="?on_termination_invoice=skip&on_termination_credit_note=x"),
            on_termination_invoice=["not_supported"],
            on_termination_credit_note=["value_is_invalid"],
        )
        self.assertFalse(self.order.x_fc_terminated_at)

    def test_unused_days_are_credited_as_the_app_asks(self) -> None:
        cases = {"": (13.55, 1), "credit": (13.55, 1), "offset": (13.55, 0.3225), "skip": (0, 1)}
        for choice, (credited, owed_share) in cases.items():
            sub = f"sub-{choice}"
            self.service.test_clock = NOW
            self.subscribe(sub)
            self.bill(date(2026, 3, 10))
            # 10 of 31 days used: 6.45 of 20.00 stay.
            self.service.test_clock = datetime(2026, 3, 19, 16)
            query = f"?on_termination_credit_note={choice}" if choice else ""
            with self.subTest(choice=choice):
                status, body = self.delete(sub, query)
                told = body["subscription"]["on_termination_credit_note"]
                self.assertEqual((status, told), (200, choice or "credit"))
                invoice, *notes = self.order_of(sub).invoice_ids.sorted("id")
                self.assertEqual(sum(note.amount_untaxed for note in notes), credited)
                owed = invoice.amount_residual / invoice.amount_total
                self.assertAlmostEqual(owed, owed_share, 3)

    def order_of(self, external_id: str):
        return self.order.filtered(lambda order: order.x_fc_external_id == external_id)

    def test_an_end_that_cannot_be_billed_yet_waits_for_the_run(self) -> None:
        self.subscribe(external_customer_id="no-address")
        self.push("t-1", properties={"gb": 1400})
        self.assertEqual(self.delete()[0], 200)
        self.assertFalse(self.invoices)
        self.assertRecordValues(self.order, [{"end_date": NOW.date()}])
        self.customer("no-address", email=None)
        self.service.test_clock = APRIL_20
        self.bill(date(2026, 4, 20))
        self.order._cron_subscription_expiration()
        self.bill(date(2026, 4, 20))
        # The fee of the one day it ran, 20.00 / 31, and 400 GB × 0.05.
        self.assertEqual(self.invoices.mapped("amount_untaxed"), [0.65, 20.0])

    def test_a_future_start_is_pending_until_its_date(self) -> None:
        subscription = self.subscribe(subscription_at="2026-04-15T16:00:00Z")
        self.assertEqual(subscription["status"], "pending")
        self.assertIsNone(subscription["started_at"])
        self.assertEqual(self.order.next_invoice_date, date(2026, 4, 15))
        self.assertNotIn("subscription.started", self.sent())
        self.assertEqual(self.subscribe()["lago_id"], subscription["lago_id"])
        self.bill(date(2026, 3, 10))
        self.assertFalse(self.invoices)
        self.service.test_clock = APRIL_20
        self.bill(date(2026, 4, 20))
        status, body = self.call("GET", "/subscriptions/sub-1")
        self.assertEqual((status, body["subscription"]["status"]), (200, "active"))
        self.assertEqual(body["subscription"]["started_at"], "2026-04-15T16:00:00.000Z")
        self.assertEqual(self.invoices.amount_untaxed, 20.0)
        self.assertEqual(self.sent().count("subscription.started"), 1)

    def test_a_pending_subscription_is_called_off_only_when_asked(self) -> None:
        self.subscribe(subscription_at="2026-04-15T16:00:00Z")
        self.assert_not_found(self.delete(), "subscription_not_found")
        status, body = self.delete(query="?status=pending")
        self.assertEqual((status, body["subscription"]["status"]), (200, "canceled"))
        self.assertEqual(body["subscription"]["canceled_at"], "2026-03-10T15:30:00Z")
        self.assertEqual(self.subscribe()["status"], "active")

    def test_an_end_that_was_agreed_on_comes_by_itself(self) -> None:
        subscription = self.subscribe(ending_at="2026-04-10T04:00:00Z")
        self.assertEqual(subscription["ending_at"], "2026-04-10T04:00:00Z")
        self.assertEqual(self.order.end_date, date(2026, 4, 9))
        self.bill(date(2026, 3, 10))
        self.push("t-1", properties={"gb": 1400})
        self.service.test_clock = APRIL_20
        self.bill(date(2026, 4, 20))
        self.bill(date(2026, 4, 20))
        self.assertEqual(self.order.x_fc_terminated_at, datetime(2026, 4, 10, 4, 0))
        self.assertEqual(self.invoices.mapped("amount_untaxed"), [20.0, 20.0])
        self.assertEqual(self.sent().count("subscription.terminated"), 1)

    def test_lists_show_active_ones_unless_asked_otherwise(self) -> None:
        self.subscribe("s-active")
        self.subscribe("s-ended")
        self.delete("s-ended")
        self.subscribe("s-later", subscription_at="2026-04-15T16:00:00Z")

        def ids(query: str = "") -> list[str]:
            status, body = self.call("GET", f"/subscriptions{query}")
            self.assertEqual((status, body["meta"]["total_count"]),
                             (200, len(body["subscriptions"])))  # fmt: skip
            self.assertTrue(all("plan" not in found for found in body["subscriptions"]))
            return sorted(found["external_id"] for found in body["subscriptions"])

        self.assertEqual(ids(), ["s-active"])
        self.assertEqual(ids("?status=pending"), ["s-later"])
        self.assertEqual(ids("?status[]=active&status[]=terminated"), ["s-active", "s-ended"])
        self.assertEqual(ids("?status=active&status=pending"), ["s-active", "s-later"])
        self.assertEqual(ids("?status[]=nonsense"), ["s-active"])
        self.assertEqual(ids("?external_customer_id=acme&plan_code=pro"), ["s-active"])
        self.assertEqual(ids("?external_customer_id=nobody"), [])
        self.assertEqual(ids("?currency=USD"), [])
