"""Around the charge: refunds, webhooks, and where the secret key may be sent."""

import json

from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from ..models.payment_provider import PARAMETER
from .stripe_case import WEBHOOK_SECRET, StripeCase

PROVIDER = "odoo.addons.payment.models.payment_provider"


@tagged("post_install", "-at_install")
class TestStripeAddress(StripeCase):
    def _address(self) -> str:
        return self.provider._build_request_url("payment_intents")

    def test_a_provider_in_test_mode_goes_to_the_double(self):
        self.assertEqual(self._address(), f"{self.stripe.url}payment_intents")

    def test_no_other_machine_is_ever_called(self):
        for address in (
            "http://127.0.0.1.example.com/v1/",
            "http://localhost@example.com/v1/",
            "https://example.com/v1/",
            "http://127.0.0.1@example.com/v1/",
            "ftp://127.0.0.1/v1/",
            "nonsense",
            "",
        ):
            with self.subTest(address=address):
                self.env["ir.config_parameter"].set_param(PARAMETER, address)
                self.assertEqual(self._address(), "https://api.stripe.com/v1/payment_intents")

    def test_a_live_provider_goes_to_stripe_whatever_the_parameter_says(self):
        self.provider.state = "enabled"
        self.assertEqual(self._address(), "https://api.stripe.com/v1/payment_intents")


@tagged("post_install", "-at_install")
class TestStripeRefund(StripeCase):
    def test_a_refund_whose_answer_is_lost_is_not_paid_twice(self):
        order = self.order()
        self.run_charges()
        refund = order.invoice_ids.charge_ids._create_child_transaction(40.0, is_refund=True)
        self.stripe.fail("after", "drop", "POST refunds")
        with mute_logger(PROVIDER), self.assertRaisesRegex(Exception, "connection"):
            refund._send_refund_request()
        refund._send_refund_request()
        self.assertEqual(refund.state, "done")
        refunds = self.stripe.ledger.all("refund")
        self.assertEqual([item["amount"] for item in refunds], [4000])


@tagged("post_install", "-at_install")
class TestStripeWebhook(StripeCase, HttpCase):
    def _deliver(self, secret: str):
        from tools.stripe_double.webhooks import signature

        body = json.dumps(self.stripe.ledger.events[-1]).encode()
        at = int(self.env.cr.now().timestamp())
        headers = {
            "Content-Type": "application/json",
            "Stripe-Signature": signature(body, secret, at),
        }
        return self.url_open("/payment/stripe/webhook", data=body, headers=headers)

    @mute_logger(PROVIDER, "odoo.addons.payment_stripe.controllers.main")
    def test_a_webhook_tells_what_the_answer_could_not(self):
        order = self.order()
        self.stripe.fail("after", "drop", "POST payment_intents")
        self.run_charges_here()
        charge = order.invoice_ids.charge_ids
        self.assertEqual(charge.charge_outcome, "unknown")
        self.assertEqual(self._deliver("whsec_wrong").status_code, 403)
        self.assertEqual(charge.charge_outcome, "unknown")
        self.assertEqual(self._deliver(WEBHOOK_SECRET).status_code, 200)
        charge.invalidate_recordset()
        self.assertEqual(charge.charge_outcome, "paid")
        self.assertFalse(order.payment_exception)
        charge._post_process()
        self.assertEqual(order.invoice_ids.amount_residual, 0)

    def run_charges_here(self) -> None:
        """HttpCase is in the registry's test mode already."""
        self.cron.method_direct_trigger()
        self.env.invalidate_all()
