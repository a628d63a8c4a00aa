"""POST /events/estimate_fees: the difference an event makes, and nothing of it is kept."""

from datetime import datetime

from odoo.tests import tagged

from .api_billed_case import BilledCase


@tagged("post_install", "-at_install")
class TestApiEstimateFees(BilledCase):
    def estimate(self, code: str = "bandwidth", **values):
        event = {"external_subscription_id": "sub-1", "code": code, **values}
        return self.call("POST", "/events/estimate_fees", {"event": event})

    def fees(self, code: str = "bandwidth", **values) -> list[dict]:
        status, body = self.estimate(code, **values)
        self.assertEqual(status, 200, body)
        return body["fees"]

    def current(self) -> int:
        path = "/customers/acme/current_usage?external_subscription_id=sub-1"
        return self.ok("GET", path)["customer_usage"]["amount_cents"]

    def test_an_event_costs_what_it_adds_to_the_period(self) -> None:
        self.push("m-1", properties={"gb": "900"})
        [fee] = self.fees(properties={"gb": "150.5"})
        # 50.5 GB beyond the included 1,000 at 0.05: 2.525
        self.assertEqual((fee["amount_cents"], fee["units"]), (253, "150.5"))
        self.assertEqual((fee["taxes_amount_cents"], fee["total_amount_cents"]), (33, 286))
        self.assertEqual((fee["events_count"], fee["item"]["code"]), (1, "bandwidth"))
        self.assertEqual([tax["amount_cents"] for tax in fee["applied_taxes"]], [33])
        before = self.current()
        self.push("m-2", properties={"gb": "150.5"})
        self.assertEqual(self.current() - before, fee["amount_cents"])

    def test_it_has_every_key_of_a_fee(self) -> None:
        [fee] = self.fees(properties={"gb": 1}, transaction_id="later")
        stored = self.ok("GET", f"/fees/{self.usage_id}")["fee"]
        self.assertEqual(set(fee) - set(stored), {"event_transaction_id"})
        self.assertEqual(set(stored) - set(fee), set())
        self.assertEqual(set(stored["item"]), set(fee["item"]))
        self.assertEqual(
            {key: fee[key] for key in ("lago_id", "lago_charge_id", "event_transaction_id")},
            {"lago_id": None, "lago_charge_id": stored["lago_charge_id"],
             "event_transaction_id": "later"},
        )  # fmt: skip
        self.assertEqual(fee["from_date"], "2026-04-10T04:00:00+00:00")

    def test_a_tier_is_entered_once(self) -> None:
        self.assertEqual([fee["amount_cents"] for fee in self.fees("calls")], [0])
        for number in range(2):
            self.push(f"c-{number}", code="calls")
        self.assertEqual([fee["amount_cents"] for fee in self.fees("calls")], [150])
        self.push("c-2", code="calls")
        self.assertEqual([fee["amount_cents"] for fee in self.fees("calls")], [50])

    def test_nothing_of_it_is_kept(self) -> None:
        ledger = self.env["fusion.billing.usage.event"]
        models = (ledger, self.env["fusion.billing.usage"], self.env["fusion.billing.webhook"])
        before = [model.search_count([]) for model in models]
        self.fees(properties={"gb": "5000"})
        self.estimate(properties={})
        self.assertEqual([model.search_count([]) for model in models], before)
        self.assertEqual(self.current(), 0)
        self.assert_book_is_right()

    def test_an_event_of_another_day_is_priced_in_its_period(self) -> None:
        at = int(datetime(2026, 3, 20).timestamp())
        [fee] = self.fees(properties={"gb": 100}, timestamp=at)
        # 1,250.5 GB were used in March already
        self.assertEqual(fee["amount_cents"], 500)
        self.assertEqual(fee["from_date"], "2026-03-10T04:00:00+00:00")

    def test_group_and_minimum_are_fees_of_their_own(self) -> None:
        metric = self.make_metric(self.service, "storage", field_name="gb")
        self.make_charge(
            self.plan,
            metric,
            model="standard",
            unit_price=1,
            pricing_group_keys="region",
            min_amount=20,
        )
        fees = self.fees("storage", properties={"gb": 5, "region": "eu"})
        self.assertEqual(
            [(fee["amount_cents"], fee["item"]["grouped_by"]) for fee in fees],
            [(500, {"region": "eu"}), (-500, {})],
        )

    def test_several_events_are_estimated_each_by_itself(self) -> None:
        event = {"external_subscription_id": "sub-1", "code": "bandwidth"}
        events = [event | {"properties": {"gb": gb}} for gb in (1010, 1020)]
        path = "/events/batch_estimate_instant_fees"
        fees = self.ok("POST", path, {"events": events})["fees"]
        self.assertEqual([fee["amount_cents"] for fee in fees], [50, 100])
        alone = self.ok("POST", "/events/estimate_instant_fees", {"event": events[1]})
        self.assertEqual(alone["fees"], fees[1:])
        self.assert_invalid(self.call("POST", path, {"events": []}), events=["no_events"])
        broken = [event, {"code": "bandwidth"}]
        answer = self.call("POST", path, {"events": broken})
        self.assert_invalid(answer, **{"1": {"external_subscription_id": ["value_is_mandatory"]}})
        self.assertEqual(self.call("POST", path, {"event": event})[0], 400)

    def test_what_cannot_be_priced_is_said(self) -> None:
        self.assert_invalid(self.estimate("nothing"), code=["does_not_match_an_instant_charge"])
        self.make_metric(self.service, "free", aggregation="count")
        self.assert_invalid(self.estimate("free"), code=["does_not_match_an_instant_charge"])
        self.assert_invalid(self.estimate(properties={}), properties=["value_is_mandatory"])
        self.assert_invalid(
            self.estimate(properties={"gb": "much"}), properties=["value_is_invalid"]
        )
        early = int(datetime(2026, 1, 1).timestamp())
        self.assert_invalid(
            self.estimate(properties={"gb": 1}, timestamp=early),
            timestamp=["value_is_out_of_range"],
        )

    def test_another_services_subscription_is_404_like_nothing(self) -> None:
        _other, key = self.make_service("other")
        for name in ("sub-1", "nothing"):
            event = {"external_subscription_id": name, "code": "bandwidth"}
            for path, body in (
                ("estimate_fees", {"event": event}),
                ("estimate_instant_fees", {"event": event}),
                ("batch_estimate_instant_fees", {"events": [event]}),
            ):
                answer = self.call("POST", f"/events/{path}", body, key=key)
                self.assert_not_found(answer, "subscription_not_found")
