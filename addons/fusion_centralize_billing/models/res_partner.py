"""A customer may be known to several apps, and lives in a timezone."""

from odoo import fields, models
from odoo.addons.base.models.res_partner import _tz_get


class ResPartner(models.Model):
    _inherit = "res.partner"

    x_fc_link_ids = fields.One2many(
        "fusion.billing.account.link", "partner_id", string="Billing Links"
    )
    x_fc_billing_tz = fields.Selection(
        _tz_get,
        string="Billing Timezone",
        help="Decides the local day of usage for subscriptions started from now on.",
    )
