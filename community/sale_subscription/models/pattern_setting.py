from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    subscription_pattern_posting = fields.Boolean(
        string="Pattern Posting",
        help="Recurring invoices of a proven shape are written as rows after the pattern of the"
        " first one. Only shapes that a comparison run has shown equal; all others are made the"
        " normal way.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    subscription_pattern_posting = fields.Boolean(
        related="company_id.subscription_pattern_posting", readonly=False
    )

    def action_compare_pattern_posting(self) -> dict:
        """Bill what is due both ways, keep nothing, and tell what differs."""
        self.ensure_one()
        return self.env["sale.subscription.pattern"].action_compare()
