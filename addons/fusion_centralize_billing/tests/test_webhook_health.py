from datetime import timedelta

from freezegun import freeze_time

from odoo.tests import tagged

from .test_deliver import NOW, DeliverCase


@tagged("post_install", "-at_install")
class TestWebhookHealth(DeliverCase):
    """An endpoint that fails for too long is switched off, and says so."""

    def fail_at(self, moment) -> None:
        self.receiver.answer(500)
        with freeze_time(moment):
            self.emit()
            self.deliver._deliver()

    def test_five_failing_days_switch_an_endpoint_off_with_an_alert(self):
        endpoint = self.service.endpoint_ids
        before = self.service.message_ids
        self.fail_at(NOW)
        self.assertEqual((endpoint.failing_since, endpoint.active), (NOW, True))
        self.fail_at(NOW + timedelta(days=4, hours=23))
        self.assertTrue(endpoint.active)
        self.fail_at(NOW + timedelta(days=5))
        self.assertEqual((endpoint.active, endpoint.disabled_reason), (False, "failing"))
        self.assertEqual(self.service.disabled_endpoint_count, 1)
        alert = self.service.message_ids - before
        self.assertIn("switched off", alert.body)
        self.assertIn("Failed for five days", alert.body)
        self.assertNotIn("/hook", alert.body)

    def test_a_success_in_between_begins_the_five_days_anew(self):
        self.fail_at(NOW)
        self.receiver.answer(200)
        with freeze_time(NOW + timedelta(days=4)):
            self.emit()
            self.deliver._deliver()
        self.assertFalse(self.service.endpoint_ids.failing_since)
        self.fail_at(NOW + timedelta(days=6))
        self.assertTrue(self.service.endpoint_ids.active)

    def test_gone_switches_off_at_once_and_what_is_due_waits_until_it_is_enabled(self):
        self.receiver.answer(410)
        webhooks = self.emit() + self.emit()
        self.assertEqual(self.deliver._deliver(), 1)
        endpoint = self.service.endpoint_ids
        self.assertEqual((endpoint.active, endpoint.disabled_reason), (False, "gone"))
        webhooks += self.emit()
        with freeze_time(NOW + timedelta(days=1)):
            self.assertEqual(self.deliver._deliver(), 0)
        self.receiver.answer(200)
        endpoint.action_enable()
        self.assertEqual((endpoint.disabled_reason, endpoint.failing_since), (False, False))
        self.assertEqual(self.deliver._deliver(), 3)
        numbers = [int(r.headers["x-fusion-sequence"]) for r in self.receiver.received]
        self.assertEqual(numbers, [1, 1, 2, 3])
        self.assertEqual(webhooks.mapped("state"), ["delivered"] * 3)
        self.assertEqual(self.service.disabled_endpoint_count, 0)
