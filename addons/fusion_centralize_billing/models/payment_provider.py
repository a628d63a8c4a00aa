"""Where Stripe is. In tests and demos it may be a double on this machine."""

from urllib.parse import urljoin, urlsplit

from odoo import models

PARAMETER = "fusion_billing.stripe_test_url"
STRIPE_JS = "https://js.stripe.com/v3/"


class PaymentProvider(models.Model):
    _inherit = "payment.provider"

    def _lacks_webhook_secret(self) -> bool:
        """Whether anybody may tell us that Stripe was paid: without the secret, Odoo believes every
        message (facts: a forged, unsigned event marks a transaction as done)."""
        return any(
            provider.code == "stripe"
            and provider.state != "disabled"
            and not provider.sudo().stripe_webhook_secret
            for provider in self
        )

    def _build_request_url(self, endpoint, **kwargs):
        """Send a provider in test mode to the address in ``fusion_billing.stripe_test_url``.

        Only addresses on 127.0.0.1 count, so that the parameter cannot lead a secret key away.
        """
        base = None if kwargs.get("is_proxy_request") else self._fc_stripe_double()
        if base:
            return urljoin(base, endpoint)
        return super()._build_request_url(endpoint, **kwargs)

    def _fc_stripe_double(self):
        """Return the address of the double that takes Stripe's place for this provider, or None.

        Never for a provider that is live, and never an address outside this machine.
        """
        if self.code != "stripe" or self.state != "test":
            return None
        base = self.env["ir.config_parameter"].sudo().get_param(PARAMETER) or ""
        address = urlsplit(base)
        local = address.scheme == "http" and address.hostname == "127.0.0.1"
        return base if local else None

    def _fc_stripe_js_url(self):
        """Return where a page with these providers loads Stripe.js from.

        The double has a stand-in, so that a card can be typed without the Internet. One live
        provider among them, and the page has Stripe's own.
        """
        ours = self.filtered(lambda provider: provider.code == "stripe")
        doubles = {provider._fc_stripe_double() for provider in ours}
        if len(doubles) == 1 and (base := doubles.pop()):
            return urljoin(base, "/v3/")
        return STRIPE_JS
