"""Reaching NexaCloud: read-only, exact numbers, and one clear sentence for what is wrong."""

import json
from decimal import Decimal

from odoo.tests import tagged

from ..importers import mapping, nexacloud
from ..importers.errors import SourceError
from .nexacloud_case import PASSWORD, NexacloudCase


@tagged("post_install", "-at_install")
class TestImportSource(NexacloudCase):
    def problems(self) -> list[str]:
        report = self.run_import("test")
        self.assertFalse(report["ok"])
        self.assertEqual(report["severity"], "danger")
        self.assertEqual(report["tables"], {})
        return report["problems"]

    def test_a_good_connection_counts_the_rows_and_imports_nothing(self):
        self.seed()

        report = self.run_import("test")

        self.assertTrue(report["ok"])
        self.assertEqual(
            report["tables"], {"users": 1, "plans": 1, "subscriptions": 1, "deployments": 0}
        )
        self.assertEqual(report["session"]["read_only"], "on")
        self.assertEqual(report["session"]["database"], self.app_db)
        self.assertFalse(self.link())

    def test_an_empty_parameter_says_what_to_set(self):
        self.set_parameter("fusion_billing.nexacloud_dsn", "")

        (problem,) = self.problems()
        self.assertIn("fusion_billing.nexacloud_dsn is empty", problem)

    def test_an_sqlalchemy_url_is_recognised_and_the_fix_is_told(self):
        self.set_parameter(
            "fusion_billing.nexacloud_dsn", "postgresql+asyncpg://app:hunter2@db.example.ca/nexa"
        )

        (problem,) = self.problems()
        self.assertIn("“postgresql+asyncpg://”", problem)
        self.assertIn("write “postgresql://”", problem)
        self.assertNotIn("hunter2", problem)

    def test_a_broken_dsn_never_shows_the_password(self):
        for dsn in (
            "passwort=hunter2 dbname=x",
            "hunter2",
            "postgresql://a:hunter2@[::/x",
            "postgresql://a:b@hunter2@127.0.0.1:1/x",
            "postgresql://a:hunter2/b@127.0.0.1:1/x",
            "postgresql://a:hunter2?b@127.0.0.1:1/x",
            "postgresql://a:b#hunter2@127.0.0.1:1/x",
        ):
            with self.subTest(dsn=dsn):
                self.set_parameter("fusion_billing.nexacloud_dsn", dsn)
                self.assertNotIn("hunter2", " ".join(self.problems()))

    def test_an_unknown_database_is_told_in_the_servers_words(self):
        self.set_parameter("fusion_billing.nexacloud_dsn", self.dsn(dbname="fc_no_such_database"))

        (problem,) = self.problems()
        self.assertIn("fc_no_such_database", problem)
        self.assertTrue(problem.startswith("NexaCloud's database cannot be reached"))

    def test_the_session_cannot_write_even_as_the_owner(self):
        with (
            nexacloud.connect(self.dsn(), mapping.load("")) as source,
            self.assertRaisesRegex(SourceError, "read-only transaction"),
        ):
            source._query("DELETE FROM users")

    def test_numbers_stay_decimal_although_odoo_makes_them_floats(self):
        self.add_plan(1, "pro", overage_bandwidth_price="0.123456", included_bandwidth_gb="0.1")

        with nexacloud.connect(self.dsn(), mapping.load("")) as source:
            (row,) = source.rows("plans")

        self.assertEqual(row["overage_bandwidth_price"], Decimal("0.123456"))
        self.assertIsInstance(row["included_bandwidth_gb"], Decimal)

    def test_a_missing_table_is_one_sentence(self):
        self.sql("DROP TABLE deployments")

        self.assertEqual(
            self.problems(), [f"There is no table deployments in database {self.app_db}."]
        )

    def test_a_renamed_column_is_reported_and_a_setting_mends_it(self):
        self.seed()
        self.sql("ALTER TABLE users RENAME full_name TO display_name")

        (problem,) = self.problems()
        self.assertIn("Table users has no column full_name", problem)
        self.assertIn("Columns we do not use: display_name.", problem)

        setting = {"users": {"columns": {"full_name": "display_name"}}}
        self.set_parameter("fusion_billing.nexacloud_mapping", json.dumps(setting))
        self.assertTrue(self.run_import("run")["ok"])
        self.assertEqual(self.link().partner_id.name, "Ann Roy")

    def test_a_column_the_app_does_not_have_is_mapped_to_null(self):
        self.seed()
        self.sql("ALTER TABLE users DROP COLUMN phone")
        self.set_parameter(
            "fusion_billing.nexacloud_mapping", '{"users": {"columns": {"phone": null}}}'
        )

        self.assertTrue(self.run_import("run")["ok"])
        self.assertFalse(self.link().partner_id.phone)

    def test_a_wrong_mapping_is_told_entry_by_entry(self):
        cases = {
            "{": "is not valid JSON",
            "[]": "must look like",
            '{"bills": {}}': "there is no table “bills”",
            '{"users": {"columns": {"nickname": "x"}}}': "users has no column “nickname”",
            '{"users": {"columns": {"email": null}}}': "users.email is needed",
            '{"users": {"columns": {"phone": "x; DROP TABLE users"}}}': "is no column name",
            '{"users": {"table": "a.b.c"}}': "“a.b.c” is no table name",
        }
        for setting, sentence in cases.items():
            with self.subTest(setting=setting):
                self.set_parameter("fusion_billing.nexacloud_mapping", setting)
                self.assertIn(sentence, " ".join(self.problems()))

    def test_a_table_the_role_may_not_read_is_told_with_its_grant(self):
        role = self.make_reader("users", "plans", "deployments")

        self.assertEqual(
            self.problems(),
            [
                f"The role {role} may not read table subscriptions: "
                f"GRANT SELECT ON subscriptions TO {role};"
            ],
        )

    def test_a_schema_the_role_may_not_use_is_told_with_its_grant(self):
        role = self.make_reader("users", "plans", "deployments", "subscriptions")
        self.sql("CREATE SCHEMA IF NOT EXISTS billing; CREATE TABLE billing.plans (id int)")
        self.addCleanup(self.sql, "DROP SCHEMA billing CASCADE")
        self.set_parameter(
            "fusion_billing.nexacloud_mapping", '{"plans": {"table": "billing.plans"}}'
        )

        (problem,) = self.problems()
        self.assertIn(f"The role {role} may not use schema billing", problem)

    def test_a_role_that_may_write_is_an_amber_warning(self):
        report = self.run_import("test")

        self.assertEqual(report["severity"], "warning")
        self.assertIn("may also write to users, plans", report["warnings"][0])

    def test_a_reader_gives_no_warning(self):
        self.make_reader("users", "plans", "deployments", "subscriptions")

        report = self.run_import("test")

        self.assertEqual((report["severity"], report["warnings"]), ("success", []))

    def make_reader(self, *tables: str) -> str:
        """A role that may read these tables; the import connects with it from now on."""
        role = f"{self.app_db}_ro"
        self.sql(f"CREATE ROLE {role} LOGIN PASSWORD '{PASSWORD}'")
        self.addCleanup(self.sql, f"DROP OWNED BY {role}; DROP ROLE {role}")
        for table in tables:
            self.sql(f"GRANT SELECT ON {table} TO {role}")
        self.set_parameter("fusion_billing.nexacloud_dsn", self.dsn(user=role, password=PASSWORD))
        return role
