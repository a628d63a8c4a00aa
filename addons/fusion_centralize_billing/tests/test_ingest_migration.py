"""An installation with a flat ledger keeps every row, every id and its memory of repeats."""

from datetime import UTC, datetime
from decimal import Decimal
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from odoo.tests import tagged

from ..engine import IngestItem
from ..models import ledger_table
from ..pipeline import ledger as ledger_stage
from .usage_case import UsageCase

FOLDER = Path(__file__).parents[1] / "migrations" / "19.0.1.1.0"
FLAT = """
CREATE TABLE fusion_billing_usage_event (
    id serial PRIMARY KEY, service_id int4 NOT NULL, subscription_id int4, metric_id int4,
    transaction_id varchar NOT NULL, external_subscription_id varchar NOT NULL,
    code varchar NOT NULL, dimension varchar, state varchar NOT NULL, park_reason varchar,
    content_hash varchar NOT NULL, day date, properties jsonb, value numeric,
    occurred_at timestamp NOT NULL, received_at timestamp NOT NULL)"""


def script(name: str):
    """A migration script as a module."""
    spec = spec_from_file_location(f"migration_{name}", FOLDER / f"{name}-ledger.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@tagged("post_install", "-at_install", "fc_ingest")
class TestIngestMigration(UsageCase):
    def setUp(self) -> None:
        super().setUp()
        self.patch(ledger_stage, "WORTH_A_PARTITION", 2)
        self.order = self.make_order("sub-1")

    def items(self) -> list[IngestItem]:
        at = datetime(2026, 3, 10, 12, 0, 0, 5, tzinfo=UTC)
        return [
            IngestItem("stamped", "sub-1", "gb", at, {"gb": Decimal("1.50"), "n": [1, None]}),
            IngestItem("unstamped", "sub-1", "gb", at, {"gb": 2}, timestamp_given=False),
            IngestItem("parked", "sub-1", "tb", at.replace(month=5), None),
        ]

    def make_flat(self) -> None:
        """Put the table of the version before in place, with the rows it had."""
        rows = []
        for item, disposition in zip(self.items(), self.push(*self.items()), strict=True):
            rows.append((disposition.event_id, item.content_hash))
        cr = self.env.cr
        cr.execute("CREATE TEMP TABLE was AS SELECT * FROM fusion_billing_usage_event")
        cr.execute("DROP TABLE fusion_billing_usage_event, fusion_billing_usage_key")
        cr.execute("DROP SEQUENCE fusion_billing_usage_event_id_seq")
        cr.execute(FLAT)
        cr.execute("CREATE INDEX fusion_billing_usage_event_parked_idx "
                   "ON fusion_billing_usage_event (service_id) WHERE state = 'parked'")  # fmt: skip
        moved = script("post").MOVED
        for event_id, content_hash in rows:
            cr.execute(
                f"INSERT INTO fusion_billing_usage_event ({moved}, content_hash) "
                f"SELECT {moved}, %s FROM was WHERE id = %s",
                (content_hash, event_id),
            )
        cr.execute("SELECT setval('fusion_billing_usage_event_id_seq', max(id)) FROM was")
        cr.execute("UPDATE fusion_billing_usage SET moment = 0")

    def upgrade(self) -> None:
        script("pre").migrate(self.env.cr, "19.0.1.0.0")
        ledger_table.create(self.env.cr)
        script("post").migrate(self.env.cr, "19.0.1.0.0")
        self.env.invalidate_all()

    def test_rows_keys_and_rollups_are_as_if_they_had_been_pushed_to_the_new_ledger(self) -> None:
        self.make_flat()
        before = self.ledger()
        self.upgrade()
        self.assertEqual(self.ledger(), before)
        self.assertIn(datetime(2026, 3, 1).date(), ledger_table.months(self.env.cr))
        self.assertEqual(self.env["fusion.billing.invariants"]._check(self.service), [])
        later = [
            IngestItem("unstamped", "sub-1", "gb", datetime(2026, 3, 11, tzinfo=UTC), {"gb": 2},
                       timestamp_given=False),
        ]  # fmt: skip
        self.assertEqual(self.statuses(*self.items()), ["duplicate"] * 3)
        self.assertEqual(self.statuses(*later), ["duplicate"])
        self.assertEqual(self.statuses(self.item("stamped", 9)), ["conflict"])
        (new,) = self.push(self.item("new", 1))
        self.assertGreater(new.event_id, max(self.env["fusion.billing.usage.event"].search(
            [("transaction_id", "!=", "new")]).ids))  # fmt: skip

    def test_it_can_run_again(self) -> None:
        self.make_flat()
        self.upgrade()
        before = self.ledger()
        self.upgrade()
        self.assertEqual(self.ledger(), before)
