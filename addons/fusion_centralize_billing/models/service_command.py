"""Who looks after a service when its app does not do as it is told."""

from odoo import SUPERUSER_ID, api, fields, models


class BillingService(models.Model):
    _inherit = "fusion.billing.service"

    responsible_id = fields.Many2one(
        "res.users",
        default=lambda self: self._default_responsible(),
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        copy=False,
        help="Gets an activity when the app refuses a command or does not confirm it for an hour. "
        "Without one the followers of the service get a message.",
    )

    @api.model
    def _default_responsible(self):
        """Who makes the service, if that is a person."""
        user = self.env.user
        return user if user.id != SUPERUSER_ID and user._is_internal() else user.browse()
