from odoo import fields, models


class ResCompany(models.Model):
    """Accounts and journal for deferrals: several charts of accounts of Community fill them.

    They are kept so that a chart loads the same way on both editions. No entry is made from them
    here, so no screen shows them.
    """

    _inherit = "res.company"

    deferred_revenue_account_id = fields.Many2one("account.account", check_company=True)
    deferred_expense_account_id = fields.Many2one("account.account", check_company=True)
    deferred_revenue_journal_id = fields.Many2one("account.journal", check_company=True)
