from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .test_deliver import DeliverCase

GROUP = "fusion_centralize_billing.group_fusion_billing_"


@tagged("post_install", "-at_install")
class TestWebhookReplay(DeliverCase):
    """The wizard that sends again, as a manager uses it."""

    def wizard(self, **values):
        opened = self.service.action_replay_webhooks()
        model = self.env[opened["res_model"]].with_context(**opened["context"])
        return model.create(values)

    def test_a_range_is_sent_again_with_the_same_ids_and_bytes(self):
        for number in range(4):
            self.emit(number=number)
        self.deliver._deliver()
        wizard = self.wizard(what="sequence", from_sequence=2)
        self.assertEqual(wizard.to_sequence, 4)
        wizard.to_sequence = 3
        self.assertEqual(wizard.action_replay()["params"]["message"], "2 deliveries begin anew.")
        self.assertEqual(self.deliver._deliver(), 2)
        sent = [(r.headers["webhook-id"], r.body) for r in self.receiver.received]
        self.assertEqual(sent[4:], sent[1:3])

    def test_all_that_failed_are_sent_again_and_nothing_else(self):
        webhooks = self.emit() + self.emit()
        self.deliver._deliver()
        webhooks[0].delivery_ids.state = "failed"
        self.wizard().action_replay()
        self.assertEqual(self.deliver._deliver(), 1)
        self.assertEqual(self.receiver.received[-1].headers["webhook-id"], webhooks[0].event_uuid)
        self.assertEqual(webhooks.mapped("state"), ["delivered", "delivered"])

    def test_a_range_needs_two_ends(self):
        with self.assertRaises(UserError):
            self.wizard(what="time").action_replay()

    def test_only_a_manager_sends_again(self):
        user = new_test_user(self.env, "webhook-user", groups=f"{GROUP}user")
        with self.assertRaises(AccessError):
            self.wizard().with_user(user).action_replay()
