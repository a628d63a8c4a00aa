"""The mapping of tables and columns as a screen: what is missing comes first, and is set there."""

import json

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from .nexacloud_case import NexacloudCase

PARAMETER = "fusion_billing.nexacloud_mapping"


@tagged("post_install", "-at_install")
class TestImportColumns(NexacloudCase):
    def open(self):
        return Form(self.env["fusion.billing.nexacloud.columns"]).save()

    def line(self, wizard, entity: str, ours: str | bool):
        return wizard.line_ids.filtered(lambda line: (line.entity, line.ours) == (entity, ours))

    def setting(self) -> str:
        return self.env["ir.config_parameter"].get_param(PARAMETER) or ""

    def test_a_renamed_column_is_shown_first_and_set_there(self):
        self.sql("ALTER TABLE plans RENAME price_cents TO price")
        self.seed_renamed()
        wizard = self.open()
        missing = wizard.line_ids.filtered(lambda line: line.state == "missing")
        self.assertEqual(wizard.line_ids[: len(missing)], missing)
        price = self.line(wizard, "plans", "price_cents")
        self.assertEqual((price.state, price.unused, price.needed), ("missing", "price", True))

        price.theirs = "price"
        action = wizard.action_save()

        self.assertEqual(action["res_model"], "fusion.billing.nexacloud.import")
        self.assertEqual(
            json.loads(self.setting()), {"plans": {"columns": {"price_cents": "price"}}}
        )
        self.assertEqual(self.run_import()["subscriptions"]["created"], 1)
        self.assertEqual(self.line(self.open(), "plans", "price_cents").state, "found")

    def seed_renamed(self) -> None:
        self.sql("INSERT INTO plans (id, code, name, interval, price, currency, created_at)"
                 " VALUES (1, 'pro', 'Pro', 'month', 2900, 'CAD', now())")  # fmt: skip
        self.add_user(1)
        self.add_subscription(101, user=1)

    def test_nothing_changed_is_nothing_set_and_a_name_put_back_is_forgotten(self):
        self.open().action_save()
        self.assertEqual(self.setting(), "")
        self.set_parameter(PARAMETER, '{"users": {"columns": {"phone": null}}}')
        wizard = self.open()
        phone = self.line(wizard, "users", "phone")
        self.assertEqual((phone.theirs, phone.state), (False, "none"))
        phone.theirs = "phone"
        wizard.action_save()
        self.assertEqual(self.setting(), "")

    def test_another_table_with_its_schema_is_set_too(self):
        wizard = self.open()
        self.line(wizard, "usage_counters", False).theirs = "metering.hourly"
        wizard.action_save()
        self.assertEqual(
            json.loads(self.setting()), {"usage_counters": {"table": "metering.hourly"}}
        )

    def test_columns_that_an_app_may_leave_out_stay_as_they_are(self):
        self.sql("ALTER TABLE subscriptions DROP coupon_code")
        wizard = self.open()
        self.assertEqual(self.line(wizard, "subscriptions", "coupon_code").state, "none")
        wizard.action_save()
        self.assertEqual(self.setting(), "")

    def test_a_table_that_is_not_there_is_one_line_and_not_one_a_column(self):
        self.sql("DROP TABLE IF EXISTS usage_counters")
        lines = self.open().line_ids.filtered(lambda line: line.entity == "usage_counters")
        self.assertEqual(lines[0].state, "missing")
        self.assertEqual(set(lines[1:].mapped("state")), {"unknown"})

    def test_what_cannot_be_is_refused_by_name_and_nothing_is_kept(self):
        for entity, ours, theirs, said in (
            ("plans", "price_cents", False, "plans.price_cents is needed"),
            ("users", "phone", "phone; DROP TABLE users", "is no column name"),
            ("users", False, "a.b.c", "is no table name"),
        ):
            wizard = self.open()
            self.line(wizard, entity, ours).theirs = theirs
            with self.assertRaisesRegex(UserError, said):
                wizard.action_save()
        self.assertEqual(self.setting(), "")

    def test_without_a_connection_it_can_still_be_set(self):
        self.set_parameter("fusion_billing.nexacloud_dsn", "")
        wizard = self.open()
        self.assertIn("nexacloud_dsn is empty", wizard.problem)
        self.assertEqual(set(wizard.line_ids.mapped("state")), {"unknown"})
        self.line(wizard, "users", "full_name").theirs = "display_name"
        wizard.action_save()
        self.assertIn("display_name", self.setting())

    def test_a_setting_that_is_no_json_is_told_and_replaced(self):
        self.set_parameter(PARAMETER, "{")
        wizard = self.open()
        self.assertIn("is not valid JSON", wizard.problem)
        wizard.action_save()
        self.assertEqual(self.setting(), "")

    def test_only_a_billing_manager_may(self):
        person = new_test_user(
            self.env, "columns-user", groups="fusion_centralize_billing.group_fusion_billing_user"
        )
        with self.assertRaises(AccessError):
            self.env["fusion.billing.nexacloud.columns"].with_user(person).create({})
