"""What a rollup keeps of its events: splits, moments, sent prices, what was added and removed."""

from datetime import UTC, datetime
from decimal import Decimal

from odoo.tests import tagged

from ..engine import IngestItem
from ..engine.rollup import Rollup, split_of
from .usage_case import UsageCase

NOON = datetime(2026, 3, 10, 12)
FIGURES = "split, dimension, total::text, last::text, count, moment::text, precise_amount::text"


@tagged("post_install", "-at_install", "fc_ingest")
class TestIngestFigures(UsageCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.order = cls.make_order("sub-1")

    def figures(self, metric=None) -> list[tuple]:
        self.env.flush_all()
        self.env.cr.execute(
            f"SELECT {FIGURES} FROM fusion_billing_usage WHERE metric_id = %s "
            'ORDER BY day, split COLLATE "C", dimension',
            ((metric or self.metric).id,),
        )
        return self.env.cr.fetchall()

    def test_a_day_is_kept_apart_by_what_the_prices_tell_apart(self) -> None:
        self.metric.split_keys = ["tier", "region"]
        sent = [
            {"gb": 1, "region": "eu", "tier": "gold"},
            {"gb": 2, "tier": "gold", "region": "eu"},
            {"gb": 4, "region": "us"},
            {"gb": 8},
            {"gb": 16, "region": None, "tier": ["gold"]},
            {"gb": 32, "region": 10.50, "tier": True},
        ]
        self.push(*(self.item(f"t{n}", **properties) for n, properties in enumerate(sent)))
        self.assertEqual(
            [(split, total) for split, _dimension, total, *_rest in self.figures()],
            [
                ("", "24"),
                ('{"region":"10.5","tier":"true"}', "32"),
                ('{"region":"eu","tier":"gold"}', "3"),
                ('{"region":"us"}', "4"),
            ],
        )

    def test_the_split_of_the_database_is_the_split_of_the_engine(self) -> None:
        self.metric.split_keys = ["région", 'z"x', "a", "ab", "B"]
        sent = [
            {"gb": 1, "région": 'Québec "ouest" \\ \n\t\x1f€😀', "a": "", "B": False},
            {"gb": 1, 'z"x': Decimal("1E+3"), "ab": -0.10, "a": 10**25},
        ]
        for n, properties in enumerate(sent):
            self.push(self.item(f"t{n}", **properties))
        self.assertEqual(
            {row[0] for row in self.figures()},
            {split_of(properties, self.metric.split_keys) for properties in sent},
        )

    def test_a_split_too_long_for_its_index_is_parked(self) -> None:
        self.metric.split_keys = ["region"]
        self.assertEqual(
            self.reasons(
                self.item("a", gb=1, region="x" * 1100), self.item("b", gb=1, region="x" * 1300)
            ),
            [None, "invalid_value"],
        )

    def test_figures_are_those_the_engine_folds(self) -> None:
        moments = [NOON, NOON.replace(microsecond=123456), NOON.replace(hour=9)]
        values = [Decimal("0.1"), Decimal("-2.25"), Decimal("1000000.000001")]
        cents = [Decimal("12.5"), None, Decimal("0.000001")]
        items = [
            IngestItem(f"t{n}", "sub-1", "gb", at.replace(tzinfo=UTC), {"gb": value}, True, price)
            for n, (at, value, price) in enumerate(zip(moments, values, cents, strict=True))
        ]
        self.push(*items[:2])
        self.push(*items[2:])
        folded = None
        for at, value, price in zip(moments, values, cents, strict=True):
            one = Rollup.of(NOON.date(), value, at, precise_amount=(price or Decimal(0)) / 100)
            folded = folded.fold(one) if folded else one
        ((_split, _dimension, total, last, count, moment, precise),) = self.figures()
        self.assertEqual(
            (Decimal(total), Decimal(last), count, Decimal(moment), Decimal(precise)),
            (folded.total, folded.last, folded.count, folded.moment, folded.precise_amount),
        )

    def test_a_distinct_value_is_added_and_removed(self) -> None:
        users = self.make_metric("users", aggregation="unique", field_name="user")
        hours = iter(range(6))
        for user, operation in (("ann", "add"), ("bob", None), ("ann", "remove"), ("bob", "x")):
            at = NOON.replace(hour=next(hours) + 6)
            self.push(self.item(f"t{at}", code="users", at=at, user=user, operation_type=operation))
        self.assertEqual(
            [row[1:5] for row in self.figures(users)],
            [("ann", "0", "-1", 2), ("bob", "2", "1", 2)],
        )

    def test_another_price_under_the_same_id_is_a_conflict(self) -> None:
        def priced(cents: str) -> IngestItem:
            return IngestItem(
                "a", "sub-1", "gb", NOON.replace(tzinfo=UTC), {"gb": 1}, True, Decimal(cents)
            )

        self.assertEqual(self.statuses(priced("12.50")), ["accepted"])
        self.assertEqual(self.statuses(priced("12.5")), ["duplicate"])
        self.assertEqual(self.statuses(priced("12.51")), ["conflict"])
        self.assertEqual(self.statuses(self.item("a", 1)), ["conflict"])
        self.assertEqual(self.env["fusion.billing.invariants"]._check(self.service), [])
