"""The app's invoices from files and screens: wrong rows are named, nothing is half written."""

import base64

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from ..importers import app_files
from .dual_run_case import DualRunCase

HEAD = "external_invoice_id,external_subscription_id,period_start,period_end,currency,kind,code,"
HEAD += "quantity,amount\n"
STRIPE = "Invoice id,Subscription id,Currency,Line amount,Quantity,Usage type,Price id,"
STRIPE += "Period start,Period end,Tax amount,Tax name,Discount amount\n"
FEE = (
    "in_1,sub-1,cad,29.00,1,licensed,price_pro,2026-04-01 00:00:00,2026-05-01 00:00:00,3.77,HST,\n"
)
USED = (
    "in_1,sub-1,cad,12.50,1250,metered,price_gb,2026-03-01 00:00:00,2026-04-01 00:00:00,1.63,HST,\n"
)


@tagged("post_install", "-at_install")
class TestAppFiles(DualRunCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.order = cls.subscribe("sub-1")
        cls.wizards = cls.env["fusion.billing.app.invoice.import"]

    def bring(self, text: str | bytes, way: str = "csv"):
        content = text.encode() if isinstance(text, str) else text
        wizard = self.wizards.create(
            {"service_id": self.service.id, "way": way, "file": base64.b64encode(content)}
        )
        wizard.action_import()
        return wizard

    def told(self):
        return self.env["fusion.billing.app.invoice"].search([("service_id", "=", self.service.id)])

    def csv_row(self, number: str = "A-1", **values: str) -> str:
        row = {"sub": "sub-1", "start": "2026-03-01", "end": "2026-04-01", "currency": "CAD"}
        row |= {"kind": "base", "code": "pro", "quantity": "1", "amount": "29.00", **values}
        return ",".join([number, *row.values()]) + "\n"

    def test_a_file_is_recorded_with_its_lines_and_again_changes_nothing(self):
        text = HEAD + self.csv_row()
        text += self.csv_row(kind="usage", code="gb", quantity="1250", amount="12.50")
        wizard = self.bring(text)
        self.assertEqual((wizard.severity, wizard.headline), ("success", "1 invoices read: 1 new."))
        told = self.told()
        self.assertEqual((told.source, told.untaxed, told.order_id), ("csv", 41.5, self.order))
        self.assertEqual(told.line_ids.mapped("told_quantity"), ["1", "1250"])
        again = self.bring(text.replace(",", ";").replace("\n", "\r\n"))
        self.assertEqual(again.headline, "1 invoices read: 1 unchanged.")
        self.assertEqual(again.action_open()["domain"], [("service_id", "=", self.service.id)])

    def test_wrong_cells_are_named_by_row_and_column_and_nothing_is_written(self):
        text = HEAD + self.csv_row() + self.csv_row(kind="gift", amount="ten")
        text += self.csv_row("A-2", start="2026-13-01") + self.csv_row("A-3", currency="XQX")
        wizard = self.bring(text)
        self.assertEqual(wizard.severity, "danger")
        self.assertEqual(
            wizard.message.splitlines(),
            [
                "Row 3, column kind: cannot be read",
                "Row 3, column amount: cannot be read",
                "Row 4, column period_start: cannot be read",
                "Row 5, column currency: cannot be read",
            ],
        )
        self.assertFalse(self.told())

    def test_what_is_no_such_file_is_told_in_one_sentence(self):
        row = self.csv_row()
        for text, sentence in (
            (HEAD.replace("kind", "sort") + row, "There is no column “kind”."),
            (HEAD.replace("kind", "sort") + row, "There is no such column as “sort”."),
            (HEAD, "The file has no rows"),
            (HEAD.encode() + b"\xff\xfe", "not in UTF-8"),
            (HEAD + row + self.csv_row(end="2026-05-01"), "Row 3, column period_end: is not as in"),
            (HEAD + self.csv_row(""), "Row 2: it names no invoice."),
        ):
            with self.subTest(sentence=sentence):
                wizard = self.bring(text)
                self.assertEqual(wizard.severity, "danger")
                self.assertIn(sentence, wizard.message)
        self.assertFalse(self.told())

    def test_the_template_is_a_file_that_can_be_imported(self):
        wizard = self.wizards.create({"service_id": self.service.id})
        self.assertIn(f"/{wizard.id}/template/", wizard.action_template()["url"])
        self.assertEqual(self.bring(base64.b64decode(wizard.template)).severity, "success")
        self.assertEqual((self.told().untaxed, self.told().tax), (32.53, 4.23))

    def test_stripes_lines_become_the_period_that_ends_with_its_usage(self):
        setting = '{"prices": {"price_gb": {"kind": "usage", "code": "gb"}}}'
        self.env["ir.config_parameter"].set_param(app_files.STRIPE_PARAMETER, setting)
        self.assertEqual(self.bring(STRIPE + FEE + USED, "stripe").severity, "success")
        told = self.told()
        period = (str(told.period_start), str(told.period_end), told.currency_id.name)
        self.assertEqual(period, ("2026-03-01", "2026-04-01", "CAD"))
        said = [(line.kind, line.code, line.told["amount"]) for line in told.line_ids]
        self.assertEqual(
            said, [("base", "price_pro", "29"), ("usage", "gb", "12.5"), ("tax", "HST", "5.4")]
        )
        self.assertEqual(self.compare()["match"], 1)

    def test_a_renamed_column_of_stripe_is_a_setting_and_a_fee_alone_is_of_the_period_before(self):
        text = STRIPE.replace("Line amount", "Amount") + FEE.replace("HST,\n", "HST,5.00\n")
        self.assertIn("There is no column “Line amount”", self.bring(text, "stripe").message)
        parameters = self.env["ir.config_parameter"]
        parameters.set_param(app_files.STRIPE_PARAMETER, '{"columns": {"amount": "amount"}}')
        self.assertEqual(self.bring(text, "stripe").severity, "success")
        self.assertEqual(str(self.told().period_start), "2026-03-01")
        discount = self.told().line_ids.filtered(lambda line: line.kind == "discount")
        self.assertEqual(discount.told["amount"], "-5")
        wrong = self.bring(text.replace("29.00", "much").replace("3.77", "x"), "stripe")
        self.assertEqual(wrong.message, "Row 2, column Tax amount: cannot be read")
        wrong = self.bring(text.replace("29.00", "much"), "stripe")
        self.assertEqual(wrong.message, "Row 2, column Amount: cannot be read")
        parameters.set_param(app_files.STRIPE_PARAMETER, "{")
        self.assertIn("is not valid", self.bring(text, "stripe").message)

    def test_the_compare_screen_tells_counts_and_opens_what_was_found(self):
        self.told()
        self.bring(HEAD + self.csv_row())
        form = Form(self.env["fusion.billing.compare.wizard"].with_context(
            default_service_id=self.service.id))  # fmt: skip
        form.date_from, form.date_to = "2026-03-01", "2026-06-01"
        self.assertEqual(form.told_count, 1)
        wizard = form.save()
        wizard.action_compare()
        self.assertEqual(wizard.counts["compared"], 3)
        self.assertIn("Missing in the app", wizard.result)
        found = self.env["fusion.billing.reconciliation"].search(wizard.action_open()["domain"])
        self.assertEqual(len(found), 3)
        missing = found.filtered(lambda row: not row.app_amount)
        self.assertEqual(len(missing), 2)
        self.assertEqual(
            missing.mapped("unexplained_amount"),
            [round(row.our_amount + row.our_tax, 2) for row in missing],
        )
        missing.note = "agreed"
        missing.action_explain()
        self.assertEqual(sum(missing.mapped("unexplained_amount")), 0)

    def test_without_a_file_and_without_the_right_nothing_happens(self):
        with self.assertRaises(UserError):
            self.wizards.create({"service_id": self.service.id}).action_import()
        user = new_test_user(
            self.env, "looker", groups="fusion_centralize_billing.group_fusion_billing_user"
        )
        with self.assertRaises(AccessError):
            self.service.with_user(user)._import_app_invoices(b"", "csv")
        with self.assertRaises(AccessError):
            self.wizards.with_user(user).create({"service_id": self.service.id})
