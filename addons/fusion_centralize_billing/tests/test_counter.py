"""Counters: set as often as one likes, counted once, in any order."""

from datetime import date
from decimal import Decimal

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..engine.bucket import Bucket
from ..engine.counter_item import CounterItem
from .usage_case import UsageCase


@tagged("post_install", "-at_install")
class TestCounter(UsageCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.order = cls.make_order("sub-1")

    def item(self, value, sequence=1, bucket="2026-03-10", sub="sub-1", code="gb", **properties):
        return CounterItem(
            sub, code, Bucket.parse(bucket), Decimal(str(value)), sequence, properties or None
        )

    def set(self, *items, service=None):
        return self.env["fusion.billing.counter"]._set(service or self.service, items)

    def said(self, *items) -> list[str]:
        return [answer.status for answer in self.set(*items)]

    def used(self, order=None) -> Decimal:
        usage = self.env["fusion.billing.rate"]._usage(
            order or self.order, date(2026, 3, 1), date(2026, 4, 1)
        )
        return usage[self.metric].quantity if self.metric in usage else Decimal(0)

    def test_a_newer_push_replaces_what_the_bucket_held(self) -> None:
        self.assertEqual(self.said(self.item("10.5")), ["accepted"])
        [answer] = self.set(self.item("12.25", 2))
        self.assertEqual((answer.status, answer.previous), ("accepted", Decimal("10.5")))
        self.assertEqual(self.used(), Decimal("12.25"))
        counter = self.env["fusion.billing.usage.counter"].browse(answer.counter_id)
        self.assertEqual(counter.push_ids.mapped("value"), [12.25, 10.5])

    def test_the_same_push_again_changes_nothing(self) -> None:
        self.set(self.item(10), self.item(5, bucket="2026-03-11"))
        self.assertEqual(
            self.said(self.item("10.0"), self.item(5, bucket="2026-03-11")), ["duplicate"] * 2
        )
        self.assertEqual(self.used(), 15)

    def test_a_sequence_never_goes_backwards(self) -> None:
        self.set(self.item(10, 5))
        [answer] = self.set(self.item(7, 4))
        self.assertEqual((answer.status, answer.held_sequence), ("stale", 5))
        self.assertEqual(self.used(), 10)

    def test_a_late_copy_of_an_older_push_is_a_duplicate_and_undoes_nothing(self) -> None:
        self.set(self.item(10, 5))
        self.set(self.item(20, 6))
        self.assertEqual(self.said(self.item(10, 5)), ["duplicate"])
        self.assertEqual(self.used(), 20)

    def test_a_sequence_that_comes_with_another_value_is_a_conflict(self) -> None:
        self.set(self.item(10, 5))
        self.assertEqual(self.said(self.item(11, 5)), ["conflict"])
        self.assertEqual(self.used(), 10)

    def test_one_refused_counter_refuses_its_whole_batch(self) -> None:
        self.set(self.item(10, 5))
        fresh = self.item(3, bucket="2026-03-12")
        self.assertEqual(self.said(fresh, self.item(9, 4)), ["accepted", "stale"])
        self.assertEqual(self.used(), 10)

    def test_a_batch_may_set_one_counter_twice_and_the_last_counts(self) -> None:
        self.assertEqual(self.said(self.item(1, 1), self.item(2, 2)), ["accepted"] * 2)
        self.assertEqual(self.used(), 2)

    def test_hours_add_up_to_their_day_and_the_month_is_a_bucket_of_its_own(self) -> None:
        self.set(self.item(1, bucket="2026-03-10T00"), self.item(2, bucket="2026-03-10T23"))
        self.assertEqual(set(self.rollup(self.order)), {date(2026, 3, 10)})
        self.set(self.item(2.5, 2, bucket="2026-03-10T23"), self.item(100, bucket="2026-03"))
        self.assertEqual(
            {day: row["total"] for day, row in self.rollup(self.order).items()},
            {date(2026, 3, 1): 100, date(2026, 3, 10): Decimal("3.5")},
        )

    def test_an_hour_in_utc_counts_on_the_local_day_it_begins_on(self) -> None:
        island = self.make_order("island", x_fc_tz="America/St_Johns")
        for hour in ("2026-04-01T01Z", "2026-04-01T02Z", "2026-04-01T03Z"):
            self.set(self.item(1, bucket=hour, sub="island"), self.item(1, bucket=hour))
        # Newfoundland: 02:00 UTC is 23:30 of 31 March; Toronto: 03:00 UTC is 23:00.
        days = {day: row["count"] for day, row in self.rollup(island).items()}
        self.assertEqual(days, {date(2026, 3, 31): 2, date(2026, 4, 1): 1})
        self.assertEqual(set(self.rollup(self.order)), {date(2026, 3, 31)})
        [rows] = self.rollup(self.order).values()
        self.assertEqual((rows["count"], rows["total"]), (3, 3))

    def test_the_hour_that_comes_twice_when_clocks_go_back_is_two_hours_in_utc(self) -> None:
        order = self.make_order("autumn", start_date=date(2026, 11, 1))
        said = self.said(
            self.item(1, bucket="2026-11-01T05Z", sub="autumn"),
            self.item(2, bucket="2026-11-01T06:00Z", sub="autumn"),
        )
        self.assertEqual(said, ["accepted", "accepted"])
        [row] = self.rollup(order).values()
        self.assertEqual((row["total"], row["last"], row["count"]), (3, 2, 2))

    def test_a_parked_hour_in_utc_finds_its_local_day_once_the_subscription_is_known(self) -> None:
        [answer] = self.set(self.item(1, bucket="2026-04-01T02Z", sub="late"))
        self.assertEqual(answer.reason, "unknown_subscription")
        late = self.make_order("late", x_fc_tz="America/St_Johns")
        self.env["fusion.billing.ingest"]._reexamine(self.service)
        self.assertEqual(set(self.rollup(late)), {date(2026, 3, 31)})
        counter = self.env["fusion.billing.usage.counter"].browse(answer.counter_id)
        self.assertEqual((counter.first_day, counter.day), (date(2026, 3, 31),) * 2)

    def test_events_and_counters_of_one_day_add_up(self) -> None:
        self.push(UsageCase.item("t-1", 4))
        self.set(self.item(10))
        self.set(self.item(11, 2))
        self.assertEqual(self.used(), 15)

    def test_counters_of_different_properties_are_different_counters(self) -> None:
        self.set(self.item(10, region="eu"), self.item(4, region="us"))
        self.assertEqual(self.said(self.item(12, 2, region="eu")), ["accepted"])
        self.assertEqual(self.used(), 16)

    def test_the_split_properties_of_the_metric_tell_rollups_apart(self) -> None:
        self.metric.split_keys = ["region"]
        self.set(self.item(10, region="eu", host="a"), self.item(4, region="us", host="b"))
        self.set(self.item(1, region="eu", host="c"))
        self.env.cr.execute(
            "SELECT split, total::text FROM fusion_billing_usage WHERE subscription_id = %s"
            " ORDER BY split",
            (self.order.id,),
        )
        self.assertEqual(
            self.env.cr.fetchall(), [('{"region":"eu"}', "11"), ('{"region":"us"}', "4")]
        )

    def test_properties_that_become_split_later_move_what_was_counted(self) -> None:
        self.set(self.item(10, region="eu"), self.item(4, region="us"))
        self.metric.split_keys = ["region"]
        self.env.cr.execute(
            "SELECT split, total::text FROM fusion_billing_usage WHERE subscription_id = %s"
            " AND count > 0 ORDER BY split",
            (self.order.id,),
        )
        self.assertEqual(
            self.env.cr.fetchall(), [('{"region":"eu"}', "10"), ('{"region":"us"}', "4")]
        )
        self.assertEqual(self.used(), 14)
        self.assertEqual(self.env["fusion.billing.invariants"]._check(self.service), [])

    def test_a_highest_value_metric_takes_the_highest_bucket_as_it_stands(self) -> None:
        peak = self.make_metric("peak", aggregation="max")
        self.set(self.item(9, code="peak", bucket="2026-03-10T01"))
        self.set(self.item(7, code="peak", bucket="2026-03-10T02"))
        self.set(self.item(5, 2, code="peak", bucket="2026-03-10T01"))
        usage = self.env["fusion.billing.rate"]._usage(
            self.order, date(2026, 3, 1), date(2026, 4, 1)
        )
        self.assertEqual(usage[peak].quantity, 7)

    def test_a_counter_of_a_counting_metric_is_that_many_events(self) -> None:
        calls = self.make_metric("calls", aggregation="count", field_name=False)
        self.set(self.item(250, code="calls"))
        usage = self.env["fusion.billing.rate"]._usage(
            self.order, date(2026, 3, 1), date(2026, 4, 1)
        )
        self.assertEqual(usage[calls].quantity, 250)
        self.assertEqual(self.set(self.item("1.5", 2, code="calls"))[0].reason, "invalid_value")

    def test_distinct_values_cannot_be_pushed_as_a_counter(self) -> None:
        self.make_metric("users", aggregation="unique")
        [answer] = self.set(self.item(3, code="users"))
        self.assertEqual((answer.status, answer.reason), ("parked", "metric_takes_events_only"))

    def test_what_nobody_knows_yet_is_parked_and_counts_once_it_is_known(self) -> None:
        reasons = [a.reason for a in self.set(self.item(5, sub="later"), self.item(6, code="new"))]
        self.assertEqual(reasons, ["unknown_subscription", "unknown_metric"])
        self.assertEqual(self.used(), 0)
        later = self.make_order("later")
        self.env["fusion.billing.ingest"]._reexamine(self.service)
        self.assertEqual(self.used(later), 5)
        new = self.make_metric("new")
        usage = self.env["fusion.billing.rate"]._usage(
            self.order, date(2026, 3, 1), date(2026, 4, 1)
        )
        self.assertEqual(usage[new].quantity, 6)

    def test_the_app_is_told_what_was_parked(self) -> None:
        self.set(self.item(5, sub="nobody", sequence=3))
        [webhook] = self.env["fusion.billing.webhook"].search(
            [("service_id", "=", self.service.id), ("webhook_type", "=", "usage.parked")]
        )
        self.assertIn('"reason":"unknown_subscription"', webhook.payload)

    def test_a_month_that_two_billing_periods_share_is_parked(self) -> None:
        order = self.make_order("mid", start_date=date(2026, 2, 15))
        self.assertEqual(order.x_fc_billing_time, "anniversary")
        [answer] = self.set(self.item(5, sub="mid", bucket="2026-03"))
        self.assertEqual(answer.reason, "bucket_spans_periods")
        self.assertEqual(self.said(self.item(5, sub="mid", bucket="2026-03-14")), ["accepted"])

    def test_days_outside_the_subscription_are_parked(self) -> None:
        [answer] = self.set(self.item(5, bucket="2026-02-28"))
        self.assertEqual(answer.reason, "outside_subscription")

    def test_a_counter_that_changes_after_billing_is_billed_as_a_difference(self) -> None:
        self.set(self.item(1100))
        self.run_billing(date(2026, 4, 1))
        self.set(self.item(1300, 2))
        period = self.env["fusion.billing.period"].search(
            [("subscription_id", "=", self.order.id), ("start", "=", date(2026, 3, 1))]
        )
        self.assertTrue(period.dirty)
        run = self.run_billing(date(2026, 5, 1))
        [line] = self.usage_lines(run.line_ids.invoice_id)
        self.assertEqual(line.price_subtotal, 10.0)

    def test_nobody_edits_a_counter(self) -> None:
        [answer] = self.set(self.item(5))
        counter = self.env["fusion.billing.usage.counter"].browse(answer.counter_id)
        with self.assertRaises(UserError):
            counter.write({"value": 1})
        with self.assertRaises(UserError):
            counter.unlink()

    def test_counters_and_their_rollups_are_compared(self) -> None:
        self.set(self.item(10), self.item(3, bucket="2026-03-10T05"))
        self.set(self.item(4, 2))
        invariants = self.env["fusion.billing.invariants"]
        self.assertEqual(invariants._check(self.service), [])
        self.env.cr.execute("UPDATE fusion_billing_usage SET total = total + 1")
        [violation] = [
            found
            for found in invariants._check(self.service)
            if found.rule == "counters_are_rollup"
        ]
        self.assertEqual((violation.expected, violation.found), ("7 / 4 / 2", "8 / 4 / 2"))
