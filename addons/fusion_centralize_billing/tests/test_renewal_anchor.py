"""A subscription of the 31st that changed its plan and is renewed stays one of the 31st."""

from datetime import date, datetime

from odoo.tests import tagged

from .renewal_case import RenewalCase

JUNE_30, JULY_31 = date(2026, 6, 30), date(2026, 7, 31)


@tagged("post_install", "-at_install", "fc_renewal")
class TestRenewalAnchor(RenewalCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.max = cls.make_plan("max", 62.0)

    def changed(self):
        """Begun on 31 May, on another plan since 10 June. It is 30 June."""
        for day, plan_code in (
            (datetime(2026, 5, 31, 16), "pro"),
            (datetime(2026, 6, 10, 16), "max"),
        ):
            self.service.test_clock = day
            order = self.env["fusion.billing.subscribe"]._create(
                self.service, self.link, plan_code, "of-the-31st", {"billing_time": "anniversary"}
            )
            self.run_billing(day.date())
        self.assertEqual(order.x_fc_anchor_date, date(2026, 5, 31))
        self.set_clock(2026, 6, 30, 16)
        return order

    def test_the_renewal_in_advance_is_due_on_the_31st(self) -> None:
        order = self.changed()
        self.assertEqual(order.next_invoice_date, JUNE_30)
        renewal = self.renew(order)
        self.assertEqual(
            (renewal.start_date, renewal.x_fc_anchor_date), (JUNE_30, date(2026, 5, 31))
        )
        self.run_billing(JUNE_30)
        self.assertEqual(renewal.next_invoice_date, JULY_31)
        self.assertEqual(renewal.invoice_ids.amount_untaxed, 62.0)
        self.set_clock(2026, 7, 31, 16)
        self.run_billing(JULY_31)
        self.assertEqual(renewal.next_invoice_date, date(2026, 8, 31))
        self.assertEqual(renewal.invoice_ids.mapped("amount_untaxed"), [62.0, 62.0])
        self.assert_right()

    def test_a_renewal_that_is_on_no_boundary_counts_from_its_own_start(self) -> None:
        weekly = self.make_plan("weekly", 7.0)
        weekly.billing_period_unit = "week"
        renewal = self.renew(self.changed(), plan_id=weekly.id)
        self.assertEqual((renewal.start_date, renewal.x_fc_anchor_date), (JUNE_30, False))
