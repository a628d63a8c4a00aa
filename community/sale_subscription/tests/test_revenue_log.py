from freezegun import freeze_time

from odoo import Command, fields

from .common import SubscriptionCase

RUNNING = ("3_progress", "4_paused")


@freeze_time("2026-01-10 12:00:00")
class TestRevenueLog(SubscriptionCase):
    def _events(self, orders):
        """``[(event, change, monthly amount after it)]``, oldest first; checks the sum of all."""
        logs = self.env["sale.order.log"].search([("order_id", "in", orders.ids)], order="id")
        running = orders.filtered(lambda order: order.subscription_state in RUNNING)
        self.assertAlmostEqual(
            sum(logs.mapped("amount_signed")), sum(running.mapped("recurring_monthly")), 2
        )
        return [(log.event_type, log.amount_signed, log.recurring_monthly) for log in logs]

    def test_a_quotation_is_no_revenue(self):
        self.assertEqual(self._events(self._order("2026-01-01", confirm=False)), [])

    def test_confirming_is_a_creation(self):
        order = self._order("2026-01-01", lines=[(self.hosting, 2)])
        self.assertEqual(self._events(order), [("creation", 62.0, 62.0)])
        log = self.env["sale.order.log"].search([("order_id", "=", order.id)])
        self.assertEqual(log.event_date, self._date("2026-01-10"))
        self.assertEqual(log.subscription_state, "3_progress")
        self.assertEqual(log.origin_order_id, order)

    def test_a_price_or_quantity_of_a_running_contract_expands_or_contracts_it(self):
        order = self._order("2026-01-01")
        order.order_line.product_uom_qty = 3
        order.order_line.price_unit = 20.0
        self.assertEqual(
            self._events(order),
            [("creation", 31.0, 31.0), ("expansion", 62.0, 93.0), ("contraction", -33.0, 60.0)],
        )

    def test_several_lines_changed_at_once_are_one_event(self):
        order = self._order("2026-01-01", lines=[(self.hosting, 1), (self.hosting, 1)])
        order.order_line = [
            Command.update(line.id, {"product_uom_qty": 2}) for line in order.order_line
        ]
        self.assertEqual(
            self._events(order), [("creation", 62.0, 62.0), ("expansion", 62.0, 124.0)]
        )

    def test_a_one_off_line_is_no_recurring_revenue(self):
        setup = self._product("Setup", 500.0, recurring_invoice=False)
        order = self._order("2026-01-01")
        order.order_line = [Command.create({"product_id": setup.id})]
        self.assertEqual(self._events(order), [("creation", 31.0, 31.0)])

    def test_a_pause_and_its_end_change_nothing(self):
        order = self._order("2026-01-01")
        order.pause_subscription()
        order.resume_subscription()
        self.assertEqual(len(self._events(order)), 1)

    def test_closing_and_cancelling_are_churn(self):
        closed, cancelled = self._order("2026-01-01"), self._order("2026-01-01")
        closed.set_close()
        cancelled._action_cancel()
        for order in (closed, cancelled):
            self.assertEqual(self._events(order), [("creation", 31.0, 31.0), ("churn", -31.0, 0.0)])

    def test_a_contract_that_comes_back_is_new_again(self):
        order = self._order("2026-01-01")
        order._action_cancel()
        order.action_draft()
        order.action_confirm()
        self.assertEqual(
            [event for event, _change, _monthly in self._events(order)],
            ["creation", "churn", "creation"],
        )

    def test_an_upsell_expands_its_contract_once(self):
        order = self._order("2026-01-01", lines=[(self.hosting, 1), (self.hosting, 1)])
        order._create_recurring_invoice()
        upsell = self.env["sale.order"].browse(order.prepare_upsell_order()["res_id"])
        upsell.order_line.product_uom_qty = 1
        upsell.action_confirm()
        self.assertEqual(
            self._events(order + upsell), [("creation", 62.0, 62.0), ("expansion", 62.0, 124.0)]
        )

    def test_a_renewal_transfers_the_amount_and_the_difference_is_an_event_of_its_own(self):
        order = self._order("2026-01-01")
        order._create_recurring_invoice()
        renewal = self.env["sale.order"].browse(order.prepare_renewal_order()["res_id"])
        renewal.order_line.price_unit = 40.0
        self.assertEqual(len(self._events(order + renewal)), 1)
        renewal.action_confirm()
        self.assertEqual(
            self._events(order + renewal),
            [
                ("creation", 31.0, 31.0),
                ("transfer", -31.0, 0.0),
                ("transfer", 31.0, 31.0),
                ("expansion", 9.0, 40.0),
            ],
        )
        renewal.set_close()
        self.assertEqual(self._events(order + renewal)[-1], ("churn", -40.0, 0.0))

    def test_another_length_of_the_plan_changes_the_monthly_amount(self):
        plan = self._plan("Custom")
        order = self._order("2026-01-01", plan=plan)
        plan.billing_period_value = 2
        self.assertEqual(self._events(order)[-1], ("contraction", -15.5, 15.5))

    def test_amounts_in_company_currency_add_up_to_zero_whatever_the_rate_does(self):
        other = self.setup_other_currency("EUR", rates=[("2026-01-01", 2.0), ("2026-01-20", 4.0)])
        pricelist = self.env["product.pricelist"].create({"name": "EUR", "currency_id": other.id})
        order = self._order("2026-01-01", pricelist_id=pricelist.id)
        order.order_line.price_unit = 50.0
        with freeze_time("2026-02-01 12:00:00"):
            order.set_close()
        logs = self.env["sale.order.log"].search([("order_id", "=", order.id)])
        self.assertEqual(logs.currency_id, other)
        self.assertEqual(sum(logs.mapped("amount_company")), 0.0)
        self.assertEqual(max(logs.mapped("recurring_monthly")), 62.0)

    def test_nobody_writes_the_log_by_hand(self):
        log_model = self.env["sale.order.log"]
        for operation in ("create", "write", "unlink"):
            self.assertFalse(log_model.with_user(self.env.user).has_access(operation))
        self.assertTrue(log_model.has_access("read"))
        self.assertEqual(fields.Date.today(), self._date("2026-01-10"))
