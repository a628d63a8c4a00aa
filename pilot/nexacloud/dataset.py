"""Put the seed together, load it into a database, and read it back."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from decimal import Decimal
from functools import cache
from typing import Any

from pilot.nexacloud import contracts, history, people, traffic
from pilot.nexacloud.data.plans import plans
from pilot.nexacloud.records import (
    Counter,
    Dataset,
    Deployment,
    Plan,
    Subscription,
    Tier,
    User,
    columns,
)

# In the order their foreign keys need.
TABLES: tuple[tuple[str, type], ...] = (
    ("users", User),
    ("plans", Plan),
    ("subscriptions", Subscription),
    ("deployments", Deployment),
    ("usage_counters", Counter),
)


@cache
def build() -> Dataset:
    """Return the seeded rows, without a database. Always the same."""
    price_list = plans()
    users = people.users()
    signed = contracts.subscriptions(users, price_list)
    running = contracts.deployments(signed)
    facts = users, price_list, signed, running
    return Dataset(*facts, [*history.counters(*facts), *traffic.counters(*facts)])


def rows_of(dataset: Dataset, table: str) -> list[Any]:
    """Return the records of one table of `TABLES`."""
    return getattr(dataset, "counters" if table == "usage_counters" else table)


def load(connection: Any, dataset: Dataset) -> dict[str, int]:
    """Copy `dataset` into empty tables; returns the number of rows by table."""
    counts = {}
    with connection.cursor() as cursor:
        for table, record_type in TABLES:
            names = columns(record_type)
            rows = rows_of(dataset, table)
            stream = _csv([_cell(getattr(row, name)) for name in names] for row in rows)
            cursor.copy_expert(f"COPY {table} ({', '.join(names)}) FROM STDIN CSV", stream)
            counts[table] = len(rows)
        cursor.execute("SELECT setval('plans_id_seq', (SELECT max(id) FROM plans))")
    return counts


def read(connection: Any) -> Dataset:
    """Read the same records back from the app's database."""
    found = {}
    with connection.cursor() as cursor:
        cursor.execute("SET TIME ZONE 'UTC'")
        for table, record_type in TABLES:
            cursor.execute(f"SELECT {', '.join(columns(record_type))} FROM {table} ORDER BY id")
            found[table] = [_record(record_type, row) for row in cursor.fetchall()]
    return Dataset(*found.values())


def _csv(rows: Iterable[list[str | None]]) -> io.StringIO:
    stream = io.StringIO()
    # QUOTE_NOTNULL needs Python 3.12; an unquoted empty field is NULL to COPY, and no text is ''.
    csv.writer(stream).writerows(rows)
    stream.seek(0)
    return stream


def _cell(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, tuple):
        return json.dumps([_tier_as_json(tier) for tier in value])
    return str(value)


def _tier_as_json(tier: Tier) -> dict[str, Any]:
    return {
        "up_to": None if tier.up_to is None else int(tier.up_to),
        "unit_price": str(tier.unit_price),
        "flat_price": str(tier.flat_price),
    }


def _record(record_type: type, row: tuple[Any, ...]) -> Any:
    values = dict(zip(columns(record_type), row, strict=True))
    if record_type is Plan and values["storage_tiers"] is not None:
        values["storage_tiers"] = tuple(map(_tier, values["storage_tiers"]))
    return record_type(**values)


def _tier(value: dict[str, Any]) -> Tier:
    up_to = None if value["up_to"] is None else Decimal(str(value["up_to"]))
    return Tier(up_to, Decimal(value["unit_price"]), Decimal(value["flat_price"]))
