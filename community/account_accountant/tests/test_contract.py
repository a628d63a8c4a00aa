"""What other addons may rely on. Runs against whichever edition is installed."""

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import TransactionCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestAccountAccountantContract(TransactionCase):
    def test_a_journal_item_has_an_inclusive_period(self):
        fields = self.env["account.move.line"]._fields
        self.assertEqual(fields["deferred_start_date"].type, "date")
        self.assertEqual(fields["deferred_end_date"].type, "date")
        self.assertTrue(fields["deferred_end_date"].store)

    def test_a_company_names_the_accounts_of_its_deferrals(self):
        fields = self.env["res.company"]._fields
        for name in ("deferred_revenue_account_id", "deferred_expense_account_id"):
            self.assertEqual(fields[name].comodel_name, "account.account", name)

    def test_an_accounting_administrator_has_basic_accounting_and_invoicing(self):
        user = new_test_user(self.env, "boss", groups="account.group_account_manager")
        self.assertTrue(user.has_group("account.group_account_basic"))
        self.assertTrue(user.has_group("account.group_account_invoice"))

    def test_an_invoicing_user_does_not_get_basic_accounting(self):
        user = new_test_user(self.env, "clerk", groups="account.group_account_invoice")
        self.assertFalse(user.has_group("account.group_account_basic"))

    def test_a_period_that_ends_before_it_starts_is_refused(self):
        line = {
            "name": "Hosting",
            "price_unit": 10,
            "deferred_start_date": "2026-03-31",
            "deferred_end_date": "2026-03-01",
        }
        with self.assertRaisesRegex(ValidationError, "before it starts"):
            self.env["account.move"].create(
                {
                    "move_type": "out_invoice",
                    "partner_id": self.env["res.partner"].create({"name": "Ada"}).id,
                    "invoice_line_ids": [Command.create(line)],
                }
            )
