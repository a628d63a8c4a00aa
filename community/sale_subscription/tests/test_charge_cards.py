from freezegun import freeze_time

from odoo import Command

from .charge_case import ChargeCase


class TestChargeCards(ChargeCase):
    """The saved card of a subscription: where it comes from, and what happens when it goes."""

    def test_a_subscription_is_paid_with_a_card_that_can_be_charged_again(self):
        order = self._subscription()
        required = self.provider._is_tokenization_required
        self.assertTrue(required(sale_order_id=order.id))
        self.assertFalse(required(sale_order_id=None))
        self.hosting.allow_one_time_sale = True
        order = self._order("2026-01-01", confirm=False)
        order.plan_id = False
        self.assertFalse(required(sale_order_id=order.id))

    def test_the_card_that_paid_the_order_is_charged_from_then_on(self):
        order = self._subscription()
        order.payment_token_id = False
        paid = self.env["payment.transaction"].create(
            {
                "provider_id": self.provider.id,
                "payment_method_id": self.token.payment_method_id.id,
                "token_id": self.token.id,
                "amount": 31.0,
                "currency_id": order.currency_id.id,
                "partner_id": self.customer.id,
                "operation": "online_direct",
                "sale_order_ids": [Command.set(order.ids)],
            }
        )
        paid._set_done()
        paid._post_process()
        self.assertEqual(order.payment_token_id, self.token)

    def test_a_customer_sees_what_a_card_pays_before_deleting_it(self):
        order = self._subscription()
        info = self.token.get_linked_records_info()
        self.assertEqual([(item["id"], item["name"]) for item in info], [(order.id, order.name)])
        order.set_close()
        self.assertEqual(self.token.get_linked_records_info(), [])

    def test_a_deleted_card_is_charged_no_more(self):
        order, invoice = self._invoiced()
        self.token.active = False
        self.assertFalse(order.payment_token_id)
        self._run()
        self.assertEqual((self.sent, invoice.payment_state), ([], "not_paid"))

    def test_the_date_of_the_last_failure_goes_with_the_next_invoice(self):
        order, _invoice = self._invoiced()
        self.bank = [402]
        self._run()
        self.assertTrue(order.last_reminder_date)
        with freeze_time("2026-02-01 12:00:00"):
            order._create_recurring_invoice()
        self.assertFalse(order.last_reminder_date)
