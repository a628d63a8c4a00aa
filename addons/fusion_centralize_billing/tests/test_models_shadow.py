"""The three shadow locks: each is tried with the other two open."""

from datetime import date

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import BillingCase


@tagged("post_install", "-at_install")
class TestShadowLocks(BillingCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.shadow = cls.make_service("dark", name="Dark Cloud", mode="shadow")
        cls.shadow_plan = cls.make_plan("basic", 10.0, service=cls.shadow)
        cls.shadow_link = cls.make_link("dark-1", cls.partner, service=cls.shadow)

    def _invoice(self, service):
        return self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.partner.id,
                "invoice_date": date(2026, 3, 31),
                "x_fc_service_id": service.id,
                "invoice_line_ids": [
                    Command.create({"product_id": self.usage_product.id, "price_unit": 5})
                ],
            }
        )

    def _order(self, **values):
        return self.make_order(
            "dark-sub", link=self.shadow_link, plan=self.shadow_plan, confirm=False, **values
        )

    def test_first_lock_no_invoice_of_a_shadow_service_is_posted(self):
        invoice = self._invoice(self.shadow)

        with self.assertRaisesRegex(UserError, "Dark Cloud is in shadow mode"):
            invoice.action_post()
        self.assertEqual(invoice.state, "draft")

    def test_first_lock_stops_a_batch_that_holds_one_shadow_invoice(self):
        invoices = self._invoice(self.service) | self._invoice(self.shadow)

        with self.assertRaisesRegex(UserError, "Dark Cloud"):
            invoices.action_post()

    def test_invoices_of_live_services_and_of_nobody_post(self):
        invoices = self._invoice(self.service) | self._invoice(self.service.browse())

        invoices.action_post()

        self.assertEqual(set(invoices.mapped("state")), {"posted"})

    def test_second_lock_a_charge_without_a_plan_never_rates(self):
        order = self.make_order("sub-1")
        self.make_usage(order, date(2026, 3, 2), 5000)
        rating = self.env["fusion.billing.rate"]
        period = (date(2026, 3, 1), date(2026, 4, 1))
        self.assertEqual(len(rating._rate(order, *period)), 1)

        self.charge.plan_id = False

        self.assertEqual(rating._rate(order, *period), [])

    def test_third_lock_no_order_of_a_shadow_service_is_confirmed(self):
        order = self._order()

        with self.assertRaisesRegex(UserError, "Dark Cloud is in shadow mode"):
            order.action_confirm()
        self.assertEqual(order.state, "draft")

    def test_third_lock_does_not_open_for_a_context_key(self):
        order = self._order()

        with self.assertRaisesRegex(UserError, "Dark Cloud is in shadow mode"):
            order.with_context(fc_go_live=True).action_confirm()

    def test_third_lock_stays_shut_in_a_live_service_while_the_app_still_bills(self):
        order = self._order()
        order.x_fc_service_id.mode = "live"

        with self.assertRaisesRegex(UserError, "is in shadow, its app still bills it"):
            order.action_confirm()
        self.assertEqual(order.state, "draft")

    def test_third_lock_opens_for_what_a_live_service_bills(self):
        order = self._order()
        order.x_fc_service_id.mode = "live"
        order.x_fc_shadow = False

        order.action_confirm()

        self.assertEqual(order.state, "sale")

    def test_third_lock_no_card_is_attached_to_a_shadow_order(self):
        order = self._order()
        method = self.env["payment.method"].search([], limit=1) or self.env[
            "payment.method"
        ].create({"name": "Card", "code": "fb_card"})
        provider = self.env["payment.provider"].create({"name": "Test provider"})
        token = self.env["payment.token"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": method.id,
                "partner_id": self.partner.id,
                "provider_ref": "tok_1",
            }
        )

        with self.assertRaisesRegex(ValidationError, "Dark Cloud is in shadow mode"):
            order.payment_token_id = token

    def test_odoos_own_cron_leaves_every_service_to_the_billing_run(self):
        orders = self.env["sale.order"]
        on_test_clock = self.make_order("sub-1")
        in_shadow = self._order()
        # A service can be put back into shadow by hand; what it confirmed must not bill then.
        in_shadow.x_fc_service_id.mode = "live"
        in_shadow.x_fc_shadow = False
        in_shadow.with_context(billing_date=self.START).action_confirm()
        in_shadow.x_fc_service_id.mode = "shadow"
        self.service.test_clock = False
        live = self.make_order("sub-2")
        ticking = self.make_service("rehearsal")
        on_test_clock.x_fc_service_id = ticking

        ours = [("id", "in", (on_test_clock | in_shadow | live).ids)]
        due = {**self.env.context, "billing_date": date(2026, 3, 1)}
        unattended = orders.search(orders._recurring_invoice_domain(ours))
        attended = orders.with_context(due).search(
            orders.with_context(due)._recurring_invoice_domain(ours)
        )

        self.assertFalse(unattended)
        self.assertIn(on_test_clock, attended)
        self.assertIn(live, attended)
