"""An upsell of an app's subscription bills into the service's book, and is no subscription."""

from datetime import date, datetime

from odoo.tests import tagged

from .renewal_case import APRIL, MAY, RenewalCase


@tagged("post_install", "-at_install", "fc_renewal")
class TestUpsell(RenewalCase):
    def upsell(self, order=None, quantity: int = 2):
        """Confirmed on the service's day: 15 March."""
        child = self.env["sale.order"].browse(
            (order or self.order).prepare_upsell_order()["res_id"]
        )
        child.order_line.product_uom_qty = quantity
        child.action_confirm()
        return child

    def test_it_belongs_to_the_service_and_has_no_id(self) -> None:
        upsell = self.upsell()
        self.assertRecordValues(
            upsell,
            [
                {
                    "x_fc_service_id": self.service.id,
                    "x_fc_link_id": self.link.id,
                    "x_fc_external_id": False,
                    "subscription_state": "7_upsell",
                    "is_subscription": False,
                }
            ],
        )
        listed = self.env["sale.order"].search(
            self.env["fusion.billing.subscribe"]._domain(
                self.service, ["active", "pending", "terminated", "canceled"]
            )
        )
        self.assertEqual(listed, self.order)
        self.assertEqual(self.service.subscription_count, 1)

    def test_it_begins_on_the_day_of_the_services_clock(self) -> None:
        self.assertEqual(self.upsell().start_date, date(2026, 3, 15))

    def test_its_invoice_is_in_the_services_book_on_the_clocks_day(self) -> None:
        invoice = self.upsell()._create_invoices()
        invoice.action_post()
        # 2 × 29.00 for 15 to 31 March.
        self.assertRecordValues(
            invoice,
            [
                {
                    "x_fc_service_id": self.service.id,
                    "journal_id": self.journal.id,
                    "invoice_date": date(2026, 3, 15),
                    "invoice_date_due": date(2026, 3, 15),
                    "amount_untaxed": 31.81,
                }
            ],
        )
        self.assertEqual(invoice.invoice_line_ids.subscription_id, self.order)
        self.assert_right()

    def test_a_run_dates_it_by_its_own_day(self) -> None:
        upsell = self.upsell().with_context(billing_date="2026-03-20")
        self.assertEqual(upsell._create_invoices().invoice_date, date(2026, 3, 20))

    def test_the_app_is_told_of_the_invoice_with_the_contracts_id(self) -> None:
        self.upsell()._create_invoices().action_post()
        hook = self.service.webhook_ids.sorted("id")[-1]
        self.assertEqual(hook.webhook_type, "invoice.created")
        self.assertIn('"external_subscription_id":"sub-1"', hook.payload.replace(": ", ":"))

    def test_usage_stays_the_contracts_however_late_the_upsell_is_invoiced(self) -> None:
        upsell = self.upsell()
        self.push(self.item("a", 1200))
        self.set_clock(2026, 4, 2, 12)
        invoice = upsell._create_invoices()
        self.assertFalse(self.usage_lines(invoice))
        self.assertFalse(upsell.x_fc_period_ids)
        invoice.action_post()
        self.run_billing(APRIL)
        self.assertEqual(self.usage_total(self.order), 10.0)
        self.assert_right()

    def test_the_run_bills_the_contract_with_what_was_added_and_not_the_upsell(self) -> None:
        upsell = self.upsell()
        run = self.run_billing(APRIL)
        self.assertEqual(run.line_ids.order_id, self.order)
        self.assertEqual(run.line_ids.invoice_id.amount_untaxed, 87.0)
        self.assertFalse(upsell.invoice_ids)

    def test_a_calendar_contract_in_arrears_bills_the_addition_from_its_day_on(self) -> None:
        plan = self.make_plan("late", 30.0, bill_end_period=True)
        order = self.make_order("sub-2", plan=plan, x_fc_billing_time="calendar")
        self.run_billing(APRIL)
        self.set_clock(2026, 4, 16, 12)
        upsell = self.upsell(order, quantity=1)
        self.assertFalse(any(upsell.order_line.mapped("qty_to_invoice")))
        self.run_billing(MAY)
        added = order.order_line - order.order_line[0]
        line = added.invoice_lines
        self.assertEqual(
            (line.price_subtotal, line.deferred_start_date, line.deferred_end_date),
            (15.0, date(2026, 4, 16), date(2026, 4, 30)),
        )

    def test_an_upsell_of_a_calendar_contract_is_prorated_over_the_calendar_month(self) -> None:
        order = self.make_order("sub-2", x_fc_billing_time="calendar", start_date=date(2026, 2, 20))
        self.set_clock(2026, 3, 1, 12)
        self.run_billing(date(2026, 3, 1))
        self.set_clock(2026, 3, 15, 12)
        line = self.upsell(order, quantity=1)._create_invoices().invoice_line_ids
        # 29.00 × 17/31
        self.assertEqual((line.price_subtotal, line.deferred_end_date), (15.9, date(2026, 3, 31)))

    def test_a_renewal_goes_on_with_what_was_added(self) -> None:
        self.upsell()
        renewal = self.renew()
        self.assertEqual(renewal.order_line.product_uom_qty, 3.0)
        self.assertEqual(renewal.x_fc_subscription_at, datetime(2026, 4, 1, 4))
