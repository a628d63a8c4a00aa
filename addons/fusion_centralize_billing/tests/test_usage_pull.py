"""Usage that Odoo reads from the app's own PostgreSQL database, while the service is in shadow."""

import os
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import psycopg2
from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from ..engine.bucket import Bucket
from ..engine.counter_item import CounterItem
from ..importers.nexacloud import NexaCloud
from ..pipeline import usage_pull
from .nexacloud_case import PASSWORD, NexacloudCase, uid

COUNTERS = """
DROP TABLE IF EXISTS usage_counters;
DROP SEQUENCE IF EXISTS usage_counters_revision_seq;
CREATE TABLE usage_counters (
    id bigserial PRIMARY KEY, subscription_id uuid, deployment_id uuid, metric text,
    hour timestamptz, quantity numeric(18, 6), UNIQUE (deployment_id, metric, hour));
"""
PILOT = Path(__file__).parents[3] / "pilot" / "nexacloud"
REVISION, ROLES = PILOT / "usage_revision.sql", PILOT / "roles_usage.sql"
ROLE = f"usage_reader_{os.getpid()}"


@tagged("post_install", "-at_install")
class TestUsagePull(NexacloudCase):
    def setUp(self) -> None:
        super().setUp()
        self.sql(COUNTERS, REVISION.read_text(encoding="utf-8"))
        self.seed()
        self.run_import()
        self.service.write({"usage_pull": True, "test_clock": "2026-03-20 12:00:00"})
        self.running: set[int] = set()
        real = NexaCloud.revisions

        def revisions(source: NexaCloud, entity: str) -> tuple[int, int, int]:
            """Without the transactions of this test itself and of others beside it."""
            latest, running, following = real(source, entity)
            self.assertLessEqual(running, min(self.running, default=following))
            return latest, min(self.running, default=following), following

        self.patch(NexaCloud, "revisions", revisions)

    def count(self, hour: int, quantity: str, deployment: int = 7, cursor=None) -> None:
        statement = (
            "INSERT INTO usage_counters (subscription_id, deployment_id, metric, hour, quantity)"
            " VALUES (%s, %s, 'bandwidth_gb', %s, %s) ON CONFLICT (deployment_id, metric, hour)"
            " DO UPDATE SET quantity = excluded.quantity"
        )
        values = (uid(101), uid(deployment), datetime(2026, 3, 2, hour, tzinfo=UTC), quantity)
        if cursor:
            cursor.execute(statement, values)
            return
        with self.app.cursor() as own:
            own.execute(statement, values)

    def transaction(self):
        """An open transaction of the app, with its number."""
        connection = psycopg2.connect(self.dsn())
        self.addCleanup(connection.close)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id()::text::bigint")
            self.running.update(*cursor.fetchall())
        return connection

    def end(self, connection) -> None:
        connection.commit()
        self.running.clear()

    def pull(self) -> None:
        self.assertFalse(self.env["fusion.billing.usage.pull"]._pull(self.service))

    def counted(self) -> dict[str, str]:
        """Each counter's value, exactly."""
        self.env.cr.execute(
            "SELECT bucket, labels, value::text FROM fusion_billing_usage_counter"
            " WHERE service_id = %s AND state = 'accepted'",
            [self.service.id],
        )
        return {
            bucket + labels[-4:-2]: str(Decimal(value).normalize())
            for bucket, labels, value in self.env.cr.fetchall()
        }

    def test_usage_flows_a_preview_rates_it_and_nothing_bills(self):
        self.count(5, "200.5")
        self.count(6, "149.5", deployment=8)
        self.pull()
        self.assertEqual(self.counted(), {"2026-03-02T05Z07": "200.5", "2026-03-02T06Z08": "149.5"})
        self.assertFalse(self.service.usage_pull_error)
        self.assertEqual((self.service.usage_pull_count, self.service.usage_pull_revision), (2, 2))
        preview = self.env["fusion.billing.preview"]._preview(self.order(), date(2026, 4, 1))
        # 29.00 ahead for April, and 350 GB of which 250 are included, at 0.08
        self.assertEqual(preview.untaxed, Decimal("37.00"))
        self.assertEqual((self.service.mode, self.order().state), ("shadow", "draft"))
        moves = self.env["account.move"].search_count([("x_fc_service_id", "=", self.service.id)])
        self.assertEqual(moves, 0)

    def test_a_correction_of_an_old_hour_replaces_it_and_nothing_is_read_twice(self):
        self.count(5, "1")
        self.count(6, "2")
        self.pull()
        self.count(5, "0.25")
        self.pull()
        self.pull()
        self.assertEqual(self.counted(), {"2026-03-02T05Z07": "0.25", "2026-03-02T06Z07": "2"})
        self.assertEqual(self.service.usage_pull_count, 3)

    def test_a_row_of_a_transaction_that_commits_late_is_waited_for(self):
        late = self.transaction()
        with late.cursor() as cursor:
            self.count(5, "1", cursor=cursor)
        self.count(6, "2")
        self.pull()
        self.assertEqual((self.counted(), self.service.usage_pull_error), ({}, False))
        self.pull()
        self.assertIn("runs since before the last pull", self.service.usage_pull_error)
        self.end(late)
        self.pull()
        self.assertEqual(self.counted(), {"2026-03-02T05Z07": "1", "2026-03-02T06Z07": "2"})
        self.assertFalse(self.service.usage_pull_error)

    def test_what_was_pushed_counts_once_and_a_newer_push_stays(self):
        self.count(5, "1")
        self.count(6, "2")
        self.pull()
        newer = self.env["fusion.billing.usage.counter"].search(
            [("service_id", "=", self.service.id), ("bucket", "=", "2026-03-02T06Z")]
        )
        self.push(newer, "9", 50)
        self.service.write({"usage_pull_revision": 0, "usage_pull_mark": 0})
        self.count(6, "3")
        self.pull()
        self.assertEqual(self.counted(), {"2026-03-02T05Z07": "1", "2026-03-02T06Z07": "9"})
        self.assertFalse(self.service.usage_pull_error)

    def push(self, counter, value: str, sequence: int) -> None:
        """As the agent does it."""
        item = CounterItem(
            counter.external_subscription_id,
            counter.code,
            Bucket.parse(counter.bucket),
            Decimal(value),
            sequence,
            counter.properties,
        )
        [answer] = self.env["fusion.billing.counter"]._set(self.service, [item])
        self.assertEqual(answer.status, "accepted")

    def test_a_row_that_cannot_be_used_is_told_until_it_is_mended_and_the_others_count(self):
        self.count(5, "NaN")
        self.count(6, "2")
        self.pull()
        self.pull()
        self.assertEqual(self.counted(), {"2026-03-02T06Z07": "2"})
        self.assertEqual(
            self.service.usage_pull_error,
            "revision 1: quantity is NaN, expected an amount of 0 or more",
        )
        self.assertEqual(self.service.usage_pull_count, 1)
        self.count(5, "7")
        self.pull()
        self.assertEqual(self.counted(), {"2026-03-02T05Z07": "7", "2026-03-02T06Z07": "2"})
        self.assertFalse(self.service.usage_pull_error)
        self.assertEqual(self.service.usage_pull_count, 2)

    def test_more_rows_than_a_page_are_read_to_the_last(self):
        self.patch(usage_pull, "BATCH", 2)
        self.patch(usage_pull, "BATCHES_A_PULL", 2)
        for hour in range(7):
            self.count(hour, str(hour + 1))
        self.assertTrue(self.env["fusion.billing.usage.pull"]._pull(self.service))
        self.assertEqual(len(self.counted()), 4)
        self.pull()
        self.assertEqual(len(self.counted()), 7)

    def test_an_app_that_never_stops_writing_is_read_with_each_pull(self):
        for hour in range(3, 7):
            self.count(hour, "1")
            other = self.transaction()  # each pull meets another one
            self.pull()
            self.end(other)
            self.assertEqual(len(self.counted()), hour - 3)
            self.assertFalse(self.service.usage_pull_error)

    def test_a_table_without_a_revision_is_told_on_the_service(self):
        self.sql("ALTER TABLE usage_counters RENAME revision TO version")
        self.pull()
        self.assertIn("has no column revision", self.service.usage_pull_error)
        self.set_parameter(
            "fusion_billing.nexacloud_mapping",
            '{"usage_counters": {"columns": {"revision": "version"}}}',
        )
        self.service.action_pull_usage()
        self.assertFalse(self.service.usage_pull_error)

    def test_the_read_only_role_needs_its_grant_and_is_told_so(self):
        self.sql(f"DROP ROLE IF EXISTS {ROLE}", f"CREATE ROLE {ROLE} LOGIN PASSWORD '{PASSWORD}'")
        self.addCleanup(self.sql, f"DROP OWNED BY {ROLE}", f"DROP ROLE {ROLE}")
        self.set_parameter("fusion_billing.nexacloud_dsn", self.dsn(user=ROLE, password=PASSWORD))
        self.count(5, "1")
        self.pull()
        self.assertIn("usage_counters", self.service.usage_pull_error)
        self.assertEqual(self.counted(), {})
        grant = ROLES.read_text(encoding="utf-8").replace("odoo_billing_ro", ROLE)
        self.sql(grant)
        self.pull()
        self.assertFalse(self.service.usage_pull_error)
        self.assertEqual(self.counted(), {"2026-03-02T05Z07": "1"})

    def test_a_restored_database_is_noticed_before_anything_is_missed(self):
        self.count(5, "1")
        self.count(6, "1")
        self.pull()
        self.sql("DELETE FROM usage_counters WHERE revision = 2")
        self.pull()
        self.assertIn("newest revision in the app is 1, but 2", self.service.usage_pull_error)

    def test_a_problem_that_lasts_an_hour_is_told_once_to_the_responsible_person(self):
        person = new_test_user(self.env, "pull-person", groups="base.group_user")
        self.service.responsible_id = person
        self.sql("DROP TABLE usage_counters")
        told = lambda: self.service.message_ids.filtered(  # noqa: E731
            lambda message: person.partner_id in message.partner_ids
        )
        for minutes, count in ((0, 0), (15, 0), (60, 1), (75, 1), (200, 1)):
            with freeze_time(datetime(2026, 3, 20, 12) + timedelta(minutes=minutes)):
                self.pull()
            self.assertEqual(len(told()), count, minutes)
        self.assertIn("since 2026-03-20 12:00:00 UTC", str(told().body))

    def test_the_schedule_pulls_what_is_switched_on_and_no_more(self):
        other = self.env["fusion.billing.service"].create({"name": "Other", "code": "other"})
        self.count(5, "1")
        left = []
        self.patch(
            self.registry["ir.cron"],
            "_commit_progress",
            lambda _cron, _done, remaining: left.append(remaining),
        )
        self.env["fusion.billing.usage.pull"]._cron_pull()
        self.assertEqual(left, [0])
        self.assertEqual(len(self.counted()), 1)
        self.assertTrue(self.service.usage_pull_at)
        self.assertFalse(other.usage_pull_at)

    def test_only_a_manager_pulls_by_hand(self):
        person = new_test_user(
            self.env, "pull-user", groups="fusion_centralize_billing.group_fusion_billing_user"
        )
        with self.assertRaises(AccessError):
            self.service.with_user(person).action_pull_usage()
        self.assertFalse(self.service.usage_pull_at)
