"""Technical users of services act through bearer keys only."""

from odoo import models
from odoo.exceptions import AccessDenied

API_GROUP = "fusion_centralize_billing.group_fusion_billing_api"


class ResUsers(models.Model):
    _inherit = "res.users"

    def _check_credentials(self, credential: dict, env: dict) -> dict:
        """Refuse every password or RPC key of a service's user, should somebody set one."""
        if self.env.user.has_group(API_GROUP):
            raise AccessDenied()
        return super()._check_credentials(credential, env)
