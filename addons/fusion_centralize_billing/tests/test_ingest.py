"""Invariant 1: one accepted push is counted exactly once."""

from datetime import UTC, date, datetime
from decimal import Decimal

from odoo.tests import tagged

from ..engine import IngestItem, Invalid
from .usage_case import UsageCase

TENTH = date(2026, 3, 10)


@tagged("post_install", "-at_install", "fc_ingest")
class TestIngest(UsageCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.order = cls.make_order("sub-1")

    def test_a_batch_is_counted_in_the_ledger_and_in_the_day_rollup(self) -> None:
        self.assertEqual(self.statuses(self.item("a", 5), self.item("b", 7)), ["accepted"] * 2)
        self.assertEqual(
            self.ledger(), [("a", "accepted", TENTH, "5"), ("b", "accepted", TENTH, "7")]
        )
        day = self.rollup(self.order)[TENTH]
        self.assertEqual((day["total"], day["maximum"], day["count"]), (12, 7, 2))

    def test_the_same_push_again_is_a_duplicate_and_counts_nothing(self) -> None:
        first = self.push(self.item("a", 5))[0]
        again = self.push(self.item("a", 5))[0]
        self.assertEqual((again.status, again.event_id), ("duplicate", first.event_id))
        self.assertEqual(self.total(self.order), 5)

    def test_the_same_id_with_other_content_is_a_conflict_and_writes_nothing_of_its_batch(self):
        self.push(self.item("a", 5))
        self.assertEqual(
            self.statuses(self.item("new", 1), self.item("a", 6)), ["accepted", "conflict"]
        )
        self.assertEqual(self.ledger(), [("a", "accepted", TENTH, "5")])
        self.assertEqual(self.total(self.order), 5)

    def test_an_id_twice_in_one_batch_is_counted_once(self) -> None:
        items = [self.item("a", 5), self.item("b", 1), self.item("a", 5)]
        self.assertEqual(self.statuses(*items), ["accepted", "accepted", "duplicate"])
        self.assertEqual(self.total(self.order), 6)

    def test_an_id_twice_in_one_batch_with_two_contents_is_a_conflict(self) -> None:
        self.assertEqual(
            self.statuses(self.item("a", 5), self.item("a", 6)), ["accepted", "conflict"]
        )
        self.assertEqual(self.ledger(), [])

    def test_the_same_id_on_another_subscription_is_another_event(self) -> None:
        other = self.make_order("sub-2")
        self.assertEqual(
            self.statuses(self.item("a", 5), self.item("a", 7, sub="sub-2")), ["accepted"] * 2
        )
        self.assertEqual((self.total(self.order), self.total(other)), (5, 7))

    def test_the_same_id_of_another_service_is_another_event(self) -> None:
        other = self.make_service("other")
        self.push(self.item("a", 5))
        self.assertEqual(self.push(self.item("a", 6), service=other)[0].status, "parked")

    def test_every_order_of_arrival_gives_the_same_rollup(self) -> None:
        moments = [datetime(2026, 3, 10, hour) for hour in (9, 12, 12, 15)]
        items = [
            self.item(f"t{n}", value, at=at)
            for n, (value, at) in enumerate(zip((3, 8, 2, 5), moments, strict=True))
        ]
        seen = set()
        for n in range(4):
            order = self.make_order(f"order-{n}")
            for moved in items[n:] + items[:n]:
                self.push(
                    IngestItem(
                        moved.transaction_id,
                        f"order-{n}",
                        moved.code,
                        moved.occurred_at,
                        moved.properties,
                    )
                )
            seen.add(tuple(self.rollup(order)[TENTH].items()))
        self.assertEqual(
            seen,
            {(("total", 18), ("maximum", 8), ("last", 5), ("count", 4))},
        )

    def test_a_quantity_with_twelve_decimals_keeps_every_digit(self) -> None:
        self.push(
            self.item("a", Decimal("123456789012.123456789012")),
            self.item("b", "0.000000000001"),
        )
        self.assertEqual(self.total(self.order), Decimal("123456789012.123456789013"))

    def test_three_tenths_are_three_tenths(self) -> None:
        self.push(*(self.item(name, Decimal("0.1")) for name in "abc"))
        self.assertEqual(self.total(self.order), Decimal("0.3"))

    def test_an_event_without_timestamp_is_the_same_event_when_it_is_retried_later(self) -> None:
        def late(minute: int) -> IngestItem:
            at = datetime(2026, 3, 10, 12, minute, tzinfo=UTC)
            return IngestItem("a", "sub-1", "gb", at, {"gb": 5}, timestamp_given=False)

        self.assertEqual(self.statuses(late(0)), ["accepted"])
        self.assertEqual(self.statuses(late(9)), ["duplicate"])

    def test_microseconds_of_the_instant_are_kept(self) -> None:
        self.push(self.item("a", 5, at=datetime(2026, 3, 10, 12, 0, 0, 123456)))
        self.env.cr.execute("SELECT occurred_at::text FROM fusion_billing_usage_event")
        self.assertEqual(self.env.cr.fetchone()[0], "2026-03-10 12:00:00.123456")

    def test_nothing_is_written_when_the_transaction_is_killed(self) -> None:
        with self.assertRaises(RuntimeError), self.env.cr.savepoint():
            self.push(self.item("a", 5))
            raise RuntimeError("killed")
        self.assertEqual((self.ledger(), self.total(self.order)), ([], 0))
        self.assertEqual(self.statuses(self.item("a", 5)), ["accepted"])

    def test_an_empty_batch_is_nothing(self) -> None:
        self.assertEqual(self.push(), [])

    def test_text_that_the_database_cannot_hold_is_refused_with_its_field(self) -> None:
        for value in ("nul \x00", "half a pair \ud800", Decimal("1e400000"), Decimal("NaN")):
            with self.assertRaises(Invalid) as caught:
                self.push(self.item("a", value))
            self.assertIn("properties", caught.exception.details)
        with self.assertRaises(Invalid) as caught:
            self.push(self.item("a" * 256))
        self.assertEqual(caught.exception.details, {"transaction_id": ["value_is_too_long"]})
        self.assertEqual(self.ledger(), [])

    def test_properties_come_back_with_their_types_and_digits(self) -> None:
        sent = {"gb": Decimal("1.10"), "tags": ["ä", None, True], "nested": {"n": 10**20}}
        self.push(IngestItem("a", "sub-1", "gb", datetime(2026, 3, 10, tzinfo=UTC), sent))
        self.env.cr.execute("SELECT properties::text FROM fusion_billing_usage_event")
        self.assertEqual(
            self.env.cr.fetchone()[0],
            '{"gb": 1.1, "tags": ["ä", null, true], "nested": {"n": 100000000000000000000}}',
        )
