"""Usage that cannot be counted yet is kept, says why, and counts once it can."""

from datetime import date, datetime
from decimal import Decimal
from unittest.mock import patch

from odoo.tests import tagged

from .usage_case import UsageCase


@tagged("post_install", "-at_install", "fc_ingest")
class TestIngestParked(UsageCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.order = cls.make_order("sub-1")

    def test_each_reason_has_its_name_and_nothing_is_counted(self) -> None:
        cases = {
            "unknown_subscription": self.item("a", 5, sub="nobody"),
            "unknown_metric": self.item("b", 5, code="tb"),
            "missing_value": self.item("c", None),
            "invalid_value": self.item("d", "a lot"),
            "outside_subscription": self.item("e", 5, at=datetime(2026, 2, 1)),
        }
        found = self.push(*cases.values())
        self.assertEqual([disposition.reason for disposition in found], list(cases))
        self.assertEqual({disposition.status for disposition in found}, {"parked"})
        self.assertEqual(self.rollup(self.order), {})

    def test_an_event_without_subscription_is_parked_and_still_deduplicated(self) -> None:
        self.assertEqual(self.reasons(self.item("a", 5, sub=None)), ["unknown_subscription"])
        self.assertEqual(self.statuses(self.item("a", 5, sub=None)), ["duplicate"])

    def test_a_duplicate_of_a_parked_event_says_why_that_one_is_parked(self) -> None:
        self.push(self.item("a", 5, code="tb"))
        again = self.push(self.item("a", 5, code="tb"))[0]
        self.assertEqual((again.status, again.reason), ("duplicate", "unknown_metric"))

    def test_a_number_is_what_lago_takes_for_one(self) -> None:
        good = ["5", "-5", "5.25", 5, -5, Decimal("1e3"), "007"]
        bad = ["+5", ".5", "5.", "1e3", "1,000", " 5", "0x10", True, [5], {"n": 5}, "9" * 19]
        for n, value in enumerate(good):
            self.assertEqual(self.reasons(self.item(f"good-{n}", value)), [None], value)
        for n, value in enumerate(bad):
            self.assertEqual(self.reasons(self.item(f"bad-{n}", value)), ["invalid_value"], value)

    def test_count_metrics_need_no_value_and_unique_metrics_take_any_text(self) -> None:
        calls = self.make_metric("calls", aggregation="count", field_name=False)
        users = self.make_metric("users", aggregation="unique", field_name="user")
        self.push(
            self.item("a", None, code="calls"),
            self.item("b", None, code="calls"),
            *(
                self.item(f"u{n}", code="users", user=user)
                for n, user in enumerate(("ann", "bob", "ann"))
            ),
        )
        usage = self.env["fusion.billing.rate"]._usage(
            self.order, date(2026, 3, 1), date(2026, 4, 1)
        )
        self.assertEqual((usage[calls].quantity, usage[users].quantity), (2, 2))

    def test_a_metric_created_later_releases_what_waited_for_it(self) -> None:
        self.push(self.item("a", 5, code="tb"))
        metric = self.make_metric("tb")
        self.assertEqual(self.total(self.order, metric), 5)
        self.assertEqual(self.env["fusion.billing.ingest"]._reexamine(self.service), 0)
        self.assertEqual(self.total(self.order, metric), 5)
        self.assertEqual(self.statuses(self.item("a", 5, code="tb")), ["duplicate"])

    def test_a_subscription_created_later_releases_only_its_own_events(self) -> None:
        self.push(self.item("a", 5, sub="sub-2"), self.item("b", 7, sub="sub-3"))
        order = self.make_order("sub-2")
        ingest = self.env["fusion.billing.ingest"]
        self.assertEqual(ingest._reexamine(self.service, external_ids=["sub-2"]), 1)
        self.assertEqual(self.total(order), 5)
        self.assertEqual([row[:2] for row in self.ledger()], [("a", "accepted"), ("b", "parked")])

    def test_an_event_still_parked_gets_its_new_reason(self) -> None:
        self.push(self.item("a", "a lot", sub="sub-2"))
        self.make_order("sub-2")
        self.env["fusion.billing.ingest"]._reexamine(self.service)
        event = self.env["fusion.billing.usage.event"].search([("transaction_id", "=", "a")])
        self.assertEqual((event.state, event.park_reason), ("parked", "invalid_value"))

    def test_a_subscription_lives_from_its_first_midnight_to_the_second_it_ended_in(self) -> None:
        self.order.x_fc_terminated_at = datetime(2026, 3, 20, 15, 30, 10)
        midnight = datetime(2026, 3, 1, 5)
        instants = {
            midnight.replace(hour=4, minute=59, second=59): "outside_subscription",
            midnight: None,
            datetime(2026, 3, 20, 15, 30, 10, 999000): None,
            datetime(2026, 3, 20, 15, 30, 11): "outside_subscription",
        }
        for n, (at, reason) in enumerate(instants.items()):
            self.assertEqual(self.reasons(self.item(f"t{n}", at=at)), [reason], at)

    def test_usage_goes_to_the_subscription_that_held_the_id_at_that_moment(self) -> None:
        self.order.x_fc_terminated_at = datetime(2026, 3, 9, 12)
        self.order.flush_recordset()
        successor = self.make_order("sub-1", start_date=date(2026, 3, 10))
        self.push(
            self.item("old", 1, at=datetime(2026, 3, 8)),
            self.item("new", 2, at=datetime(2026, 3, 11)),
        )
        self.assertEqual((self.total(self.order), self.total(successor)), (1, 2))

    def test_a_cancelled_order_is_no_subscription(self) -> None:
        self.make_order("sub-9", confirm=False).action_cancel()
        self.assertEqual(self.reasons(self.item("a", sub="sub-9")), ["unknown_subscription"])

    def test_a_shadow_draft_counts_too_so_that_it_can_be_compared(self) -> None:
        shadow = self.make_service("shadow", mode="shadow")
        self.make_metric("gb", service=shadow)
        link = self.make_link("cust-1", self.partner, service=shadow)
        plan = self.make_plan("pro", 29, service=shadow)
        self.make_order("sub-1", link=link, plan=plan, confirm=False)
        self.assertEqual(self.push(self.item("a"), service=shadow)[0].status, "accepted")

    def test_the_app_hears_once_a_batch_what_was_parked(self) -> None:
        emitted = []
        outbox = type(self.env["fusion.billing.outbox"])
        with patch.object(outbox, "_emit", lambda _self, *args: emitted.append(args)):
            self.push(
                self.item("fine"),
                self.item("a", code="tb"),
                self.item("b", None),
                self.item("c", sub="nobody"),
            )
        self.assertEqual(
            emitted,
            [
                (
                    self.service,
                    "events.errors",
                    "events_errors",
                    {
                        "invalid_code": ["a"],
                        "missing_aggregation_property": ["b"],
                        "unknown_subscription": ["c"],
                        "invalid_filter_values": [],
                        "missing_group_key": None,
                    },
                )
            ],
        )
