from odoo import fields, models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    subscription_id = fields.Many2one(
        "sale.order",
        index="btree_not_null",
        help="The contract that this line bills.",
    )
