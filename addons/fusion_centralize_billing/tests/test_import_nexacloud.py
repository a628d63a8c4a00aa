"""The whole import: what it creates, that it repeats, that a rehearsal writes nothing."""

from datetime import UTC, date, datetime

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from ..importers.errors import SourceError
from ..importers.nexacloud import NexaCloud
from ..pipeline.import_report import OBJECTS
from .nexacloud_case import NexacloudCase, uid

TOUCHED = (
    "fusion.billing.metric", "fusion.billing.charge", "fusion.billing.charge.tier",
    "fusion.billing.account.link", "fusion.billing.webhook", "sale.subscription.plan",
    "product.product", "product.template", "product.pricelist", "product.pricelist.item",
    "res.partner", "sale.order", "sale.order.line", "mail.message", "mail.mail",
    "mail.followers", "mail.activity", "ir.cron.trigger",
)  # fmt: skip


@tagged("post_install", "-at_install")
class TestImportNexacloud(NexacloudCase):
    def counts(self) -> dict[str, int]:
        models = ((name, self.env[name].with_context(active_test=False)) for name in TOUCHED)
        return {name: model.sudo().search_count([]) for name, model in models}

    def assert_outcomes(self, report: dict, **expected: dict[str, int]) -> None:
        for name in OBJECTS:
            found = {outcome: count for outcome, count in report[name].items() if count}
            self.assertEqual(found, expected.get(name, {}), name)

    def test_a_run_creates_everything_in_shadow(self):
        self.seed()

        report = self.run_import()

        self.assert_outcomes(
            report,
            metrics={"created": 3},
            plans={"created": 1},
            charges={"created": 3},
            customers={"created": 1},
            subscriptions={"created": 1},
        )
        order = self.order()
        self.assertRecordValues(
            order,
            [
                {
                    "state": "draft",
                    "subscription_state": "1_draft",
                    "partner_id": self.link().partner_id.id,
                    "start_date": date(2025, 10, 1),
                    "next_invoice_date": False,
                    "amount_untaxed": 29.0,
                    "x_fc_tz": "America/Toronto",
                    "x_fc_billing_time": "anniversary",
                    "x_fc_import_status": "active",
                    "x_fc_started_at": datetime(2025, 10, 1, 15),
                    "x_fc_current_period_start": date(2026, 3, 1),
                    "x_fc_current_period_end": date(2026, 4, 1),
                }
            ],
        )
        self.assertEqual(order.currency_id.name, "CAD")
        self.assertEqual(order.plan_id.x_fc_code, "pro")

    def test_a_second_run_creates_and_updates_nothing(self):
        self.seed()
        self.add_user(2, email="ANN@example.ca", full_name="Ann again")
        self.add_user(3, province=None)
        self.run_import()
        before = self.counts()

        report = self.run_import()

        for name in OBJECTS:
            self.assertEqual((report[name]["created"], report[name]["updated"]), (0, 0), name)
        self.assertEqual(report["customers"]["unchanged"], 3)
        self.assertEqual(self.counts(), before)

    def test_a_dry_run_tells_the_same_and_writes_nothing_at_all(self):
        self.seed()
        self.add_user(3, province=None)
        before = self.counts()

        rehearsal = self.run_import("dry_run")
        after = self.counts()
        run = self.run_import("run")

        self.assertEqual(after, before)
        self.assertEqual(rehearsal | {"mode": "run", "run_id": run["run_id"]}, run)
        self.assertEqual(rehearsal["subscriptions"]["created"], 1)

    def test_a_source_that_breaks_off_leaves_nothing(self):
        self.seed()
        before = self.counts()

        def break_off(source, entity):
            if entity == "subscriptions":
                raise SourceError("The line is dead.")
            return real(source, entity)

        real = NexaCloud.rows
        self.patch(NexaCloud, "rows", break_off)
        report = self.run_import()

        self.assertEqual(report["problems"], ["The line is dead."])
        self.assertEqual(self.counts(), before)

    def test_one_bad_row_stops_no_other(self):
        self.seed()
        self.add_plan(2, "weekly", interval="week")
        self.add_subscription(102, user=1, plan=2)
        self.add_subscription(103, user=1, current_period_end=date(2026, 3, 20))

        report = self.run_import()

        self.assertFalse(report["ok"])
        self.assertEqual(report["plans"]["failed"], 1)
        self.assertEqual(report["subscriptions"]["failed"], 2)
        self.assertEqual(report["subscriptions"]["created"], 1)
        self.assertIn("“week” is neither month nor year", self.reasons(report, "weekly"))
        self.assertIn("Its plan 2 was not imported", self.reasons(report, uid(102)))
        self.assertIn("is not one 1 month long", self.reasons(report, uid(103)))

    def test_a_timezone_nobody_knows_is_one_row_s_failure(self):
        self.seed()
        self.add_user(2, timezone="Eastern Time (US & Canada)")
        self.add_subscription(102, user=2)

        report = self.run_import()

        self.assertTrue(self.order(101))
        self.assertFalse(self.order(102))
        reason = self.reasons(report, uid(102))
        self.assertIn("no timezone “Eastern Time (US & Canada)” (timezone)", reason)

    def test_periods_as_instants_are_failures_that_say_so(self):
        self.sql("ALTER TABLE subscriptions ALTER current_period_end TYPE timestamptz")
        self.seed()

        report = self.run_import()

        reason = self.reasons(report, uid(101))
        self.assertIn("instants where days are expected", reason)
        self.assertEqual(report["customers"]["created"], 1)

    def test_a_row_the_database_refuses_stops_no_other(self):
        self.seed()
        self.add_user(2, email="bob@example.ca")
        self.run_import()
        self.link(2).unlink()
        # A trigger of somebody else's: it refuses one partner in the middle of a batch.
        self.env.cr.execute(
            "ALTER TABLE res_partner ADD CONSTRAINT no_carl CHECK (email <> 'carl@example.ca')"
        )
        self.add_user(4, email="carl@example.ca")
        self.add_user(5, email="dora@example.ca")

        with self.assertLogs("odoo.sql_db", level="ERROR"):
            report = self.run_import()

        self.assertEqual(report["customers"]["failed"], 1)
        self.assertIn("no_carl", self.reasons(report, uid(4)))
        self.assertEqual(self.link(5).partner_id.email, "dora@example.ca")

    def test_a_trial_is_due_for_the_first_time_when_it_ends(self):
        self.seed()
        self.add_subscription(
            102, user=1, status="trialing", trial_ends_at=datetime(2026, 3, 10, 4, tzinfo=UTC)
        )

        self.run_import()

        order = self.order(102)
        self.assertEqual(order.x_fc_import_status, "trialing")
        self.assertEqual(order.x_fc_current_period_start, date(2026, 3, 10))
        self.assertEqual(order.x_fc_current_period_end, date(2026, 3, 10))

    def test_cancelled_is_skipped_with_its_reason_and_past_due_is_imported(self):
        self.seed()
        self.add_subscription(102, user=1, status="cancelled")
        self.add_subscription(103, user=1, status="past_due")

        report = self.run_import()

        self.assertFalse(self.order(102))
        self.assertIn("Cancelled in the app", self.reasons(report, uid(102)))
        self.assertEqual(self.order(103).x_fc_import_status, "past_due")

    def test_deployments_are_seen_on_their_subscription_and_add_no_line_to_it(self):
        self.seed()
        self.add_subscription(102, user=1, status="cancelled")
        self.insert("deployments", {"id": uid(201), "subscription_id": uid(101), "name": "api"})
        self.insert("deployments", {"id": uid(202), "subscription_id": uid(102), "name": "old"})

        report = self.run_import()
        self.sql("UPDATE deployments SET region = 'ca-east'")
        again = self.run_import()

        figures = (report["deployments"]["created"], again["deployments"]["updated"])
        self.assertEqual(figures, (1, 1))
        self.assertIn("1 deployments of subscriptions", self.reasons(report, ""))
        deployment = self.order().x_fc_deployment_ids
        self.assertRecordValues(deployment, [{"name": "api", "region": "ca-east"}])
        self.assertEqual(len(self.order().order_line), 1)

    def test_what_changed_in_the_app_is_taken_over_while_the_order_is_a_draft(self):
        self.seed()
        self.add_plan(2, "max", price_cents=9900)
        self.run_import()
        self.sql(
            "UPDATE users SET city = 'Ottawa'",
            "UPDATE subscriptions SET plan_id = 2, current_period_start = '2026-04-01',"
            " current_period_end = '2026-05-01'",
        )

        report = self.run_import()

        self.assertEqual(report["customers"]["updated"], 1)
        self.assertEqual(report["subscriptions"]["updated"], 1)
        self.assertEqual(self.link().partner_id.city, "Ottawa")
        order = self.order()
        self.assertEqual((order.plan_id.x_fc_code, order.amount_untaxed), ("max", 99.0))
        self.assertEqual(order.start_date, date(2025, 10, 1))

    def test_a_subscription_cancelled_after_the_import_cancels_its_draft(self):
        self.seed()
        self.run_import()
        self.sql("UPDATE subscriptions SET status = 'cancelled', cancelled_at = '2026-03-05'")

        first, second = self.run_import(), self.run_import()

        self.assertEqual(self.order().state, "cancel")
        self.assertEqual(first["subscriptions"]["updated"], 1)
        self.assertEqual(second["subscriptions"]["skipped"], 1)

    def test_nobody_but_a_billing_administrator_imports(self):
        self.seed()
        reader = new_test_user(
            self.env, "reader", "fusion_centralize_billing.group_fusion_billing_user"
        )
        manager = new_test_user(
            self.env, "manager", "fusion_centralize_billing.group_fusion_billing_manager"
        )

        with self.assertRaises(AccessError):
            self.service.with_user(reader).import_nexacloud("run")
        report = self.service.with_user(manager).import_nexacloud("run")
        self.assertEqual(report["subscriptions"]["created"], 1)

    def test_an_unknown_mode_is_refused(self):
        with self.assertRaisesRegex(ValueError, "'everything' is none of"):
            self.run_import("everything")
