"""A metric's terms change: the ledger is counted by the new ones, and only what changed is."""

from datetime import date

from odoo.tests import tagged

from .usage_case import UsageCase

APRIL = date(2026, 4, 1)


@tagged("post_install", "-at_install", "fc_ingest")
class TestIngestRefold(UsageCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.order = cls.make_order("sub-1")

    def setUp(self) -> None:
        super().setUp()
        self.push(
            self.item("a", gb=1200, mb=5, region="eu"),
            self.item("b", gb=100, region="us"),
            self.item("c", mb=7),
        )

    def rows(self) -> list[tuple]:
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT ctid::text, xmin::text, split, dimension, total::text "
            "FROM fusion_billing_usage WHERE metric_id = %s ORDER BY split, dimension",
            (self.metric.id,),
        )
        return self.env.cr.fetchall()

    def totals(self) -> list[tuple]:
        return [row[2:] for row in self.rows()]

    def refold(self, **options) -> int:
        return self.env["fusion.billing.ingest"]._refold(self.metric, **options)

    def check(self) -> None:
        self.assertEqual(self.env["fusion.billing.invariants"]._check(self.service), [])

    def test_refolding_changes_nothing_when_nothing_changed(self) -> None:
        before, ledger = self.rows(), self.ledger()
        self.assertEqual(self.refold(), 0)
        self.assertEqual((self.rows(), self.ledger()), (before, ledger))

    def test_a_repaired_rollup_is_right_again_and_its_neighbour_untouched(self) -> None:
        self.push(self.item("d", gb=1, at=self.NOW))
        kept = self.env["fusion.billing.usage"].search([("day", "=", self.NOW.date())])
        self.env.cr.execute(
            "UPDATE fusion_billing_usage SET total = 1 WHERE metric_id = %s AND id != %s",
            (self.metric.id, kept.id),
        )
        self.make_usage(self.order, date(2026, 3, 2), 7)
        self.assertEqual(self.refold(), 2)
        self.assertEqual(self.total(self.order), 1301)
        self.assertTrue(kept.exists())
        self.check()

    def test_new_split_keys_part_what_was_counted(self) -> None:
        self.metric.split_keys = ["region"]
        self.assertEqual(
            self.totals(), [('{"region":"eu"}', "", "1200"), ('{"region":"us"}', "", "100")]
        )
        self.metric.split_keys = False
        self.assertEqual(self.totals(), [("", "", "1300")])
        self.check()

    def test_another_field_counts_what_now_says_a_value_and_parks_what_does_not(self) -> None:
        self.metric.field_name = "mb"
        self.assertEqual(self.totals(), [("", "", "12")])
        self.assertEqual(
            [row[:2] for row in self.ledger()],
            [("a", "accepted"), ("b", "parked"), ("c", "accepted")],
        )
        self.metric.field_name = "gb"
        self.assertEqual(self.totals(), [("", "", "1300")])
        self.check()

    def test_another_aggregation_takes_the_dimension_along(self) -> None:
        self.metric.write({"aggregation": "unique", "field_name": "region"})
        self.assertEqual(self.totals(), [("", "eu", "1"), ("", "us", "1")])
        self.check()

    def test_a_billed_period_whose_figures_change_is_late(self) -> None:
        self.run_billing(APRIL)
        billed = self.order.x_fc_period_ids.filtered(lambda period: period.state == "billed")
        self.metric.name = "Gigabytes"
        self.refold()
        self.assertFalse(any(billed.mapped("dirty")))
        self.metric.field_name = "mb"
        self.assertEqual(billed.filtered("dirty").mapped("start"), [date(2026, 3, 1)])

    def test_days_before_the_first_asked_for_stay_as_they_are(self) -> None:
        self.env.cr.execute("UPDATE fusion_billing_usage SET total = 1")
        self.assertEqual(self.refold(first_day=date(2026, 3, 11)), 0)
        self.assertEqual(self.total(self.order), 1)
        self.assertEqual(self.refold(first_day=date(2026, 3, 10)), 1)

    def test_counters_are_not_refolded(self) -> None:
        self.make_usage(self.order, date(2026, 3, 10), 50, source="counter")
        self.assertEqual(self.refold(), 0)
        self.assertEqual(sorted(total for *_key, total in self.totals()), ["1300", "50.0"])
