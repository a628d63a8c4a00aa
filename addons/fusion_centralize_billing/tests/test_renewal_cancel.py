"""A renewal that is called off, confirmed again, or overtaken by an end."""

from datetime import date, datetime
from unittest.mock import patch

from odoo.addons.sale.models.sale_order import SaleOrder
from odoo.tests import tagged

from .renewal_case import APRIL, HANDOVER, MAY, RenewalCase


def _reopening(orders):
    """What an edition may do when a renewal is cancelled."""
    orders.subscription_id.write({"subscription_state": "3_progress", "end_date": False})
    return orders.write({"state": "cancel"})


@tagged("post_install", "-at_install", "fc_renewal")
class TestRenewalCancel(RenewalCase):
    def test_a_cancelled_renewal_gives_the_id_back(self) -> None:
        renewal = self.renew()
        renewal._action_cancel()
        self.assertRecordValues(
            self.order | renewal,
            [
                {"x_fc_external_id": "sub-1", "x_fc_terminated_at": False},
                {"x_fc_external_id": False, "x_fc_terminated_at": False},
            ],
        )
        self.assertEqual(self.running(), self.order)
        self.assertFalse(self.running(status="canceled"))

    def test_the_parent_then_ends_where_the_renewal_would_have_begun(self) -> None:
        self.renew()._action_cancel()
        self.assertEqual(self.order.x_fc_ending_at, HANDOVER)
        self.push(self.item("a", 1200))
        self.set_clock(2026, 4, 1, 12)
        self.run_billing(APRIL)
        self.assertEqual(self.order.x_fc_terminated_at, HANDOVER)
        self.assertEqual(self.told(), [("subscription.terminated", self.order.name)])
        self.assertEqual(self.usage_total(self.order), 10.0)
        self.assertEqual(
            self.reasons(self.item("b", 1, at=datetime(2026, 4, 2, 12))), ["outside_subscription"]
        )
        self.assert_right()

    def test_where_the_parent_runs_on_it_gets_the_usage_as_well(self) -> None:
        """An edition may give the contract back; ours leaves it ended."""
        self.set_clock(2026, 4, 10, 12)
        self.push(self.item("a", 1100, at=datetime(2026, 4, 5, 12)))
        renewal = self.renew()
        with patch.object(SaleOrder, "_action_cancel", _reopening):
            renewal._action_cancel()
        self.assertEqual((self.total(self.order), self.total(renewal)), (1100, 0))
        self.assertFalse(self.order.x_fc_terminated_at or self.order.x_fc_ending_at)
        self.run_billing(MAY)
        self.assertEqual(self.usage_total(self.order), 5.0)
        self.assert_right()

    def test_confirmed_again_it_takes_over_as_before(self) -> None:
        renewal = self.renew()
        self.push(self.item("a", 1100, at=datetime(2026, 4, 5, 12)))
        renewal._action_cancel()
        self.push(self.item("b", 100, at=datetime(2026, 4, 6, 12)))
        renewal.action_draft()
        self.assertEqual(self.running(), self.order)
        renewal.action_confirm()
        self.assertEqual(self.order.x_fc_terminated_at, HANDOVER)
        self.assertEqual(renewal.x_fc_external_id, "sub-1")
        self.assertEqual(self.total(renewal), 1200)
        self.run_billing(MAY)
        self.assertEqual(self.usage_total(renewal), 10.0)
        self.assert_right()

    def test_ending_the_parent_calls_the_renewal_off(self) -> None:
        renewal = self.renew()
        self.env["fusion.billing.subscribe"]._terminate(self.order, datetime(2026, 3, 20, 16))
        self.assertEqual((renewal.state, renewal.x_fc_external_id), ("cancel", False))
        self.assertRecordValues(
            self.order,
            [
                {
                    "subscription_state": "6_churn",
                    "end_date": date(2026, 3, 20),
                    "x_fc_terminated_at": datetime(2026, 3, 20, 16),
                }
            ],
        )
        self.run_billing(MAY)
        self.assertFalse(renewal.invoice_ids)
        self.assert_right()

    def test_ending_the_renewal_that_runs_leaves_the_parent_as_it_ended(self) -> None:
        renewal = self.renew()
        self.set_clock(2026, 4, 20, 12)
        self.run_billing(APRIL)
        self.env["fusion.billing.subscribe"]._terminate(renewal, datetime(2026, 4, 20, 12))
        self.assertEqual(self.order.x_fc_terminated_at, HANDOVER)
        self.assertEqual(self.running(status="terminated"), renewal)
        self.assertFalse(self.running())
