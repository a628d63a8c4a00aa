"""A usage line carries the data that explains it."""

from odoo import fields, models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    x_fc_line_key = fields.Char(
        string="Rated Line", readonly=True, help="Stable key of the rated line within its period."
    )
    x_fc_period_start = fields.Date(string="Usage From", readonly=True)
    x_fc_period_end = fields.Date(
        string="Usage Until", readonly=True, help="First day after the period."
    )
    x_fc_trace = fields.Json(
        string="Rating Trace", readonly=True, help="Replayable derivation of the amount."
    )
