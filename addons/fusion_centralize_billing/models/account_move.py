"""Invoices know the service they bill; a shadow service cannot post any."""

from odoo import fields, models
from odoo.exceptions import UserError


class AccountMove(models.Model):
    _inherit = "account.move"

    x_fc_service_id = fields.Many2one(
        "fusion.billing.service",
        string="Billing Service",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
    )

    def _post(self, soft: bool = True):
        """First shadow lock: whoever posts, however, nothing of a shadow service is posted."""
        for service_sudo in self.x_fc_service_id.sudo():
            if service_sudo.mode == "shadow":
                raise UserError(
                    self.env._(
                        "%(service)s is in shadow mode: its invoices cannot be posted.",
                        service=service_sudo.name,
                    )
                )
        return super()._post(soft)
