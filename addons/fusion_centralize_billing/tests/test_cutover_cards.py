"""Stripe's customers and cards come over by their ids; after the cut-over they pay."""

import threading
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..pipeline import stripe_read
from .cutover_case import CUT, CutoverCase
from .stripe_case import WithStripe


@tagged("post_install", "-at_install")
class TestCutoverCards(WithStripe, CutoverCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.start_stripe()

    def customer(self, *numbers: str) -> str:
        """A Stripe customer with these cards, linked as the import links it."""
        customer, first = self.stripe.card(numbers[0])
        for number in numbers[1:]:
            _other, method = self.stripe.card(number)
            self.provider._send_api_request(
                "POST", f"payment_methods/{method}/attach", data={"customer": customer}
            )
        self.link.data = {
            "billing_configuration": {
                "payment_provider": "stripe",
                "provider_customer_id": customer,
            }
        }
        return customer

    def rehearse(self):
        self.prove()
        self.cutover.action_rehearse()
        return self.cutover.line_ids[0]

    def test_the_card_is_shown_by_the_rehearsal_and_saved_by_the_cut_over(self):
        customer = self.customer("4242424242424242")
        self.assertEqual(self.rehearse().card, "Visa •••• 4242")
        self.assertFalse(self.env["payment.token"].search([("provider_ref", "=", customer)]))
        self.cutover.action_cut_over()
        token = self.env["payment.token"].search([("provider_ref", "=", customer)])
        self.assertEqual(len(token), 1, "both subscriptions of a customer share the card")
        self.assertEqual(self.orders.payment_token_id, token)

    def test_the_default_card_goes_before_the_newest(self):
        customer = self.customer("4242424242424242", "5555555555554444")
        self.assertEqual(self.rehearse().card, "Mastercard •••• 4444")
        visa = self.stripe.card("4000056655665556")[1]
        self.provider._send_api_request(
            "POST", f"payment_methods/{visa}/attach", data={"customer": customer}
        )
        self.provider._send_api_request(
            "POST",
            f"customers/{customer}",
            data={"invoice_settings[default_payment_method]": visa},
        )
        self.provider._send_api_request(
            "POST",
            f"payment_methods/{self.stripe.card('4242424242424242')[1]}/attach",
            data={"customer": customer},
        )
        self.cutover.action_rehearse()
        self.assertEqual(self.cutover.line_ids[0].card, "Visa •••• 5556")

    def test_customers_are_asked_for_side_by_side_and_again_when_stripe_is_busy(self):
        numbers = ("4242424242424242", "5555555555554444", "4000056655665556")
        customers = [self.stripe.card(number)[0] for number in numbers]
        self.stripe.fail("before", "hold", "customers", times=3)
        together = []

        def release() -> None:
            together.append(self.stripe.wait_until_held(3, timeout=30))
            self.stripe.fail("before", "429", "customers", times=2)
            self.stripe.release()

        helper = threading.Thread(target=release)
        helper.start()
        found = self.env["fusion.billing.cutover.cards"]._ask(self.provider, customers)
        helper.join()
        self.assertEqual(together, [True])
        last4 = [method["card"]["last4"] for _customer, method in map(found.get, customers)]
        self.assertEqual(last4, ["4242", "4444", "5556"])

    def test_a_stripe_that_cannot_be_asked_stops_the_rehearsal(self):
        self.customer("4242424242424242")
        self.prove()
        self.provider.stripe_secret_key = "sk_live_of_another"
        with self.assertRaisesRegex(UserError, "Stripe could not be asked for the cards"):
            self.cutover.action_rehearse()
        self.assertEqual(self.cutover.state, "draft")

    @mute_logger("urllib3.connectionpool")
    def test_a_connection_that_breaks_is_tried_again_then_said_in_plain_words(self):
        self.customer("4242424242424242")
        self.stripe.fail("before", "drop", "customers", times=2)
        self.assertEqual(self.rehearse().card, "Visa •••• 4242")
        self.stripe.fail("before", "drop", "customers", times=20)
        at_once = patch.object(stripe_read, "AGAIN", stripe_read.AGAIN.new(backoff_factor=0))
        with (
            at_once,
            self.assertRaisesRegex(UserError, r"the cards: no answer from 127\.0\.0\.1\."),
        ):
            self.cutover.action_rehearse()

    def test_a_customer_stripe_does_not_know_comes_over_without_a_card_and_says_so(self):
        self.link.data = {"billing_configuration": {"provider_customer_id": "cus_of_nobody"}}
        line = self.rehearse()
        self.assertFalse(line.card)
        self.assertIn("cus_of_nobody", line.card_note)
        self.assertIn("2 come without a card", self.cutover.warning)
        self.cutover.action_cut_over()
        self.assertFalse(self.orders.payment_token_id)

    def test_the_first_live_invoice_is_taken_from_the_card(self):
        self.customer("4242424242424242")
        self.rehearse()
        self.cutover.action_cut_over()
        self.bill()
        self.assertEqual(len(self.orders.invoice_ids), 2)
        self.service.action_enforce()
        cron = self.env.ref("sale_subscription.ir_cron_charge_saved_cards")
        with freeze_time(f"{CUT} 12:00:00"), self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.assertEqual(sorted(self.taken()), [3277, 3277], f"29.00 and 13 % each, on {CUT}")
        self.assertEqual(set(self.orders.invoice_ids.mapped("amount_residual")), {0.0})

    def test_a_roll_back_takes_the_card_away_again(self):
        customer = self.customer("4242424242424242")
        self.rehearse()
        self.cutover.action_cut_over()
        self.cutover.action_roll_back()
        self.assertFalse(self.orders.payment_token_id)
        self.assertFalse(self.env["payment.token"].search([("provider_ref", "=", customer)]))
