"""PUT /subscriptions/{id}: a name, an end, a start to come."""

from datetime import date, datetime

from odoo.tests import tagged

from .api_common import ApiCase


@tagged("post_install", "-at_install")
class TestApiSubscriptionUpdate(ApiCase):
    def setUp(self) -> None:
        super().setUp()
        self.customer()

    def put(self, external_id: str = "sub-1", query: str = "", key: str = "", **values):
        body = {"subscription": values}
        return self.call("PUT", f"/subscriptions/{external_id}{query}", body, key=key)

    def test_name_and_end_change_and_null_clears_them(self) -> None:
        self.subscribe()
        status, body = self.put(name="Head office", ending_at="2026-05-01T04:00:00Z")
        self.assertEqual(status, 200, body)
        self.assertEqual(body["subscription"]["name"], "Head office")
        self.assertEqual(body["subscription"]["ending_at"], "2026-05-01T04:00:00Z")
        self.assertEqual(body["subscription"]["plan"]["code"], "pro")
        order = self.service.subscription_ids
        self.assertEqual(order.end_date, date(2026, 4, 30))
        _status, body = self.put(ending_at=None)
        self.assertIsNone(body["subscription"]["ending_at"])
        self.assertEqual(body["subscription"]["name"], "Head office")
        self.assertFalse(order.end_date)

    def test_it_ends_when_the_new_end_comes(self) -> None:
        self.subscribe()
        self.put(ending_at="2026-03-20T15:30:00Z")
        self.service.test_clock = datetime(2026, 3, 21)
        self.env["fusion.billing.subscribe"]._advance(self.service)
        self.assertEqual(self.service.subscription_ids.x_fc_terminated_at.day, 20)

    def test_an_end_in_the_past_is_refused(self) -> None:
        self.subscribe()
        answer = self.put(ending_at="2026-03-01T00:00:00Z")
        self.assert_invalid(answer, ending_at=["invalid_date"])

    def test_a_start_moves_only_while_it_is_to_come(self) -> None:
        self.subscribe()
        answer = self.put(subscription_at="2026-04-01T12:00:00Z")
        self.assert_invalid(answer, subscription_at=["not_editable_once_started"])
        self.subscribe("later", subscription_at="2026-04-01T12:00:00Z")
        self.assert_not_found(self.put("later", name="x"), "subscription_not_found")
        status, body = self.put("later", "?status=pending", subscription_at="2026-04-15T12:00:00Z")
        self.assertEqual(status, 200, body)
        self.assertEqual(body["subscription"]["subscription_at"], "2026-04-15T12:00:00Z")
        order = self.service.subscription_ids.filtered(lambda o: o.x_fc_external_id == "later")
        self.assertEqual((order.start_date, order.next_invoice_date), (date(2026, 4, 15),) * 2)

    def test_what_nothing_acts_on_is_refused(self) -> None:
        self.subscribe()
        status, body = self.put(usage_thresholds=[{"amount_cents": 1}])
        self.assertEqual((status, body["code"]), (403, "feature_unavailable"))
        answer = self.put(on_termination_credit_note="skip", on_termination_invoice="skip")
        self.assert_invalid(
            answer,
            on_termination_credit_note=["not_supported"],
            on_termination_invoice=["not_supported"],
        )

    def test_another_services_subscription_is_404_like_nothing(self) -> None:
        self.subscribe()
        _other, key = self.make_service("other")
        self.assert_not_found(self.put(key=key, name="x"), "subscription_not_found")
        self.assertFalse(self.service.subscription_ids.x_fc_name)
