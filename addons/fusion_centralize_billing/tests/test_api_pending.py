"""A downgrade that waits for the period's end is a pending subscription to the app."""

from datetime import date, datetime

from odoo.tests import tagged

from .api_billed_case import BilledCase


@tagged("post_install", "-at_install", "fc_pending")
class TestApiPending(BilledCase):
    """``sub-1`` runs on ``pro`` (20.00) until 10 May, then on ``mini`` (5.00)."""

    def setUp(self) -> None:
        super().setUp()
        self.make_plan(self.service, "mini", 5.0)
        self.downgraded = self.subscribe(plan_code="mini")

    def listed(self, query: str) -> list[tuple]:
        body = self.ok("GET", f"/subscriptions?{query}")
        self.assertEqual(body["meta"]["total_count"], len(body["subscriptions"]))
        return [(own["plan_code"], own["status"]) for own in body["subscriptions"]]

    def test_the_old_one_says_what_follows_and_the_new_one_what_was(self) -> None:
        self.assertEqual(
            (self.downgraded["plan_code"], self.downgraded["next_plan_code"],
             self.downgraded["downgrade_plan_date"]),
            ("pro", "mini", "2026-05-10"),
        )  # fmt: skip
        coming = self.ok("GET", "/subscriptions/sub-1?status=pending")["subscription"]
        self.assertNotEqual(coming["lago_id"], self.downgraded["lago_id"])
        for name, value in {
            "external_id": "sub-1",
            "status": "pending",
            "plan_code": "mini",
            "plan_amount_cents": 500,
            "previous_plan_code": "pro",
            "next_plan_code": None,
            "downgrade_plan_date": None,
            "subscription_at": "2026-05-10T04:00:00Z",
            "started_at": None,
            "current_billing_period_started_at": None,
        }.items():
            self.assertEqual(coming[name], value, name)
        self.assertEqual(coming["plan"]["code"], "mini")

    def test_it_is_listed_among_the_pending(self) -> None:
        self.subscribe("later", subscription_at="2026-08-01T12:00:00Z")
        self.assertEqual(self.listed("status[]=pending"), [("mini", "pending"), ("pro", "pending")])
        self.assertEqual(self.listed(""), [("pro", "active")])
        self.assertEqual(
            self.listed("status[]=pending&status[]=active&external_id=sub-1"),
            [("mini", "pending"), ("pro", "active")],
        )
        self.assertEqual(self.listed("status=pending&plan_code=mini"), [("mini", "pending")])
        self.assertEqual(self.listed("status=pending&external_customer_id=nobody"), [])

    def test_pages_go_over_both_kinds_without_a_gap(self) -> None:
        self.subscribe("later", subscription_at="2026-08-01T12:00:00Z")
        query = "/subscriptions?status[]=pending&status[]=active&per_page=1"
        pages = [self.ok("GET", f"{query}&page={number}") for number in (1, 2, 3, 4)]
        found = [
            own["plan_code"] + own["status"] for body in pages for own in body["subscriptions"]
        ]
        self.assertEqual(found, ["minipending", "propending", "proactive"])
        self.assertEqual({body["meta"]["total_pages"] for body in pages}, {3})

    def test_called_off_the_old_one_goes_on(self) -> None:
        coming = self.ok("DELETE", "/subscriptions/sub-1?status=pending")["subscription"]
        self.assertEqual((coming["status"], coming["plan_code"]), ("canceled", "mini"))
        self.assertEqual(coming["canceled_at"], "2026-04-10T15:00:00Z")
        running = self.ok("GET", "/subscriptions/sub-1")["subscription"]
        self.assertEqual((running["plan_code"], running["next_plan_code"]), ("pro", None))
        answer = self.call("GET", "/subscriptions/sub-1?status=pending")
        self.assert_not_found(answer, "subscription_not_found")
        self.assertEqual(len(self.told("subscription.canceled")), 1)
        self.service.test_clock = datetime(2026, 5, 10, 15)
        self.bill(date(2026, 5, 10))
        self.assertEqual(self.listed(""), [("pro", "active")])
        self.assert_book_is_right()

    def test_on_its_day_it_is_no_longer_pending(self) -> None:
        self.service.test_clock = datetime(2026, 5, 10, 15)
        self.bill(date(2026, 5, 10))
        self.assertEqual(self.listed("status[]=pending"), [])
        self.assertEqual(self.listed(""), [("mini", "active")])
        running = self.ok("GET", "/subscriptions/sub-1")["subscription"]
        self.assertEqual(running["previous_plan_code"], "pro")

    def test_another_services_downgrade_is_404_like_nothing(self) -> None:
        _other, key = self.make_service("other")
        for method in ("GET", "DELETE"):
            answer = self.call(method, "/subscriptions/sub-1?status=pending", key=key)
            self.assert_not_found(answer, "subscription_not_found")
        body = self.call("GET", "/subscriptions?status=pending", key=key)[1]
        self.assertEqual(body["subscriptions"], [])
