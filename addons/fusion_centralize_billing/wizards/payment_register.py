"""Register Payment, on the screen and behind the API, tells the services it pays."""

from odoo import models


class AccountPaymentRegister(models.TransientModel):
    _inherit = "account.payment.register"

    def _create_payments(self):
        payments = super()._create_payments()
        self.env["fusion.billing.payment.api"]._announce(payments)
        return payments
