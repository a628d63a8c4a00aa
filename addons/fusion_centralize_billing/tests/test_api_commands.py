"""Commands over the API: confirmed, refused, caught up with; another service's are nothing."""

from odoo.tests import tagged

from .api_common import ApiCase


@tagged("post_install", "-at_install")
class TestApiCommands(ApiCase):
    def setUp(self) -> None:
        super().setUp()
        self.customer()
        self.subscribe()
        self.order = self.service.subscription_ids

    def issue(self, command: str):
        issued = self.env["fusion.billing.command"]._issue(self.order, command, "unpaid")
        self.env["fusion.billing.outbox"]._publish()
        return issued

    def say(self, command, state: str, external_id: str = "sub-1", key: str = "", **said):
        body = {"service_state": {"command_id": command.uuid, "state": state, **said}}
        path = f"/subscriptions/{external_id}/service_state"
        return self.call("PUT", path, body, key=key)

    def numbers(self, query: str = "", key: str = "") -> tuple[list[int], dict]:
        status, body = self.call("GET", f"/commands{query}", key=key)
        self.assertEqual(status, 200, body)
        return [command["number"] for command in body["commands"]], body["meta"]

    def test_a_confirmed_command_is_answered_with_where_things_stand(self):
        command = self.issue("suspend")
        status, body = self.say(command, "suspended", occurred_at="2026-03-10T15:29:00Z")
        expected = {
            "external_subscription_id": "sub-1",
            "desired_state": "suspended",
            "confirmed_state": "suspended",
            "confirmed_at": "2026-03-10T15:30:00Z",
            "drift": False,
            "command": {
                "id": command.uuid,
                "number": 1,
                "attempt": 1,
                "command": "suspend",
                "desired_state": "suspended",
                "external_subscription_id": "sub-1",
                "external_customer_id": "acme",
                "reason": "unpaid",
                "issued_at": "2026-03-10T15:30:00Z",
                "status": "confirmed",
                "sent_at": "2026-03-10T15:30:00Z",
                "confirmed_at": "2026-03-10T15:30:00Z",
                "confirmed_state": "suspended",
                "refusal": None,
            },
        }
        self.assertEqual((status, body), (200, {"service_state": expected}))
        self.assertEqual(self.say(command, "suspended"), (200, {"service_state": expected}))
        status, body = self.call("GET", f"/commands/{command.uuid}")
        self.assertEqual((status, body), (200, {"command": expected["command"]}))

    def test_the_subscription_tells_what_is_wanted_and_what_was_confirmed(self):
        names = ("service_state", "confirmed_service_state", "service_state_confirmed_at")

        def shown() -> list:
            _status, body = self.call("GET", "/subscriptions/sub-1")
            return [body["subscription"][name] for name in names]

        self.assertEqual(shown(), ["active", None, None])
        command = self.issue("suspend")
        self.say(command, "suspended")
        self.assertEqual(shown()[1:], ["suspended", "2026-03-10T15:30:00Z"])

    def test_an_old_command_is_answered_with_the_newest_one_and_confirms_nothing(self):
        old = self.issue("suspend")
        new = self.issue("resume")
        status, body = self.say(old, "suspended")
        self.assertEqual((status, body["code"]), (409, "command_superseded"))
        stand = body["service_state"]
        self.assertEqual((stand["desired_state"], stand["confirmed_state"]), ("active", None))
        self.assertEqual((stand["command"]["id"], stand["drift"]), (new.uuid, True))
        self.assertEqual(new.state, "sent")

    def test_what_is_wrong_is_told_by_field(self):
        command = self.issue("suspend")
        self.assert_invalid(self.say(command, "asleep"), state=["value_is_invalid"])
        self.assert_invalid(self.say(command, "active"), state=["value_is_invalid"])
        self.assert_invalid(
            self.say(command, "suspended", occurred_at="soon"), occurred_at=["invalid_date"]
        )
        path = "/subscriptions/sub-1/service_state"
        answer = self.call("PUT", path, {"service_state": {"state": "active"}})
        self.assert_invalid(answer, command_id=["value_is_mandatory"])
        self.assertEqual(self.call("PUT", path, {})[0], 400)
        self.assertEqual(command.state, "sent")

    def test_a_refusal_is_kept_with_its_reason(self):
        command = self.issue("suspend")
        status, body = self.say(command, "active", refusal="legal hold")
        self.assertEqual(status, 200)
        stand = body["service_state"]
        self.assertEqual((stand["confirmed_state"], stand["drift"]), ("active", True))
        self.assertEqual(stand["command"]["status"], "refused")
        self.assertEqual(stand["command"]["refusal"], "legal hold")

    def test_an_app_that_was_away_reads_the_commands_it_has_to_act_on(self):
        self.issue("suspend")
        self.say(self.issue("resume"), "active")
        waiting = self.issue("suspend")
        self.assertEqual(self.numbers()[0], [1, 2, 3])
        self.assertEqual(self.numbers("?status[]=sent")[0], [waiting.number])
        self.assertEqual(self.numbers("?status[]=superseded&status[]=confirmed")[0], [1, 2])
        numbers, meta = self.numbers("?after=1&limit=1")
        self.assertEqual((numbers, meta), ([2], {"next_after": 2, "last_number": 3, "count": 1}))
        self.assertEqual(self.numbers("?after=3")[1]["next_after"], 3)
        self.assertEqual(self.numbers("?external_subscription_id=other")[0], [])
        for query in ("after=x", "limit=-1"):
            name = query.split("=")[0]
            answer = self.call("GET", f"/commands?{query}")
            self.assert_invalid(answer, **{name: ["value_is_invalid"]})
        self.assert_invalid(self.call("GET", "/commands?status[]=new"), status=["value_is_invalid"])

    def test_a_command_that_has_no_number_yet_is_not_in_the_list(self):
        self.env["fusion.billing.command"]._issue(self.order, "suspend", "unpaid")
        self.assertEqual(self.numbers()[0], [])

    def test_another_services_commands_are_nothing(self):
        command = self.issue("suspend")
        _other, key = self.make_service("other")
        answer = self.say(command, "suspended", key=key)
        self.assert_not_found(answer, "subscription_not_found")
        self.assert_not_found(
            self.call("GET", f"/commands/{command.uuid}", key=key), "command_not_found"
        )
        numbers, meta = self.numbers(key=key)
        self.assertEqual((numbers, meta["last_number"]), ([], 0))
        self.assertEqual(command.state, "sent")

    def test_another_services_command_is_not_confirmed_under_an_id_that_both_use(self):
        command = self.issue("suspend")
        other, key = self.make_service("other")
        self.make_plan(other, "pro2", 1.0)
        body = {"external_customer_id": "c", "plan_code": "pro2", "external_id": "sub-1"}
        self.call("POST", "/subscriptions", {"subscription": body}, key=key)
        self.assert_not_found(self.say(command, "suspended", key=key), "command_not_found")
        self.assertEqual(command.state, "sent")

    def test_an_app_that_ends_a_subscription_itself_is_told_nothing_more(self):
        command = self.issue("suspend")
        self.assertEqual(self.call("DELETE", "/subscriptions/sub-1")[0], 200)
        self.assertEqual(command.state, "superseded")
        self.assertRecordValues(
            self.order, [{"x_fc_confirmed_state": "terminated", "x_fc_state_drift": False}]
        )
        self.assertFalse(self.issue("terminate"))

    def test_a_key_that_only_reads_confirms_nothing(self):
        command = self.issue("suspend")
        keys = self.env["fusion.billing.api.key"]
        _record, key = keys._generate(self.service, "reader", scope="read")
        self.assertEqual(self.say(command, "suspended", key=key)[0], 403)
        self.assertEqual(self.numbers(key=key)[0], [1])
