"""Publishing commands: before the webhooks, so that theirs get a number in the same go."""

from odoo import api, models


class BillingOutbox(models.AbstractModel):
    _inherit = "fusion.billing.outbox"

    @api.model
    def _publish(self) -> int:
        self.env["fusion.billing.command.desk"]._publish()
        return super()._publish()
