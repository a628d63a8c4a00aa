"""The app's invoices from its own database: right periods, both sides agree, nothing invented."""

from datetime import UTC, date, datetime

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .nexacloud_case import PASSWORD, NexacloudCase, uid

INVOICES = """
CREATE TABLE invoices (
    id bigint PRIMARY KEY, user_id uuid, subscription_id uuid, invoice_date date,
    province char(2), currency char(3), untaxed numeric(12,2), tax numeric(12,2),
    total numeric(12,2), taxes jsonb);
CREATE TABLE invoice_lines (
    id bigserial PRIMARY KEY, invoice_id bigint REFERENCES invoices, kind text,
    period_start date, period_end date, quantity numeric(18,6), amount numeric(12,2));
"""
APRIL = (date(2026, 4, 1), date(2026, 5, 1))
MARCH = (date(2026, 3, 1), date(2026, 4, 1))


@tagged("post_install", "-at_install")
class TestAppSource(NexacloudCase):
    def setUp(self) -> None:
        super().setUp()
        self.sql("DROP TABLE IF EXISTS invoice_lines, invoices", INVOICES)
        self.seed()
        self.run_import()
        # Taxes have a test of their own.
        (self.order().order_line.product_id | self.service.metric_ids.product_id).taxes_id = False
        self.order().order_line.tax_ids = False

    def invoice(self, number: int, day: date, lines: list[tuple], **values) -> None:
        """``lines`` are ``(kind, (start, end), quantity, amount)``."""
        untaxed = sum(float(line[3]) for line in lines)
        row = {
            "id": number, "user_id": uid(1), "subscription_id": uid(101), "invoice_date": day,
            "province": "ON", "currency": "CAD", "untaxed": untaxed, "tax": 0, "total": untaxed,
            "taxes": "{}", **values,
        }  # fmt: skip
        self.insert("invoices", row)
        for kind, period, quantity, amount in lines:
            values = {"invoice_id": number, "kind": kind, "period_start": period[0]}
            values |= {"period_end": period[1], "quantity": quantity, "amount": amount}
            self.insert("invoice_lines", values)

    def read(self, first: str = "2026-01-01", last: str = "2026-12-31") -> dict:
        return self.service.read_app_invoices(first, last)

    def told(self):
        return self.env["fusion.billing.app.invoice"].search(
            [("service_id", "=", self.service.id)], order="period_end"
        )

    def use(self, day: date, code: str, total: float) -> None:
        metric = self.service.metric_ids.filtered(lambda metric: metric.code == code)
        self.env["fusion.billing.usage"].create(
            {
                "service_id": self.service.id, "subscription_id": self.order().id,
                "metric_id": metric.id, "day": day, "dimension": "", "total": total,
                "maximum": total, "last": total, "count": 1,
                "last_at": datetime(2026, 3, 5, 12), "watermark": datetime(2026, 3, 5, 13),
            }
        )  # fmt: skip

    def test_an_invoice_belongs_to_the_period_that_ends_on_its_day_and_agrees_with_ours(self):
        self.use(date(2026, 3, 5), "bandwidth_gb", 300.25)
        lines = [("base", APRIL, 1, "29.00"), ("bandwidth_gb", MARCH, "300.25", "4.02")]
        self.invoice(1, date(2026, 4, 1), lines)

        report = self.read()

        self.assertEqual((report["ok"], report["read"], report["created"]), (True, 1, 1))
        told = self.told()
        self.assertEqual((told.period_start, told.period_end), MARCH)
        self.assertEqual((told.order_id, told.source), (self.order(), "database"))
        self.assertEqual(told.line_ids.mapped("code"), [False, "bandwidth_gb"])
        found = self.service.compare_app_invoices("2026-03-01", "2026-04-01")
        self.assertEqual(found, {"match": 1, "compared": 1, "written": 1})

    def test_reading_again_changes_nothing_and_other_days_are_left_alone(self):
        self.invoice(1, date(2026, 4, 1), [("base", APRIL, 1, "29.00")])
        self.invoice(2, date(2026, 7, 1), [])

        self.assertEqual(self.read(last="2026-04-01")["created"], 1)
        again = self.read(last="2026-04-01")
        self.assertEqual((again["created"], again["unchanged"]), (0, 1))

    def test_the_first_invoice_is_of_the_period_before_the_start_and_agrees_with_ours(self):
        self.add_subscription(
            102, user=1, started_at=datetime(2026, 3, 10, 15, tzinfo=UTC),
            current_period_start=date(2026, 3, 10), current_period_end=date(2026, 4, 10),
        )  # fmt: skip
        self.run_import()
        first = (date(2026, 3, 10), date(2026, 4, 10))
        other = {"subscription_id": uid(102)}
        self.order(102).order_line.tax_ids = False
        self.invoice(3, date(2026, 3, 10), [("base", first, 1, "29.00")], **other)
        self.read()

        told = self.told()
        self.assertEqual((told.period_start, told.period_end), (date(2026, 2, 10), first[0]))
        self.service.compare_app_invoices("2026-02-01", "2026-03-20")
        rows = self.env["fusion.billing.reconciliation"].search(
            [("subscription_id", "=", self.order(102).id)]
        )
        self.assertEqual(rows.mapped("difference_class"), ["match"])
        self.assertEqual((rows.app_amount, rows.our_amount), (29.0, 29.0))

    def test_a_subscription_that_is_not_here_is_told_with_the_length_of_its_fee(self):
        year = (date(2026, 3, 31), date(2027, 3, 31))
        gone = {"subscription_id": uid(900)}
        self.invoice(4, date(2026, 3, 31), [("base", year, 1, "290.00")], **gone)
        month = (date(2026, 5, 31), date(2026, 6, 30))
        self.invoice(5, date(2026, 5, 31), [("base", month, 1, "29.00")], **gone)

        self.read()

        starts = self.told().mapped("period_start")
        self.assertEqual(starts, [date(2025, 3, 31), date(2026, 4, 30)])

    def test_taxes_are_told_one_by_one_and_what_no_line_explains_is_kept(self):
        values = {"untaxed": "30.00", "tax": "4.50", "taxes": '{"GST": "1.50", "QST": "2.99"}'}
        self.invoice(6, date(2026, 4, 1), [("base", APRIL, 1, "29.00")], **values)

        self.read()

        told = self.told()
        self.assertEqual((told.untaxed, told.tax), (30.0, 4.5))
        said = [(line.kind, line.code, line.told["amount"]) for line in told.line_ids]
        self.assertEqual(said[1:], [("other", "rest", "1"), ("tax", "GST", "1.5"),
                                    ("tax", "QST", "2.99"), ("tax", "rest", "0.01")])  # fmt: skip

    def test_one_that_cannot_be_used_is_named_and_the_others_are_recorded(self):
        self.invoice(7, date(2026, 4, 1), [("base", APRIL, 1, "29.00")], currency="XQX")
        self.invoice(8, date(2026, 5, 1), [("base", APRIL, 1, "29.00")])

        report = self.read()

        self.assertEqual((report["ok"], report["failed"], report["created"]), (False, 1, 1))
        said = {"external_id": "7", "reason": "currency: value_is_invalid"}
        self.assertEqual(report["lines"], [said])

    def test_a_missing_grant_is_told_and_a_reader_with_it_is_enough(self):
        role = f"{self.app_db}_ro"
        self.sql(f"CREATE ROLE {role} LOGIN PASSWORD '{PASSWORD}'")
        self.addCleanup(self.sql, f"DROP OWNED BY {role}; DROP ROLE {role}")
        self.set_parameter("fusion_billing.nexacloud_dsn", self.dsn(user=role, password=PASSWORD))
        self.sql(f"GRANT SELECT ON invoices TO {role}")

        (problem,) = self.read()["problems"]
        self.assertIn(f"GRANT SELECT ON invoice_lines TO {role};", problem)
        self.sql(f"GRANT SELECT ON invoice_lines TO {role}")
        self.assertTrue(self.read()["ok"])

    def test_renamed_tables_and_columns_are_a_setting(self):
        self.sql("ALTER TABLE invoices RENAME invoice_date TO dated")
        self.assertIn("has no column invoice_date", self.read()["problems"][0])
        setting = '{"invoices": {"columns": {"invoice_date": "dated", "taxes": null}}}'
        self.set_parameter("fusion_billing.nexacloud_mapping", setting)
        self.assertTrue(self.read()["ok"])
        self.assertTrue(self.run_import("test")["ok"])

    def test_only_a_manager_may_and_the_days_must_be_in_order(self):
        user = new_test_user(
            self.env, "looker", groups="fusion_centralize_billing.group_fusion_billing_user"
        )
        for act in (self.service.read_app_invoices, self.service.compare_app_invoices):
            with self.assertRaises(AccessError):
                act.__func__(self.service.with_user(user), "2026-01-01", "2026-02-01")
            with self.assertRaises(UserError):
                act("2026-02-01", "2026-01-01")
