"""Every push leaves its trace: the log of requests, and what became of each event."""

from datetime import date, datetime, timedelta

from odoo import fields
from odoo.tests import tagged

from ..models import usage_push
from .api_common import ApiCase
from .usage_case import UsageCase

APRIL = date(2026, 4, 1)


@tagged("post_install", "-at_install", "fc_ingest")
class TestIngestDispositions(UsageCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.order = cls.make_order("sub-1")
        cls.events = cls.env["fusion.billing.usage.event"]

    def found(self) -> dict[str, tuple]:
        """``{transaction id: (disposition, invoice)}``, which the search agrees with."""
        self.events.invalidate_model()
        events = self.events.search([("service_id", "=", self.service.id)])
        for disposition in ("parked", "counted", "billed", "correcting"):
            self.assertEqual(
                self.events.search([("disposition", "=", disposition)]),
                events.filtered(lambda event, wanted=disposition: event.disposition == wanted),
            )
        return {event.transaction_id: (event.disposition, event.invoice_id) for event in events}

    def test_an_event_says_whether_it_is_counted_billed_or_parked(self) -> None:
        self.make_metric("free")
        self.push(
            self.item("a", 1200),
            self.item("april", 1, at=datetime(2026, 4, 2)),
            self.item("unpriced", 1, code="free"),
            self.item("parked", 1, code="tb"),
        )
        none = self.env["account.move"]
        self.assertEqual({found[0] for found in self.found().values()}, {"counted", "parked"})
        self.run_billing(APRIL)
        (march,) = self.order.x_fc_period_ids.filtered(
            lambda period: period.start == date(2026, 3, 1)
        )
        self.assertEqual(
            self.found(),
            {
                "a": ("billed", march.invoice_id),
                "april": ("counted", none),
                "unpriced": ("counted", none),
                "parked": ("parked", none),
            },
        )
        self.push(self.item("late", 1))
        self.assertEqual(self.found()["late"][0], "correcting")

    def test_the_log_forgets_what_is_older_than_its_retention(self) -> None:
        pushes = self.env["fusion.billing.usage.push"]
        old, young = (pushes._record(self.service, "events", [("a", "accepted")]) for _n in "ab")
        old.received_at = fields.Datetime.now() - timedelta(days=91)
        young.received_at = fields.Datetime.now() - timedelta(days=89)
        pushes._drop_old()
        self.assertEqual((old | young).exists(), young)
        self.env["ir.config_parameter"].set_param(usage_push.RETENTION, 0)
        young.received_at = datetime(2020, 1, 1)
        pushes._drop_old()
        self.assertTrue(young.exists())


@tagged("post_install", "-at_install", "fc_api")
class TestIngestPushLog(ApiCase):
    def setUp(self) -> None:
        super().setUp()
        self.customer()
        self.subscribe()

    def send(self, *events: tuple, **values) -> int:
        """Push ``(transaction id, gb)`` pairs; return the HTTP status."""
        body = [
            {
                "transaction_id": name,
                "external_subscription_id": "sub-1",
                "code": "bandwidth",
                "timestamp": 1773154800,
                "properties": {"gb": gb},
                **values,
            }
            for name, gb in events
        ]
        return self.call("POST", "/events/batch", {"events": body})[0]

    def last(self) -> dict:
        push = self.env["fusion.billing.usage.push"].search([], limit=1)
        names = ("items", "accepted", "duplicates", "parked", "conflicts", "outcome", "repeats")
        return {name: push[name] for name in names} | {"key": push.key_id.service_id}

    def expect(self, **values) -> None:
        zero = dict.fromkeys(("items", "accepted", "duplicates", "parked", "conflicts"), 0)
        self.assertEqual(
            self.last(), {**zero, "outcome": "new", "repeats": False, "key": self.service, **values}
        )

    def test_a_request_is_logged_with_what_became_of_its_items(self) -> None:
        self.assertEqual(self.send(("a", 1), ("b", 2)), 200)
        self.expect(items=2, accepted=2)
        self.send(("b", 2), ("c", 3))
        self.expect(
            items=2, accepted=1, duplicates=1, outcome="repeated", repeats={"duplicate": ["b"]}
        )
        self.send(("d", 1), code="typo")
        self.expect(items=1, parked=1, outcome="parked", repeats={"parked": ["d"]})

    def test_a_refused_request_is_logged_although_nothing_of_it_is_kept(self) -> None:
        self.send(("a", 1))
        self.assertEqual(self.send(("a", 2), ("new", 1)), 422)
        self.expect(items=2, conflicts=1, outcome="refused", repeats={"conflict": ["a"]})
        events = self.env["fusion.billing.usage.event"].search([])
        self.assertEqual(events.mapped("transaction_id"), ["a"])

    def test_an_event_whose_row_retention_dropped_is_answered_from_what_was_sent(self) -> None:
        self.send(("a", 1))
        event = self.env["fusion.billing.usage.event"].search([])
        self.env.cr.execute("DELETE FROM fusion_billing_usage_event")
        self.env.invalidate_all()
        status, body = self.call(
            "POST",
            "/events",
            {
                "event": {
                    "transaction_id": "a",
                    "external_subscription_id": "sub-1",
                    "code": "bandwidth",
                    "timestamp": 1773154800,
                    "properties": {"gb": 1},
                }
            },
        )
        self.assertEqual(status, 200)
        self.assertEqual(body["event"]["disposition"]["status"], "duplicate")
        self.assertEqual(
            body["event"]["lago_id"], self.env["fusion.billing.serialize"]._id("event", event)
        )
        self.assertEqual(body["event"]["timestamp"], "2026-03-10T15:00:00.000Z")
