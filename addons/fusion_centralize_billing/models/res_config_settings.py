"""How long usage is kept, for the whole database: the ledger's months belong to no service."""

from odoo import fields, models

from .usage_push import RETENTION


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    x_fc_ledger_months = fields.Integer(
        string="Keep events (months)",
        config_parameter="fusion_centralize_billing.ledger_months",
        help="Older months are dropped once all their usage is billed. Day totals stay. "
        "0 keeps events for ever.",
    )
    x_fc_push_log_days = fields.Integer(
        string="Keep the log of pushes (days)",
        config_parameter=RETENTION,
        help="0 keeps the log for ever.",
    )
