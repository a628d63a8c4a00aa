"""A payment resumes a service in its own transaction, and not when a job comes round."""

from odoo import api, models


class BillingPaymentSettled(models.AbstractModel):
    _inherit = "fusion.billing.payment.api"

    @api.model
    def _tell_status(self, moves: models.BaseModel) -> None:
        """Every way to settle an invoice passes here: card, bank, by hand, the app, a credit."""
        result = super()._tell_status(moves)
        self.env["fusion.billing.enforce"]._look_again(moves)
        return result
