"""How exactly a service's invoices must agree with the app's."""

from odoo import fields, models


class BillingService(models.Model):
    _inherit = "fusion.billing.service"

    reconcile_tax_tolerance = fields.Float(
        string="Tax tolerance",
        digits=(30, 12),
        default=0.01,
        help="In a dual run a tax may differ by this much, as each side rounds its own lines. "
        "Quantities may not differ at all.",
    )
