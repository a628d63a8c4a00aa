"""A small app with a table of counters, and the agent's file for it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

FIRST = datetime(2026, 3, 1, 5, tzinfo=UTC)
SCHEMA = """
CREATE TABLE counters (subscription TEXT, metric TEXT, hour TEXT, quantity TEXT, revision INTEGER,
                       UNIQUE (subscription, metric, hour));
"""
CONFIG = """
source = "sqlite:{folder}/app.sqlite3"
url = "{url}"
key_env = "BILLING_KEY"
timezone = "America/Toronto"
interval_seconds = 0.05
batch = {batch}
[[tables]]
table = "counters"
columns = {{ subscription = "subscription", metric = "metric", time = "hour",
            quantity = "quantity", revision = "revision" }}
codes = {{ gb = "bandwidth" }}
""".replace(",\n            ", ", ")


def make(folder: Path, url: str, batch: int = 10) -> Path:
    """Make the app's database and return the path of the agent's file."""
    with closing(sqlite3.connect(folder / "app.sqlite3")) as database:
        database.executescript(SCHEMA)
    config = folder / "agent.toml"
    config.write_text(CONFIG.format(folder=folder, url=url, batch=batch), encoding="utf-8")
    return config


def count(folder: Path, *hours: tuple[int, str], subscription: str = "sub-1") -> None:
    """Set hours, numbered from `FIRST`, to a quantity; each gets the next revision."""
    with closing(sqlite3.connect(folder / "app.sqlite3")) as database, database:
        for hour, quantity in hours:
            moment = (FIRST + timedelta(hours=hour)).isoformat()
            database.execute(
                "INSERT INTO counters SELECT ?, 'gb', ?, ?,"
                " coalesce(max(revision), 0) + 1 FROM counters WHERE true ON CONFLICT DO UPDATE"
                " SET quantity = excluded.quantity, revision = excluded.revision",
                (subscription, moment, quantity),
            )
