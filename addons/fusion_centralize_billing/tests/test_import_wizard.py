"""The screen: what an operator sees after a test, a rehearsal and a run."""

from odoo.exceptions import AccessError
from odoo.tests import Form, new_test_user, tagged

from .nexacloud_case import NexacloudCase, uid


@tagged("post_install", "-at_install")
class TestImportWizard(NexacloudCase):
    def open(self):
        form = Form(self.env["fusion.billing.nexacloud.import"])
        form.service_id = self.service
        return form.save()

    def test_a_dry_run_shows_a_count_per_object_and_says_nothing_was_written(self):
        self.seed()
        wizard = self.open()

        action = wizard.action_dry_run()

        self.assertEqual(action["res_id"], wizard.id)
        self.assertIn("Nothing was written", wizard.headline)
        self.assertIn("read-only: on", wizard.session)
        customers = wizard.count_ids.filtered(lambda count: count.object == "customers")
        self.assertRecordValues(customers, [{"rows": 1, "created": 1, "failed": 0}])
        self.assertFalse(self.order())

    def test_a_run_replaces_the_figures_of_the_rehearsal(self):
        self.seed()
        wizard = self.open()
        wizard.action_dry_run()

        wizard.action_run()

        self.assertEqual(len(wizard.count_ids), 6)
        self.assertEqual(wizard.mode, "run")
        self.assertEqual(self.order().state, "draft")

    def test_failures_make_the_banner_red_and_come_first(self):
        self.seed()
        self.add_user(2, province=None)
        self.add_subscription(102, user=1, status="frozen")
        wizard = self.open()

        wizard.action_run()

        self.assertEqual(wizard.severity, "danger")
        self.assertEqual(wizard.headline, "1 rows failed; the list says why.")
        self.assertEqual(wizard.line_ids[0].external_id, uid(102))
        self.assertEqual(wizard.line_ids[1].external_id, uid(2))
        self.assertIn("no province", wizard.line_ids[1].reason)

    def test_a_doubt_makes_the_banner_amber(self):
        self.seed()
        self.add_user(2, province=None)
        wizard = self.open()

        wizard.action_run()

        self.assertEqual(wizard.severity, "warning")

    def test_a_schema_problem_imports_nothing_and_names_it(self):
        self.sql("ALTER TABLE plans RENAME price_cents TO price")
        wizard = self.open()

        wizard.action_run()

        self.assertEqual(wizard.headline, "Nothing was imported.")
        self.assertIn("Table plans has no column price_cents", wizard.message)
        self.assertFalse(wizard.count_ids)

    def test_the_screen_says_when_no_connection_is_set(self):
        self.set_parameter("fusion_billing.nexacloud_dsn", "")

        self.assertIs(self.open().connection_set, False)

    def test_only_a_billing_administrator_opens_it(self):
        reader = new_test_user(
            self.env, "reader", "fusion_centralize_billing.group_fusion_billing_user"
        )

        with self.assertRaises(AccessError):
            self.env["fusion.billing.nexacloud.import"].with_user(reader).create(
                {"service_id": self.service.id}
            )
