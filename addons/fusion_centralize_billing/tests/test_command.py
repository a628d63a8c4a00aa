"""Commands are written with the change, numbered after it, told once and confirmed by name."""

import json
from datetime import datetime

from psycopg2.errors import UniqueViolation

from odoo.tests import tagged
from odoo.tools import mute_logger

from ..engine.errors import Invalid, NotFound
from .command_case import CommandCase
from .webhook_receiver import Receiver


@tagged("post_install", "-at_install")
class TestCommand(CommandCase):
    def test_the_app_is_told_what_to_do_by_a_numbered_message(self):
        command = self.issue("suspend")
        self.assertRecordValues(command, [{"state": "pending", "number": 0, "attempts": 0}])
        self.assertEqual(self.told(), [])

        self.publish()

        self.assertRecordValues(
            command,
            [{"state": "sent", "number": 1, "attempts": 1, "sent_at": self.NOW}],
        )
        self.assertEqual(
            self.told(),
            [
                {
                    "id": command.uuid,
                    "number": 1,
                    "attempt": 1,
                    "command": "suspend",
                    "desired_state": "suspended",
                    "external_subscription_id": "sub-1",
                    "external_customer_id": "cust-1",
                    "reason": "unpaid",
                    "issued_at": "2026-03-15T12:00:00Z",
                }
            ],
        )
        self.assertEqual(command.webhook_ids.mapped("sequence"), [self.service.webhook_count])

    def test_the_same_wish_twice_is_one_command(self):
        first = self.issue("suspend")
        self.assertEqual(self.issue("suspend"), first)
        self.publish()
        self.assertEqual(self.issue("suspend"), first)
        self.say(first, "suspended")
        self.assertEqual(self.issue("suspend"), first)
        self.publish()
        self.assertEqual(len(self.told()), 1)

    def test_a_newer_command_supersedes_the_unconfirmed_one(self):
        first = self.sent("suspend")
        second = self.sent("resume")
        self.assertEqual((first.state, second.state), ("superseded", "sent"))
        self.assertFalse(first.next_send_at)
        self.assertEqual([told["number"] for told in self.told()], [1, 2])
        self.assertEqual(self.order.x_fc_command_id, second)

    def test_what_was_superseded_before_it_left_has_a_number_and_is_never_told(self):
        first = self.issue("suspend")
        second = self.issue("resume")
        self.publish()
        self.assertEqual((first.number, second.number), (1, 2))
        self.assertEqual([told["number"] for told in self.told()], [2])

    def test_the_database_refuses_a_second_unconfirmed_command(self):
        command = self.issue("suspend")
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation):
            command.copy({"uuid": "another"})

    def test_nothing_leaves_in_shadow_or_for_orders_of_no_app(self):
        shadow = self.make_service("dark", mode="shadow")
        link = self.make_link("c", self.partner, service=shadow)
        plan = self.make_plan("p", 1.0, service=shadow)
        quiet = self.make_order("sub-2", link=link, plan=plan, confirm=False)
        plain = self.env["sale.order"].create({"partner_id": self.partner.id})
        for order in (quiet, plain):
            self.assertFalse(self.issue("suspend", order))
            self.assertFalse(order.x_fc_command_ids)

    def test_desired_and_confirmed_stand_beside_each_other_and_their_difference_is_drift(self):
        self.assertFalse(self.order.x_fc_state_drift)
        command = self.sent("suspend")
        self.assertRecordValues(
            self.order,
            [
                {
                    "x_fc_desired_state": "suspended",
                    "x_fc_confirmed_state": False,
                    "x_fc_state_drift": True,
                }
            ],
        )
        self.assertEqual(self.say(command, "suspended"), (self.order, False))
        self.assertRecordValues(
            self.order,
            [
                {
                    "x_fc_confirmed_state": "suspended",
                    "x_fc_confirmed_at": self.NOW,
                    "x_fc_state_drift": False,
                }
            ],
        )
        self.assertRecordValues(
            command,
            [{"state": "confirmed", "confirmed_state": "suspended", "next_send_at": False}],
        )
        self.issue("resume")
        self.assertTrue(self.order.x_fc_state_drift)

    def test_an_old_word_never_confirms_a_newer_command_nor_changes_what_was_confirmed(self):
        first = self.sent("suspend")
        second = self.sent("resume")
        self.assertEqual(self.say(first, "suspended"), (self.order, True))
        self.assertFalse(self.order.x_fc_confirmed_state)
        self.say(second, "active")
        third = self.sent("suspend")
        self.assertEqual(self.say(first, "suspended"), (self.order, True))
        self.assertRecordValues(
            first + second + third,
            [{"state": "superseded"}, {"state": "confirmed"}, {"state": "sent"}],
        )
        self.assertEqual(self.order.x_fc_confirmed_state, "active")

    def test_a_confirmation_repeated_changes_nothing(self):
        command = self.sent("suspend")
        self.say(command, "suspended", occurred_at=datetime(2026, 3, 15, 11))
        self.service.test_clock = datetime(2026, 3, 15, 13)
        self.assertEqual(self.say(command, "suspended"), (self.order, False))
        self.assertRecordValues(
            command, [{"confirmed_at": self.NOW, "occurred_at": datetime(2026, 3, 15, 11)}]
        )

    def test_another_state_without_a_refusal_is_refused(self):
        command = self.sent("suspend")
        with self.assertRaises(Invalid) as raised:
            self.say(command, "active")
        self.assertEqual(raised.exception.details, {"state": ["value_is_invalid"]})
        self.assertEqual(command.state, "sent")

    def test_a_refusal_is_a_drift_that_somebody_is_called_for(self):
        self.service.responsible_id = self.env.ref("base.user_admin")
        command = self.sent("suspend")
        self.say(command, "active", refusal="legal hold")
        self.assertRecordValues(command, [{"state": "refused", "refusal": "legal hold"}])
        self.assertTrue(self.order.x_fc_state_drift)
        [activity] = self.order.activity_ids
        self.assertEqual(activity.user_id, self.env.ref("base.user_admin"))
        self.assertIn("legal hold", activity.note)
        again = self.issue("suspend")
        self.assertNotEqual(again, command)
        self.publish()
        self.say(again, "suspended")
        self.assertFalse(self.order.activity_ids)
        self.assertFalse(self.order.x_fc_state_drift)

    def test_what_was_refused_may_still_be_done_by_hand_and_confirmed(self):
        command = self.sent("suspend")
        self.say(command, "active", refusal="legal hold")
        self.say(command, "suspended")
        self.assertEqual(command.state, "confirmed")
        self.assertFalse(command.refusal)
        self.assertFalse(self.order.x_fc_state_drift)

    def test_a_command_is_confirmed_under_its_own_subscription_only(self):
        command = self.sent("suspend")
        self.make_order("sub-2")
        said = {"command_id": command.uuid, "state": "suspended"}
        desk = self.env["fusion.billing.command.desk"]
        for external_id, resource in (("sub-2", "command"), ("sub-3", "subscription")):
            with self.assertRaises(NotFound) as raised:
                desk._confirm(self.service, external_id, said)
            self.assertEqual(raised.exception.resource, resource)

    def test_a_renewal_goes_on_with_the_commands_of_its_parent(self):
        command = self.sent("suspend")
        renewal = self.make_order(
            "sub-2", subscription_id=self.order.id, subscription_state="2_renewal", confirm=False
        )
        subscribe = self.env["fusion.billing.subscribe"]
        renewal.write({"x_fc_external_id": False, "start_date": "2026-04-01"})
        subscribe._hand_over(renewal)
        self.assertEqual(self.order.x_fc_command_id, command, "it has not begun")
        self.service.test_clock = "2026-04-01 12:00:00"
        subscribe._advance(self.service)
        self.assertEqual(renewal.x_fc_command_id, command)
        self.assertEqual(command.order_id, renewal)
        self.assertFalse(self.order.x_fc_state_drift)
        self.assertEqual(self.say(command, "suspended"), (renewal, False))
        self.assertEqual(renewal.x_fc_confirmed_state, "suspended")
        subscribe._hand_back(renewal)
        self.assertEqual(self.order.x_fc_confirmed_state, "suspended")
        self.assertEqual(command.order_id, self.order)

    def test_a_renewal_to_come_leaves_its_parent_to_be_resumed(self):
        suspend = self.sent("suspend")
        renewal = self.make_order(
            "sub-2", subscription_id=self.order.id, subscription_state="2_renewal", confirm=False
        )
        subscribe = self.env["fusion.billing.subscribe"]
        renewal.write({"x_fc_external_id": False, "start_date": "2026-04-01"})
        subscribe._hand_over(renewal)
        resume = self.sent("resume")
        self.assertEqual((suspend.state, resume.state), ("superseded", "sent"))
        self.say(resume, "active")
        self.service.test_clock = "2026-04-01 12:00:00"
        subscribe._advance(self.service)
        self.assertEqual(renewal.x_fc_confirmed_state, "active")
        self.assertFalse(renewal.x_fc_state_drift)

    def test_a_change_of_state_commands_the_app_and_its_word_ends_the_drift(self):
        receiver = Receiver()
        self.addCleanup(receiver.stop)
        self.env["ir.config_parameter"].set_param("fusion_billing.webhook_allow_private", "1")
        self.service.webhook_url = receiver.url
        for by, state, command, confirmed in (
            ("policy", "past_due", None, None),
            ("policy", "suspended", "suspend", "suspended"),
            ("policy", "active", "resume", "active"),
            ("person", "terminated", "terminate", "terminated"),
        ):
            with self.subTest(state=state):
                self.order._fc_set_service_state(state, by=by, reason="Because.")
                self.env["fusion.billing.deliver"]._deliver()
                heard = [json.loads(post.body) for post in receiver.received]
                receiver.received.clear()
                told = [body["command"] for body in heard if body["object_type"] == "command"]
                self.assertEqual([body["command"] for body in told], [command] if command else [])
                self.assertEqual(self.order.x_fc_state_drift, bool(command))
                for body in told:
                    said = {"command_id": body["id"], "state": body["desired_state"]}
                    desk = self.env["fusion.billing.command.desk"]
                    desk._confirm(self.service, body["external_subscription_id"], said)
                self.assertFalse(self.order.x_fc_state_drift)
                self.assertEqual(self.order.x_fc_confirmed_state or None, confirmed)

    def test_what_has_ended_need_not_be_suspended_but_is_still_to_be_terminated(self):
        subscribe = self.env["fusion.billing.subscribe"]
        suspend = self.sent("suspend")
        subscribe._terminate(self.order, self.NOW, "skip")
        self.assertEqual(suspend.state, "superseded")
        self.assertFalse(self.order.x_fc_state_drift)
        second = self.make_order("sub-2")
        terminate = self.sent("terminate", second)
        subscribe._terminate(second, self.NOW, "skip")
        self.assertEqual(terminate.state, "sent")
        self.assertTrue(second.x_fc_state_drift)
