"""The app's columns change their types between two imports: read if it can be, told if not."""

from odoo.tests import tagged

from .nexacloud_case import NexacloudCase, uid


@tagged("post_install", "-at_install")
class TestImportDrift(NexacloudCase):
    def setUp(self) -> None:
        super().setUp()
        self.seed()
        self.assertTrue(self.run_import()["ok"])

    def again(self) -> dict:
        """A dry run tells what a run does, and the run does it."""
        told = self.run_import("dry_run")
        done = self.run_import("run")
        for name in ("problems", "lines", "plans", "customers", "subscriptions"):
            self.assertEqual(told[name], done[name], name)
        return done

    def test_numbers_that_became_text_are_the_same_numbers(self):
        self.sql("ALTER TABLE plans ALTER price_cents TYPE text")
        self.sql("ALTER TABLE plans ALTER overage_bandwidth_price TYPE text")
        done = self.again()
        self.assertTrue(done["ok"], done["lines"])
        for name in ("plans", "customers", "subscriptions"):
            self.assertEqual((done[name]["created"], done[name]["updated"]), (0, 0), name)

    def test_text_that_is_no_amount_fails_its_row_by_the_columns_name(self):
        self.sql("ALTER TABLE plans ALTER price_cents TYPE text USING '29.00 $'")
        done = self.again()
        self.assertFalse(done["ok"])
        self.assertIn("price_cents", self.reasons(done, "pro"))
        self.assertEqual(done["plans"]["failed"], 1)

    def test_a_day_that_became_text_fails_its_row_by_the_columns_name(self):
        self.sql("ALTER TABLE subscriptions ALTER current_period_end TYPE text")
        done = self.again()
        self.assertEqual(done["subscriptions"]["failed"], 1)
        self.assertIn("current_period_end", self.reasons(done, uid(101)))

    def test_a_column_that_is_gone_stops_the_import_before_a_row_is_read(self):
        self.sql("ALTER TABLE subscriptions DROP current_period_end")
        done = self.again()
        [problem] = done["problems"]
        self.assertIn("Table subscriptions has no column current_period_end", problem)
        self.assertEqual(done["customers"]["unchanged"], 0)
