"""What the map server counted, in one SQLite file that survives a crash.

A counter is one customer's tiles of one hour. Every change of it raises its sequence, in the same
transaction: the pair (value, sequence) names one state of one counter, so a push of it may be
repeated at will, and nothing else has to be remembered about what was sent.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from typing import NamedTuple

_TABLE = """
CREATE TABLE IF NOT EXISTS counter (
    subscription TEXT NOT NULL,
    metric TEXT NOT NULL,
    bucket TEXT NOT NULL,           -- 2026-03-10T14, the hour in the customer's time zone
    value INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    confirmed INTEGER NOT NULL DEFAULT 0,   -- the sequence that the billing system has
    PRIMARY KEY (subscription, metric, bucket)
)
"""


class Counter(NamedTuple):
    """One state of one counter."""

    subscription: str
    metric: str
    bucket: str
    value: int
    sequence: int

    def wire(self) -> dict[str, object]:
        """Return it as `PUT /usage/batch` takes it."""
        return {
            "external_subscription_id": self.subscription,
            "code": self.metric,
            "bucket": self.bucket,
            "value": self.value,
            "sequence": self.sequence,
        }


class Counters:
    """The file. Each method is a transaction."""

    def __init__(self, path: str) -> None:
        self._file = sqlite3.connect(path, timeout=30)
        self._file.execute("PRAGMA journal_mode = WAL")
        with self._file:
            self._file.execute(_TABLE)

    def add(self, counted: Iterable[tuple[str, str, str, int]]) -> None:
        """Count (subscription, metric, bucket, how many), all or none."""
        with self._file:
            self._file.executemany(
                "INSERT INTO counter (subscription, metric, bucket, value, sequence)"
                " VALUES (?, ?, ?, ?, 1) ON CONFLICT DO UPDATE"
                " SET value = value + excluded.value, sequence = sequence + 1",
                counted,
            )

    def unconfirmed(self, limit: int = 100) -> Iterator[list[Counter]]:
        """Yield batches of what the billing system does not have yet, each counter once."""
        place = ("", "", "")
        while rows := [
            Counter(*row)
            for row in self._file.execute(
                "SELECT subscription, metric, bucket, value, sequence FROM counter"
                " WHERE sequence > confirmed AND (subscription, metric, bucket) > (?, ?, ?)"
                " ORDER BY subscription, metric, bucket LIMIT ?",
                (*place, limit),
            )
        ]:
            place = rows[-1][:3]
            yield rows

    def confirm(self, pushed: Iterable[Counter]) -> None:
        """Note what the billing system has: these states, not what was counted since."""
        with self._file:
            self._file.executemany(
                "UPDATE counter SET confirmed = max(confirmed, ?)"
                " WHERE (subscription, metric, bucket) = (?, ?, ?)",
                [(counter.sequence, *counter[:3]) for counter in pushed],
            )

    def month(self, month: str) -> list[tuple[str, str, int, int]]:
        """Return (subscription, metric, buckets, total) of a month such as `2026-03`."""
        return self._file.execute(
            "SELECT subscription, metric, count(*), sum(value) FROM counter"
            " WHERE bucket LIKE ? GROUP BY 1, 2 ORDER BY 1, 2",
            (f"{month}-%",),
        ).fetchall()
