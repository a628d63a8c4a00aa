"""What the import writes is held by three locks; each is tried with the other two open."""

from datetime import date

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .nexacloud_case import NexacloudCase


@tagged("post_install", "-at_install")
class TestImportShadow(NexacloudCase):
    def setUp(self) -> None:
        super().setUp()
        self.seed()
        self.run_import()

    def test_first_lock_the_order_is_a_draft_that_cannot_be_confirmed(self):
        order = self.order()
        self.service.charge_ids.plan_id = order.plan_id

        with self.assertRaisesRegex(UserError, "in shadow mode"):
            order.action_confirm()
        self.assertEqual(order.state, "draft")

    def test_first_lock_no_billing_run_finds_a_draft(self):
        order = self.order()
        self.service.charge_ids.plan_id = order.plan_id
        order.next_invoice_date = date(2026, 4, 1)

        due = order.with_context(billing_date=date(2026, 5, 1))._recurring_invoice_domain()

        self.assertFalse(order.search(due) & order)

    def test_second_lock_an_imported_charge_prices_nothing(self):
        self.service.mode = "live"
        order = self.order()
        with self.assertRaisesRegex(UserError, "its app still bills it"):
            order.action_confirm()
        order.x_fc_shadow = False
        order.action_confirm()

        lines = self.env["fusion.billing.rate"]._rate(order, date(2026, 3, 1), date(2026, 4, 1))

        self.assertEqual(lines, [])
        self.assertEqual(len(self.service.charge_ids), 3)

    def test_third_lock_there_is_no_card_and_none_can_be_put_there(self):
        order = self.order()
        self.assertFalse(order.payment_token_id)
        method = self.env["payment.method"].with_context(active_test=False).search([], limit=1)
        provider = self.env["payment.provider"].search([("code", "=", "none")], limit=1)
        token = self.env["payment.token"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": method.id,
                "partner_id": order.partner_id.id,
                "provider_ref": "tok_test",
                "active": True,
            }
        )

        with self.assertRaisesRegex(ValidationError, "cannot hold a card"):
            order.payment_token_id = token

    def test_importing_again_never_attaches_a_plan_nor_confirms(self):
        self.sql("UPDATE plans SET overage_bandwidth_price = 0.5")

        self.run_import()

        self.assertFalse(self.service.charge_ids.plan_id)
        self.assertEqual(self.order().state, "draft")
        self.assertEqual(self.service.mode, "shadow")

    def test_nothing_was_announced_or_mailed(self):
        self.assertFalse(self.service.webhook_ids)
        mails = self.env["mail.mail"].sudo().search(
            [("model", "in", ["sale.order", "res.partner"]), ("res_id", "in", self.order().ids)]
        )  # fmt: skip
        self.assertFalse(mails)
