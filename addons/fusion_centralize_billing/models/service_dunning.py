"""Which policy a service follows when a customer does not pay."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class BillingService(models.Model):
    _inherit = "fusion.billing.service"

    dunning_policy_id = fields.Many2one(
        "fusion.billing.dunning.policy",
        check_company=True,
        ondelete="restrict",
        tracking=True,
        help="What happens when a customer does not pay. Empty: nothing, nobody is reminded.",
    )

    @api.constrains("dunning_policy_id", "company_id")
    def _check_dunning_company(self) -> None:
        for service in self:
            policy_sudo = service.dunning_policy_id.sudo()
            if policy_sudo and policy_sudo.company_id != service.company_id:
                raise ValidationError(
                    self.env._(
                        "“%(policy)s” belongs to %(company)s: "
                        "copy it for the company of %(service)s.",
                        policy=policy_sudo.name,
                        company=policy_sudo.company_id.name,
                        service=service.name,
                    )
                )
