"""The ledger by month: partitions made and dropped, and nothing lost or counted twice by it."""

from datetime import date, datetime

from odoo.tests import tagged

from ..models import ledger_table
from ..pipeline import ledger as ledger_stage
from .usage_case import UsageCase

APRIL = date(2026, 4, 1)
BILLED = datetime(2026, 3, 10, 12)
JULY = date(2026, 7, 15)


@tagged("post_install", "-at_install", "fc_ingest")
class TestIngestLedger(UsageCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.order = cls.make_order("sub-1")
        cls.stage = cls.env["fusion.billing.ledger"]
        cls.events = cls.env["fusion.billing.usage.event"]

    def setUp(self) -> None:
        super().setUp()
        self.patch(ledger_stage, "WORTH_A_PARTITION", 2)

    def where(self) -> dict[str, str]:
        """``{transaction id: table}`` of the service's events."""
        self.env.cr.execute(
            "SELECT transaction_id, tableoid::regclass::text FROM fusion_billing_usage_event "
            "WHERE service_id = %s",
            (self.service.id,),
        )
        found = self.env.cr.fetchall()
        return {name: table.removeprefix(ledger_table.LEDGER) for name, table in found}

    def keep(self, months: int) -> None:
        self.env["ir.config_parameter"].set_param(ledger_stage.RETENTION, months)

    def retire(self, today: date = JULY) -> None:
        """What the cron does, one day."""
        self.stage._add_months(today)
        self.stage._drop_months(today)
        self.stage._empty_gone()
        self.events.invalidate_model()

    def check(self) -> None:
        self.assertEqual(self.env["fusion.billing.invariants"]._check(self.service), [])

    def test_the_table_is_partitioned_and_its_months_are_ahead(self) -> None:
        self.stage._add_months(JULY)
        months = ledger_table.months(self.env.cr)
        self.assertLessEqual(
            {date(2026, 7, 1), date(2026, 8, 1), date(2026, 9, 1), date(2026, 10, 1)}, set(months)
        )
        self.push(self.item("a", at=datetime(2026, 7, 31, 23, 59, 59)))
        self.push(self.item("b", at=datetime(2026, 8, 1)))
        self.assertEqual(self.where(), {"a": "_2026_07", "b": "_2026_08"})

    def test_a_month_without_partition_goes_to_the_rest_and_moves_when_it_is_worth_it(self) -> None:
        self.push(self.item("a", 1, at=BILLED), self.item("b", 2, at=BILLED))
        self.push(self.item("c", 3, at=datetime(2026, 5, 1)))
        self.assertEqual(set(self.where().values()), {"_rest"})
        ids = self.events.search([]).ids
        self.stage._add_months(JULY)
        self.assertEqual(self.where(), {"a": "_2026_03", "b": "_2026_03", "c": "_rest"})
        self.assertEqual(self.events.search([]).ids, ids)
        self.assertEqual(self.statuses(self.item("a", 1, at=BILLED)), ["duplicate"])
        self.check()

    def test_one_id_in_two_months_is_one_event(self) -> None:
        self.stage._add_months(JULY)
        self.push(self.item("a", at=datetime(2026, 7, 1, 12)))
        self.assertEqual(self.statuses(self.item("a", at=datetime(2026, 8, 1, 12))), ["conflict"])

    def test_an_event_is_found_by_its_id_and_by_its_transaction(self) -> None:
        self.stage._add_months(JULY)
        self.push(self.item("a", at=datetime(2026, 7, 1)), self.item("b", at=datetime(2026, 8, 1)))
        found = self.events.search([("transaction_id", "=", "b")])
        self.assertEqual(self.events.browse(found.id).occurred_at, datetime(2026, 8, 1))
        self.assertEqual(self.events.search_count([("service_id", "=", self.service.id)]), 2)
        groups = self.events._read_group([], ["occurred_at:month"], ["__count"])
        self.assertEqual([count for _month, count in groups], [1, 1])

    def test_nothing_is_dropped_without_a_retention(self) -> None:
        self.push(self.item("a", 1, at=BILLED), self.item("b", 2, at=BILLED))
        self.run_billing(date(2026, 7, 1))
        self.retire()
        self.assertEqual(len(self.where()), 2)

    def test_a_billed_month_beyond_retention_goes_and_its_rollups_stay(self) -> None:
        self.push(self.item("a", 1200, at=BILLED), self.item("b", 2, at=BILLED))
        self.run_billing(date(2026, 7, 1))
        self.keep(3)
        self.retire()
        self.assertEqual(self.where(), {})
        self.assertNotIn(date(2026, 3, 1), ledger_table.months(self.env.cr))
        self.assertEqual(self.total(self.order), 1202)
        self.check()

    def test_what_was_dropped_is_still_known_when_it_comes_again(self) -> None:
        first = self.item("a", 1200, at=BILLED)
        (counted,) = self.push(first)
        self.push(self.item("b", 2, at=BILLED))
        self.run_billing(date(2026, 7, 1))
        self.keep(3)
        self.retire()
        (again,) = self.push(first)
        self.assertEqual((again.status, again.event_id), ("duplicate", counted.event_id))
        self.assertEqual(self.statuses(self.item("a", 1201, at=BILLED)), ["conflict"])
        self.assertEqual(self.total(self.order), 1202)

    def test_usage_that_is_not_billed_keeps_its_month(self) -> None:
        self.push(self.item("a", 1, at=BILLED), self.item("b", 2, at=BILLED))
        self.keep(3)
        self.retire()
        self.assertEqual(set(self.where().values()), {"_2026_03"})
        self.run_billing(date(2026, 7, 1))
        self.push(self.item("late", 1, at=BILLED))
        self.retire()
        self.assertEqual(len(self.where()), 3)

    def test_parked_events_outlive_their_month_and_count_when_their_time_comes(self) -> None:
        self.push(
            self.item("a", 1, at=BILLED),
            self.item("b", 2, at=BILLED, code="tb"),
        )
        self.run_billing(date(2026, 7, 1))
        self.keep(3)
        self.retire()
        self.assertEqual(self.where(), {"b": "_rest"})
        metric = self.make_metric("tb")
        self.assertEqual(self.total(self.order, metric), 2)
        self.check()

    def test_late_usage_of_a_dropped_month_is_counted_and_goes_once_it_is_billed(self) -> None:
        self.push(self.item("a", 1200, at=BILLED), self.item("b", 2, at=BILLED))
        self.run_billing(date(2026, 7, 1))
        self.keep(3)
        self.retire()
        self.push(self.item("late", 10, at=BILLED))
        self.retire()
        self.assertEqual((self.where(), self.total(self.order)), ({"late": "_rest"}, 1212))
        self.assertEqual(self.env["fusion.billing.ingest"]._refold(self.metric), 0)
        self.run_billing(date(2026, 8, 1))
        self.retire()
        self.assertEqual((self.where(), self.total(self.order)), ({}, 1212))
        self.check()

    def test_a_service_with_usage_is_not_deleted(self) -> None:
        other = self.make_service("other")
        self.push(self.item("a"), service=other)
        with self.assertRaisesRegex(Exception, "received usage"):
            other.unlink()

    def test_parked_events_forget_a_metric_that_is_deleted(self) -> None:
        metric = self.make_metric("tb")
        self.push(self.item("a", None, code="tb"))
        metric.unlink()
        event = self.events.search([("transaction_id", "=", "a")])
        self.assertEqual((event.metric_id.id, event.park_reason), (False, "unknown_metric"))

    def test_the_settings_say_how_long_usage_is_kept(self) -> None:
        settings = self.env["res.config.settings"]
        self.assertEqual(
            [settings.create({})[name] for name in ("x_fc_ledger_months", "x_fc_push_log_days")],
            [0, 90],
        )
        settings.create({"x_fc_ledger_months": 24, "x_fc_push_log_days": 0}).execute()
        parameters = self.env["ir.config_parameter"]
        self.assertEqual(parameters.get_param(ledger_stage.RETENTION), "24")
        self.assertEqual(settings.create({}).x_fc_ledger_months, 24)
        self.assertEqual(settings.create({}).x_fc_push_log_days, 0)
