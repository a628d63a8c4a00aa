"""``Idempotency-Key``: the same write twice is done once."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .api_common import ApiCase

PLAN = {
    "name": "Team",
    "code": "team",
    "interval": "monthly",
    "amount_cents": 100,
    "amount_currency": "CAD",
    "pay_in_advance": True,
}


@tagged("post_install", "-at_install")
class TestApiIdempotency(ApiCase):
    def post(self, idempotency_key: str = "k-1", key: str = "", **values):
        headers = {"Idempotency-Key": idempotency_key}
        return self.call("POST", "/plans", {"plan": PLAN | values}, key=key, **headers)

    def test_the_same_request_again_is_answered_and_not_done_again(self) -> None:
        first = self.post()
        self.assertEqual(first[0], 200)
        # Without the key the same body is refused: the code is taken.
        again = self.post()
        self.assertEqual(again, first)
        self.assert_invalid(self.post("k-2"), code=["value_already_exist"])
        self.assertEqual(len(self.service.plan_ids), 2)

    def test_the_same_key_with_another_body_or_path_is_refused(self) -> None:
        self.post()
        answer = self.post(name="Crew")
        self.assert_invalid(answer, idempotency_key=["value_already_exist"])
        body = {"customer": {"external_id": "x"}}
        answer = self.call("POST", "/customers", body, **{"Idempotency-Key": "k-1"})
        self.assert_invalid(answer, idempotency_key=["value_already_exist"])
        self.assertFalse(self.service.link_ids)

    def test_a_refused_request_may_be_mended_under_its_key(self) -> None:
        self.assertEqual(self.post(interval="daily")[0], 422)
        self.assertEqual(self.post()[0], 200)

    def test_events_keep_their_answer_too(self) -> None:
        body = {"event": {"transaction_id": "t", "external_subscription_id": "s", "code": "c"}}
        headers = {"Idempotency-Key": "e-1"}
        first = self.call("POST", "/events", body, **headers)
        self.assertEqual(first[1]["event"]["disposition"]["status"], "parked")
        self.assertEqual(self.call("POST", "/events", body, **headers), first)

    def test_two_services_have_keys_of_their_own(self) -> None:
        self.post()
        other, key = self.make_service("other")
        self.assertEqual(self.post(key=key)[0], 200)
        self.assertEqual(other.plan_ids.mapped("x_fc_code"), ["team"])
        rows = self.env["fusion.billing.idempotency"].with_user(other.user_id)
        self.assertEqual(rows.search([]).service_id, other)
        with self.assertRaises(AccessError):
            rows.search([]).unlink()

    def test_reading_needs_no_key_and_a_long_one_is_refused(self) -> None:
        self.assertEqual(self.call("GET", "/plans", **{"Idempotency-Key": "g"})[0], 200)
        self.assertFalse(self.env["fusion.billing.idempotency"].search([("key", "=", "g")]))
        self.assert_invalid(self.post("k" * 256), idempotency_key=["value_is_too_long"])

    def test_answers_are_forgotten_after_30_days(self) -> None:
        self.post()
        rows = self.env["fusion.billing.idempotency"]
        self.assertEqual(rows._gc_old()[0], 0)
        old = fields.Datetime.now() - timedelta(days=31)
        self.env.cr.execute("UPDATE fusion_billing_idempotency SET create_date = %s", (old,))
        self.assertEqual(rows._gc_old()[0], 1)
        self.assert_invalid(self.post(), code=["value_already_exist"])
