"""Seals: what the app has not closed, or closed with other figures, is not billed."""

from datetime import date
from decimal import Decimal

from odoo.tests import tagged

from ..engine.errors import Invalid, NotFound
from .usage_case import UsageCase


@tagged("post_install", "-at_install")
class TestSeal(UsageCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.order = cls.make_order("sub-1")
        cls.service.uses_seals = True

    def setUp(self) -> None:
        super().setUp()
        self.run_billing(date(2026, 3, 1))
        self.push(self.item("t-1", "700.5"), self.item("t-2", "549.5"))

    def seal(self, count=2, total="1250.0", **values):
        return self.env["fusion.billing.seal"]._seal(
            self.service,
            {
                "external_subscription_id": "sub-1",
                "code": "gb",
                "start": date(2026, 3, 1),
                "end": date(2026, 4, 1),
                "count": count,
                "sum": Decimal(total),
            }
            | values,
        )

    def april(self):
        [line] = self.run_billing(date(2026, 4, 1)).line_ids
        return line

    @property
    def held(self):
        return self.env["fusion.billing.webhook"].search(
            [("service_id", "=", self.service.id), ("webhook_type", "=", "period.held")]
        )

    def test_a_seal_that_agrees_lets_the_period_be_billed(self) -> None:
        answer = self.seal()
        self.assertEqual(answer["state"], "matched")
        self.assertEqual(answer["counted"], {"count": 2, "sum": "1250"})
        line = self.april()
        self.assertEqual(line.state, "invoiced")
        self.assertEqual(self.usage_lines(line.invoice_id).price_subtotal, 12.5)
        self.assertFalse(self.held)

    def test_without_a_seal_the_period_waits_and_is_billed_once_sealed(self) -> None:
        line = self.april()
        self.assertEqual((line.state, bool(line.invoice_id)), ("parked", False))
        self.assertIn("Bandwidth of 2026-03-01 to 2026-04-01 is missing", line.reason)
        self.seal()
        self.assertEqual(self.april().state, "invoiced")

    def test_the_app_is_told_once_that_a_period_waits(self) -> None:
        self.april()
        self.april()
        [webhook] = self.held
        self.assertIn('"reason":"unsealed"', webhook.payload)
        waiting = self.env["fusion.billing.usage.seal"].search([("held_since", "!=", False)])
        self.assertEqual(waiting.state, "missing")
        self.assertIn("is not billed", self.service.message_ids[:1].body)

    def test_other_figures_than_ours_hold_the_period_until_they_agree(self) -> None:
        self.assertEqual(self.seal(count=3, total="1260")["state"], "mismatched")
        self.assertEqual(self.april().state, "parked")
        self.assertIn('"reason":"mismatch"', self.held.payload)
        self.push(self.item("t-3", 10))
        self.assertEqual(self.april().state, "invoiced")

    def test_usage_that_comes_after_the_seal_holds_the_period(self) -> None:
        self.seal()
        self.push(self.item("t-3", 10))
        self.assertEqual(self.april().state, "parked")

    def test_seals_of_days_or_weeks_must_cover_the_period(self) -> None:
        self.seal(2, "1250", end=date(2026, 3, 16))
        self.assertEqual(self.april().state, "parked")
        waiting = self.env["fusion.billing.usage.seal"].search([("state", "=", "missing")])
        self.assertEqual((waiting.start, waiting.end), (date(2026, 3, 16), date(2026, 4, 1)))
        self.seal(0, "0", start=date(2026, 3, 16))
        self.assertEqual(self.april().state, "invoiced")

    def test_a_service_without_seals_bills_as_ever(self) -> None:
        self.service.uses_seals = False
        self.assertEqual(self.april().state, "invoiced")

    def test_a_seal_names_what_is_wrong_with_it(self) -> None:
        with self.assertRaises(NotFound):
            self.seal(external_subscription_id="nobody")
        with self.assertRaises(NotFound):
            self.seal(code="nothing")
        with self.assertRaises(Invalid):
            self.seal(end=date(2026, 3, 1))
