from freezegun import freeze_time

from odoo.exceptions import UserError

from .common import SubscriptionCase


class TestContractRenewal(SubscriptionCase):
    @classmethod
    def _invoiced(cls, start="2026-01-01", **values):
        with freeze_time(f"{start} 12:00:00"):
            order = cls._order(start, **values)
            order._create_recurring_invoice()
        return order

    def _renewal(self, order):
        return self.env["sale.order"].browse(order.prepare_renewal_order()["res_id"])

    @freeze_time("2026-01-10 12:00:00")
    def test_a_renewal_is_refused_before_the_first_invoice(self):
        order = self._order("2026-01-01")
        with self.assertRaisesRegex(UserError, "not invoiced yet"):
            order.prepare_renewal_order()

    @freeze_time("2026-02-01 12:00:00")
    def test_in_arrears_too_a_renewal_is_refused_before_the_first_invoice(self):
        order = self._order("2026-01-01", plan=self._plan("Arrears", bill_end_period=True))
        with self.assertRaisesRegex(UserError, "not invoiced yet"):
            order.prepare_renewal_order()
        order._create_recurring_invoice()
        self.assertTrue(self._renewal(order).exists())

    @freeze_time("2026-01-10 12:00:00")
    def test_the_quotation_repeats_the_contract(self):
        setup = self._product("Setup", 500.0, recurring_invoice=False)
        order = self._invoiced(lines=[(self.hosting, 3), (setup, 1)])
        order.order_line[0].write({"price_unit": 25.0, "discount": 10.0})
        renewal = self._renewal(order)
        self.assertRecordValues(
            renewal,
            [
                {
                    "state": "draft",
                    "subscription_state": "2_renewal",
                    "is_subscription": True,
                    "plan_id": self.monthly.id,
                    "subscription_id": order.id,
                    "origin_order_id": order.id,
                    "start_date": self._date("2026-02-01"),
                }
            ],
        )
        self.assertRecordValues(
            renewal.order_line,
            [
                {
                    "product_id": self.hosting.id,
                    "product_uom_qty": 3.0,
                    "price_unit": 25.0,
                    "discount": 10.0,
                    "parent_line_id": order.order_line[0].id,
                }
            ],
        )
        self.assertEqual(order.subscription_state, "3_progress")

    @freeze_time("2026-01-10 12:00:00")
    def test_confirming_ends_the_parent_the_day_before(self):
        order = self._invoiced()
        renewal = self._renewal(order)
        renewal.action_confirm()
        self.assertEqual(order.subscription_state, "5_renewed")
        self.assertEqual(order.end_date, self._date("2026-01-31"))
        self.assertRecordValues(
            renewal,
            [
                {
                    "subscription_state": "3_progress",
                    "start_date": self._date("2026-02-01"),
                    "next_invoice_date": self._date("2026-02-01"),
                    "first_contract_date": self._date("2026-01-01"),
                }
            ],
        )

    def test_the_chain_is_invoiced_without_gap_or_overlap(self):
        with freeze_time("2026-01-10 12:00:00"):
            order = self._invoiced()
            renewal = self._renewal(order)
            renewal.action_confirm()
            self.assertFalse((order + renewal)._create_recurring_invoice())
        with freeze_time("2026-02-01 12:00:00"):
            self.env["sale.order"]._create_recurring_invoice()
        self.assertEqual(self._periods(order), [("2026-01-01", "2026-01-31")])
        self.assertEqual(self._periods(renewal), [("2026-02-01", "2026-02-28")])

    def test_an_invoice_made_in_between_moves_the_start_of_the_renewal(self):
        with freeze_time("2026-01-10 12:00:00"):
            order = self._invoiced()
            renewal = self._renewal(order)
        with freeze_time("2026-02-10 12:00:00"):
            order._create_recurring_invoice()
            renewal.action_confirm()
        self.assertEqual(renewal.start_date, self._date("2026-03-01"))
        self.assertEqual(order.end_date, self._date("2026-02-28"))

    def test_in_arrears_the_renewal_bills_the_open_period_when_it_ends(self):
        with freeze_time("2026-02-01 12:00:00"):
            order = self._order("2026-01-01", plan=self._plan("Arrears", bill_end_period=True))
            order._create_recurring_invoice()
            renewal = self._renewal(order)
            renewal.action_confirm()
        self.assertEqual(renewal.next_invoice_date, self._date("2026-03-01"))
        with freeze_time("2026-03-01 12:00:00"):
            self.env["sale.order"]._create_recurring_invoice()
        self.assertEqual(self._periods(order), [("2026-01-01", "2026-01-31")])
        self.assertEqual(self._periods(renewal), [("2026-02-01", "2026-02-28")])

    def test_a_month_end_survives_the_renewal(self):
        with freeze_time("2026-01-31 12:00:00"):
            order = self._order("2026-01-31")
            order._create_recurring_invoice()
            renewal = self._renewal(order)
            renewal.action_confirm()
        for day in ("2026-02-28", "2026-03-31"):
            with freeze_time(f"{day} 12:00:00"):
                self.assertTrue(renewal._create_recurring_invoice().exists())
        self.assertEqual(
            self._periods(renewal),
            [("2026-02-28", "2026-03-30"), ("2026-03-31", "2026-04-29")],
        )

    @freeze_time("2026-01-10 12:00:00")
    def test_a_renewal_may_change_to_another_plan(self):
        order = self._invoiced()
        renewal = self._renewal(order)
        renewal.plan_id = self._plan("Yearly", billing_period_unit="year")
        renewal.action_confirm()
        self.assertEqual(
            renewal.with_context(billing_date="2026-02-01")
            ._create_recurring_invoice()
            .invoice_line_ids.deferred_end_date,
            self._date("2027-01-31"),
        )

    @freeze_time("2026-01-10 12:00:00")
    def test_a_contract_is_renewed_once(self):
        order = self._invoiced()
        first, second = self._renewal(order), self._renewal(order)
        first.action_confirm()
        with self.assertRaisesRegex(UserError, "no longer in progress"):
            second.action_confirm()

    @freeze_time("2026-01-10 12:00:00")
    def test_a_renewal_of_a_renewal_keeps_the_first_contract_as_origin(self):
        order = self._invoiced()
        first = self._renewal(order)
        first.action_confirm()
        first.with_context(billing_date="2026-02-01")._create_recurring_invoice()
        second = self._renewal(first)
        self.assertEqual(second.subscription_id, first)
        self.assertEqual(second.origin_order_id, order)
        self.assertEqual(second.first_contract_date, self._date("2026-01-01"))
        self.assertEqual(order.subscription_history_count, 3)
