"""Which invoices the unattended run may charge to a saved card."""

from odoo import api, models
from odoo.fields import Domain


class AccountMove(models.Model):
    _inherit = "account.move"

    @api.model
    def _get_charge_domain(self) -> Domain:
        """Leave out shadow services, which charge nobody, and services on a test clock, whose days
        are not today's."""
        domain = super()._get_charge_domain()
        if self.env.context.get("billing_date"):
            return domain & (
                Domain("x_fc_service_id", "=", False)
                | Domain("x_fc_service_id", "any!", [("mode", "=", "live")])
            )
        attended = Domain(
            "x_fc_service_id", "any!", [("mode", "=", "live"), ("test_clock", "=", False)]
        )
        return domain & (Domain("x_fc_service_id", "=", False) | attended)
