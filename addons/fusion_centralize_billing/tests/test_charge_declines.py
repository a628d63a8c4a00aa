"""What the bank said decides what becomes of the card."""

from odoo.tests import tagged
from odoo.tools import mute_logger

from .stripe_case import StripeCase

PROVIDER = "odoo.addons.payment.models.payment_provider"
MOVES = "odoo.addons.fusion_centralize_billing.models.account_move_charge"


@tagged("post_install", "-at_install")
class TestChargeDeclines(StripeCase):
    @mute_logger(PROVIDER)
    def declined(self, outcome: str):
        order = self.order()
        self.stripe.script(order.payment_token_id.stripe_payment_method, outcome)
        self.run_charges()
        charge = order.invoice_ids.charge_ids
        self.assertEqual((len(charge), charge.charge_outcome), (1, "declined"))
        return order, charge

    def test_a_soft_decline_is_tried_again(self):
        order, charge = self.declined("insufficient_funds")
        self.assertTrue(order.invoice_ids.next_charge_date)
        self.assertTrue(charge.token_id.active)

    def test_what_the_customer_has_to_confirm_is_not_tried_without_them(self):
        order, charge = self.declined("authentication_required")
        self.assertFalse(order.invoice_ids.next_charge_date)
        self.assertTrue(charge.token_id.active)

    def test_an_expired_card_is_not_tried_again_and_stays(self):
        order, charge = self.declined("expired_card")
        self.assertFalse(order.invoice_ids.next_charge_date)
        self.assertTrue(charge.token_id.active)

    def test_a_stolen_card_is_put_away_and_nobody_reads_why(self):
        order, charge = self.declined("stolen_card")
        self.assertFalse(order.invoice_ids.next_charge_date)
        self.assertFalse(charge.token_id.active)
        self.assertFalse(order.payment_token_id)
        said = " ".join((order.message_ids | order.invoice_ids.message_ids).mapped("body"))
        self.assertNotIn("stolen", said.lower())
        self.run_charges("2026-03-10")
        self.assertEqual(len(order.invoice_ids.charge_ids), 1)

    def test_a_live_stripe_without_a_webhook_secret_charges_nobody(self):
        order = self.order()
        token = order.payment_token_id
        self.provider.stripe_webhook_secret = False
        # As it is in production; the double is reached in test mode only.
        self.provider.state = "enabled"
        token.active = True
        order.payment_token_id = token
        with mute_logger(MOVES):
            self.run_charges()
        self.assertFalse(order.invoice_ids.charge_ids)
        self.assertEqual(self.stripe.intents(), [])
