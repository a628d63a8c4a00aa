"""One gate changes the service state; a person's suspension is a person's to lift."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import BillingCase


@tagged("post_install", "-at_install")
class TestServiceState(BillingCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.order = cls.make_order("sub-1")

    def move(self, state: str, by: str = "policy", reason: str = "Because.") -> bool:
        return self.order._fc_set_service_state(state, by=by, reason=reason)

    def heard(self) -> list[str]:
        webhooks = self.env["fusion.billing.webhook"].search(
            [
                ("service_id", "=", self.service.id),
                ("webhook_type", "=", "subscription.service_state_changed"),
            ],
            order="id",
        )
        return [webhook.payload for webhook in webhooks]

    def test_a_subscription_is_active_from_the_start(self) -> None:
        self.assertEqual(self.order.x_fc_service_state, "active")

    def test_an_order_of_no_known_customer_is_suspended_all_the_same(self) -> None:
        self.order.x_fc_link_id = False
        self.assertTrue(self.move("suspended"))
        self.assertIn('"customer":null', self.heard()[0].replace(" ", ""))

    def test_a_direct_write_is_refused_whatever_the_context_says(self) -> None:
        for context in ({}, {"fc_state_gate": True}, {"fc_state_gate": "gate"}):
            with self.assertRaisesRegex(UserError, "cannot be written"):
                self.order.with_context(**context).write({"x_fc_service_state": "suspended"})
        with self.assertRaisesRegex(UserError, "cannot be written"):
            self.order.x_fc_suspended_by = "person"
        with self.assertRaisesRegex(UserError, "cannot be written"):
            self.order.x_fc_service_state = "active"

    def test_an_order_cannot_be_created_suspended(self) -> None:
        with self.assertRaisesRegex(UserError, "cannot be written"):
            self.env["sale.order"].create(
                {"partner_id": self.partner.id, "x_fc_service_state": "suspended"}
            )

    def test_a_copy_starts_active(self) -> None:
        self.move("suspended")
        copy = self.order.copy()
        self.assertEqual(copy.x_fc_service_state, "active")
        self.assertFalse(copy.x_fc_suspended_by)

    def test_the_way_down_and_back_up_tells_the_app_each_time(self) -> None:
        for state in ("past_due", "suspended", "active"):
            self.assertTrue(self.move(state), state)
            self.assertEqual(self.order.x_fc_service_state, state)
        told = self.heard()
        self.assertEqual(len(told), 3)
        self.assertIn('"service_state":"suspended"', told[1])
        self.assertIn('"previous_service_state":"past_due"', told[1])
        self.assertIn('"service_state_reason":"Because."', told[1])
        self.assertIn("Because.", self.order.message_ids[0].body)

    def test_the_same_state_again_changes_and_tells_nothing(self) -> None:
        self.move("suspended")
        self.assertFalse(self.move("suspended"))
        self.assertEqual(len(self.heard()), 1)

    def test_terminated_is_the_end(self) -> None:
        self.move("terminated")
        for state in ("active", "past_due", "suspended"):
            self.assertFalse(self.move(state, by="person"), state)
        self.assertEqual(self.order.x_fc_service_state, "terminated")

    def test_the_policy_never_lifts_what_a_person_suspended(self) -> None:
        self.move("suspended", by="person")
        self.assertFalse(self.move("active"))
        self.assertFalse(self.move("past_due"))
        self.assertEqual(self.order.x_fc_suspended_by, "person")
        self.assertTrue(self.move("active", by="person"))
        self.assertFalse(self.order.x_fc_suspended_by)

    def test_a_person_takes_over_what_the_policy_suspended(self) -> None:
        self.move("suspended")
        self.assertEqual(self.order.x_fc_suspended_by, "policy")
        self.assertTrue(self.move("suspended", by="person", reason="Abuse."))
        self.assertFalse(self.move("active"))
        self.assertEqual(len(self.heard()), 1)

    def test_the_policy_terminates_what_a_person_suspended(self) -> None:
        self.move("suspended", by="person")
        self.assertTrue(self.move("terminated"))
        self.assertFalse(self.order.x_fc_suspended_by)
