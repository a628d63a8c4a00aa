"""Counters and seals around a renewal: a bucket counts once, a seal is the seal of its days."""

from datetime import date
from decimal import Decimal

from odoo.tests import tagged

from ..engine.bucket import Bucket
from ..engine.counter_item import CounterItem
from .renewal_case import APRIL, MARCH, MAY, RenewalCase


@tagged("post_install", "-at_install", "fc_renewal")
class TestRenewalCounters(RenewalCase):
    def set(self, bucket: str, value: object, sequence: int = 1, **labels: str) -> None:
        item = CounterItem(
            "sub-1", "gb", Bucket.parse(bucket), Decimal(str(value)), sequence, labels or None
        )
        [answer] = self.env["fusion.billing.counter"]._set(self.service, [item])
        self.assertEqual(answer.status, "accepted", answer.reason)

    def seal(self, start: date, end: date, count: int, total: object) -> str:
        values = {
            "external_subscription_id": "sub-1",
            "code": "gb",
            "start": start,
            "end": end,
            "count": count,
            "sum": Decimal(str(total)),
        }
        return self.env["fusion.billing.seal"]._seal(self.service, values)["state"]

    def used(self, order, start: date = APRIL, end: date = MAY) -> Decimal:
        usage = self.env["fusion.billing.rate"]._usage(order, start, end)
        return usage[self.metric].quantity if self.metric in usage else Decimal(0)

    def renewed_late(self):
        """On 10 April; April is due and was not billed."""
        self.set_clock(2026, 4, 10, 12)
        return self.renew()

    def test_counters_of_the_renewals_days_move_along(self) -> None:
        self.set("2026-03-20", 300)
        self.set("2026-04-05", 700)
        self.set("2026-04-05T11", 500)
        renewal = self.renewed_late()
        self.assertEqual(self.used(self.order, MARCH, APRIL), 300)
        self.assertEqual(self.used(renewal), 1200)
        self.run_billing(MAY)
        self.assertEqual(self.usage_total(renewal), 10.0)
        self.assert_right()

    def test_a_newer_push_replaces_what_moved_and_leaves_its_neighbours(self) -> None:
        self.set("2026-04-05T10", 700)
        self.set("2026-04-05T11", 500)
        renewal = self.renewed_late()
        self.set("2026-04-05T10", 800, 2)
        self.assertEqual((self.used(self.order), self.used(renewal)), (0, 1300))
        self.assert_right()

    def test_a_newer_push_for_the_parents_days_stays_with_the_parent(self) -> None:
        self.set("2026-03-20", 1100)
        renewal = self.renewed_late()
        self.set("2026-03-20", 1200, 2)
        self.assertEqual((self.used(self.order, MARCH, APRIL), self.used(renewal)), (1200, 0))

    def test_the_parents_last_month_is_sealed_after_the_hand_over(self) -> None:
        self.service.uses_seals = True
        renewal = self.renew()
        self.set("2026-03-20", 1200)
        self.set_clock(2026, 4, 2, 12)
        run = self.run_billing(date(2026, 4, 2))
        self.assertEqual(
            {line.order_id: line.state for line in run.line_ids},
            {renewal: "invoiced", self.order: "parked"},
        )
        self.assertEqual(self.seal(MARCH, APRIL, 1, 1200), "matched")
        self.run_billing(date(2026, 4, 2))
        self.assertEqual(self.usage_total(self.order), 10.0)

    def test_a_seal_of_the_renewals_days_moves_along(self) -> None:
        self.service.uses_seals = True
        self.seal(MARCH, APRIL, 0, 0)
        self.set("2026-04-05", 1200)
        self.seal(APRIL, MAY, 1, 1200)
        renewal = self.renewed_late()
        run = self.run_billing(MAY)
        self.assertFalse(run.parked_count, run.line_ids.mapped("reason"))
        self.assertEqual(self.usage_total(renewal), 10.0)
