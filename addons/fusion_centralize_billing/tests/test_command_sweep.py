"""The sweep: what is not confirmed is told again, further and further apart, and alarmed once."""

from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .command_case import CommandCase


@tagged("post_install", "-at_install")
class TestCommandSweep(CommandCase):
    def sweep(self, **later: int) -> tuple[int, int]:
        """Sweep after some time; the clock stands at `NOW` before it."""
        self.service.test_clock = self.NOW + timedelta(**later)
        return self.env["fusion.billing.command.sweep"]._sweep(self.service)

    def deliver_all(self) -> None:
        """Every message so far arrived."""
        self.publish()
        pending = self.service.webhook_ids.delivery_ids.filtered(lambda d: d.state == "pending")
        pending.state = "delivered"

    def listen(self) -> None:
        self.service.webhook_url = "https://app.example.com/hook"

    def test_a_command_that_arrived_and_was_forgotten_is_told_again(self):
        self.listen()
        command = self.sent("suspend")
        self.deliver_all()
        self.assertEqual(self.sweep(minutes=4), (0, 0))
        self.assertEqual(self.sweep(minutes=5), (1, 0))
        first, second = self.told()
        self.assertEqual(second, first | {"attempt": 2})
        self.assertEqual(len(set(command.webhook_ids.mapped("event_uuid"))), 2)
        self.deliver_all()
        self.assertEqual(self.sweep(minutes=19), (0, 0))
        self.assertEqual(self.sweep(minutes=20), (1, 0))
        self.assertEqual(command.attempts, 3)

    def test_a_message_that_is_still_on_its_way_is_not_doubled(self):
        self.listen()
        self.sent("suspend")
        self.assertEqual(self.sweep(minutes=5), (1, 0))
        self.assertEqual(self.sweep(minutes=5), (0, 0))
        self.assertEqual(len(self.told()), 1)

    def test_what_is_confirmed_or_superseded_is_left_alone(self):
        self.say(self.sent("suspend"), "suspended")
        self.sent("resume")
        self.issue("suspend")
        self.say(self.env["fusion.billing.command"].search([], limit=1), "suspended")
        self.assertEqual(self.sweep(days=2), (0, 0))
        self.assertFalse(self.told("command.unconfirmed"))

    def test_an_hour_without_a_word_calls_the_responsible_person_once(self):
        self.service.responsible_id = self.env.ref("base.user_admin")
        command = self.sent("suspend")
        self.assertEqual(self.sweep(minutes=59)[1], 0)
        self.assertEqual(self.sweep(minutes=60)[1], 1)
        self.assertEqual(self.sweep(minutes=61)[1], 0)
        self.assertEqual(self.sweep(days=3)[1], 0)
        self.assertEqual(command.alarmed_at, self.NOW + timedelta(hours=1))
        self.assertEqual([told["id"] for told in self.told("command.unconfirmed")], [command.uuid])
        [activity] = self.order.activity_ids
        self.assertEqual(activity.user_id, self.env.ref("base.user_admin"))
        self.assertIn("sub-1", activity.note)

    def test_the_call_is_over_when_the_app_confirms_or_a_newer_command_takes_its_place(self):
        self.service.responsible_id = self.env.ref("base.user_admin")
        command = self.sent("suspend")
        self.sweep(hours=1)
        self.say(command, "suspended")
        self.assertFalse(self.order.activity_ids)
        self.sent("resume")
        self.sweep(hours=3)
        self.assertTrue(self.order.activity_ids)
        self.issue("suspend")
        self.assertFalse(self.order.activity_ids)

    def test_without_a_responsible_person_the_followers_of_the_service_hear_it(self):
        self.service.responsible_id = False
        self.sent("suspend")
        before = len(self.service.message_ids)
        self.sweep(hours=1)
        self.assertEqual(len(self.service.message_ids), before + 1)
        self.assertIn("sub-1", self.service.message_ids[0].body)

    def test_the_cron_sweeps_services_on_the_real_clock_only(self):
        on_test_clock = self.sent("suspend")
        real = self.make_service("real", test_clock=False)
        link = self.make_link("c", self.partner, service=real)
        plan = self.make_plan("p", 1.0, service=real)
        command = self.sent("suspend", self.make_order("sub-9", link=link, plan=plan))
        long_ago = {"issued_at": "2026-01-01 00:00:00", "next_send_at": "2026-01-01 00:00:00"}
        (on_test_clock + command).write(long_ago)
        self.env["fusion.billing.command.sweep"]._cron_sweep()
        self.assertFalse(on_test_clock.alarmed_at)
        self.assertTrue(command.alarmed_at)

    def test_a_manager_tells_the_app_again_at_once_and_a_viewer_may_not(self):
        group = "fusion_centralize_billing.group_fusion_billing_"
        manager = new_test_user(self.env, "fb-manager", groups=f"{group}manager")
        viewer = new_test_user(self.env, "fb-viewer", groups=f"{group}user")
        command = self.sent("suspend").sudo(False)
        command.with_user(manager).action_resend()
        self.assertEqual([told["attempt"] for told in self.told()], [1, 2])
        with self.assertRaises(AccessError):
            command.with_user(viewer).action_resend()
