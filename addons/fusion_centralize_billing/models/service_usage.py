"""What a service wants done about its usage."""

from odoo import fields, models


class BillingServiceUsage(models.Model):
    _inherit = "fusion.billing.service"

    currency_id = fields.Many2one(related="company_id.currency_id")
    uses_seals = fields.Boolean(
        string="Bills Sealed Periods Only",
        tracking=True,
        help="Wait with a period's invoice until the app has sealed the usage of each metric.",
    )
    correction_limit = fields.Monetary(
        tracking=True,
        help="A correction of billed usage in the customer's favour above this amount becomes a "
        "credit note of its own; up to it, a line on the next invoice. 0 = always a line, unless "
        "it is more than that invoice charges.",
    )
