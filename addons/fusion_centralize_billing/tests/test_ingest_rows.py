"""The texts of a batch: what Python writes and hashes is what PostgreSQL would write and hash."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

from odoo.tests import tagged

from ..engine import IngestItem
from ..pipeline import ingest_rows
from .usage_case import UsageCase

NOON = datetime(2026, 3, 10, 12, 0, 0, 5, tzinfo=UTC)
# How keys were made before Python made them: those of old events must be found for ever.
HASHES = """
SELECT substring(sha256(convert_to(length(%(s)s) || ':' || %(s)s || %(t)s, 'UTF8')) FOR 16),
       substring(sha256(convert_to(
           concat(%(c)s::text, chr(31), %(a)s::text, chr(31), %(m)s::numeric, chr(31),
                  COALESCE(%(p)s::jsonb, '{}')::text), 'UTF8')) FOR 16)"""
PROPERTIES = [
    None,
    {},
    {"gb": 1, "region": "eu", "a": True, "ab": None, "B": False},
    {"gb": Decimal("1.10"), "z": Decimal("1E+3"), "y": -0.10, "x": Decimal("-0.0"), "w": 10**25},
    {"gb": Decimal("0.000000000000000000000000000001"), "n": Decimal("-12.5")},
    {"région": 'Québec "ouest" \\ \n\t\x1f\x7f€😀', "é": "/", "e": "", "\x1e": "\u2028"},
    {"nested": {"bb": [1, {"z": 1, "a": [], "é": {}}], "a": "x"}, "tags": ["ä", None, True, 1.5]},
    {1: "number", 22: [], "text": 2},
]


@tagged("post_install", "-at_install", "fc_ingest")
class TestIngestRows(UsageCase):
    def items(self) -> list[IngestItem]:
        return [
            IngestItem(f"t{n}é", "sub-1", "gb", NOON, properties, n % 2 == 0, cents)
            for n, properties in enumerate(PROPERTIES)
            for cents in (None, Decimal("12.50"))
        ]

    def test_content_is_written_as_the_database_writes_jsonb(self) -> None:
        texts = ingest_rows.batch(self.items()[::2]).parameters
        written = texts["properties"].split(texts["cut"])
        self.assertEqual(written[0], "")
        self.env.cr.execute("SELECT p::jsonb::text FROM unnest(%s) AS p", (written[1:],))
        self.assertEqual([text for (text,) in self.env.cr.fetchall()], written[1:])

    def test_hashes_are_those_the_database_made_before(self) -> None:
        for item in self.items():
            batch = ingest_rows.batch([item])
            texts = batch.parameters
            self.env.cr.execute(
                HASHES,
                {
                    "s": item.external_subscription_id,
                    "t": item.transaction_id,
                    "c": item.code,
                    "a": "2026-03-10T12:00:00.000005" if item.timestamp_given else None,
                    "m": texts["cents"] or None,
                    "p": texts["properties"] or None,
                },
            )
            key, content = map(bytes, self.env.cr.fetchone())
            self.assertEqual((batch.keys, batch.contents), ([key], [content]), item)

    def test_equal_content_has_one_hash_however_it_was_written(self) -> None:
        toronto = NOON.astimezone(timezone(timedelta(hours=-5)))
        pairs = [
            IngestItem("a", "sub-1", "gb", NOON, {"gb": Decimal("1.50"), "n": {"a": 1, "b": 2}}),
            IngestItem("a", "sub-1", "gb", toronto, {"n": {"b": 2.0, "a": 1}, "gb": 1.5}),
        ]
        batch = ingest_rows.batch(pairs)
        self.assertEqual(len(set(batch.contents)), 1)
        self.assertEqual(batch.firsts, [0])

    def test_text_that_holds_what_parts_texts_is_stored_as_it_was_sent(self) -> None:
        names = ["a\x1fb", " ", "!\x1e\x1f", "#\x1f\x20"]
        self.make_order("sub-1")
        found = self.push(*(self.item(name, gb=1, note=f"{name}\x1f") for name in names))
        self.assertEqual({one.status for one in found}, {"accepted"})
        self.env.cr.execute(
            "SELECT transaction_id, properties ->> 'note' FROM fusion_billing_usage_event "
            "WHERE service_id = %s ORDER BY id",
            (self.service.id,),
        )
        self.assertEqual(self.env.cr.fetchall(), [(name, f"{name}\x1f") for name in names])

    def test_known_repeated_parked_and_new_ones_of_one_batch_are_told_apart(self) -> None:
        self.make_order("sub-1")
        kept, waiting = self.push(self.item("kept", 1), self.item("waiting", 1, code="tb"))
        found = self.push(
            self.item("new", 2),
            self.item("kept", 1),
            self.item("lost", 3, sub="nobody"),
            self.item("new", 2),
            self.item("waiting", 1, code="tb"),
            self.item("lost", 3, sub="nobody"),
        )
        new, _kept, lost, *_rest = (one.event_id for one in found)
        self.assertEqual(
            [tuple(one) for one in found],
            [
                ("accepted", None, new),
                ("duplicate", None, kept.event_id),
                ("parked", "unknown_subscription", lost),
                ("duplicate", None, new),
                ("duplicate", "unknown_metric", waiting.event_id),
                ("duplicate", "unknown_subscription", lost),
            ],
        )
        self.assertEqual([row[0] for row in self.ledger()], ["kept", "lost", "new", "waiting"])
