"""Where Stripe is. In tests and demos it may be a double on this machine."""

from urllib.parse import urljoin, urlsplit

from odoo import models

PARAMETER = "fusion_billing.stripe_test_url"


class PaymentProvider(models.Model):
    _inherit = "payment.provider"

    def _build_request_url(self, endpoint, **kwargs):
        """Send a provider in test mode to the address in ``fusion_billing.stripe_test_url``.

        Only addresses on 127.0.0.1 count, so that the parameter cannot lead a secret key away.
        """
        if self.code == "stripe" and self.state == "test" and not kwargs.get("is_proxy_request"):
            parameters_sudo = self.env["ir.config_parameter"].sudo()
            base = parameters_sudo.get_param(PARAMETER) or ""
            address = urlsplit(base)
            if address.scheme == "http" and address.hostname == "127.0.0.1":
                return urljoin(base, endpoint)
        return super()._build_request_url(endpoint, **kwargs)
