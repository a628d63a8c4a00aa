"""Where a payment page loads Stripe.js from: the double only in test mode, only on this machine."""

from odoo.tests import tagged

from ..models.payment_provider import PARAMETER, STRIPE_JS
from .stripe_case import StripeCase


@tagged("post_install", "-at_install")
class TestStripeJs(StripeCase):
    def script(self) -> str:
        """What the page's template asks the browser to load."""
        values = {"providers_sudo": self.provider}
        page = self.env["ir.qweb"]._render("payment_stripe.sdk_assets", values)
        return page.split('src="')[1].split('"')[0]

    def test_in_test_mode_the_page_loads_the_stand_in_of_the_double(self):
        self.assertEqual(self.script(), self.stripe.root + "v3/")

    def test_a_live_provider_never_loads_the_stand_in(self):
        self.provider.state = "enabled"
        self.assertEqual(self.script(), STRIPE_JS)

    def test_without_the_parameter_or_with_another_machine_the_page_has_stripes_own(self):
        parameters = self.env["ir.config_parameter"]
        for address in (
            "",
            "http://10.0.0.1:80/v1/",
            "http://127.0.0.1.example.com/v1/",
            "https://127.0.0.1/v1/",
            "http://localhost/v1/",
        ):
            parameters.set_param(PARAMETER, address)
            self.assertEqual(self.script(), STRIPE_JS, address)

    def test_a_live_provider_beside_one_in_test_mode_keeps_stripes_own(self):
        live = self.provider.copy(
            {
                "state": "enabled",
                "stripe_secret_key": "sk_live_x",
                "stripe_publishable_key": "pk_live_x",
            }
        )
        self.assertEqual((self.provider | live)._fc_stripe_js_url(), STRIPE_JS)
        self.assertEqual(live.browse()._fc_stripe_js_url(), STRIPE_JS)
