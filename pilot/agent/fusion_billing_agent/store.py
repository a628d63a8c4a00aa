"""The agent's own file: counters on their way, how far the app's tables were read, and seals.

SQLite in WAL mode: a call is one transaction, durable when it returns. A counter lies here at most
once, the newest revision of it, so that a month without network costs a row a counter.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import astuple
from pathlib import Path

from .counter import Counter

_SCHEMA = """
CREATE TABLE IF NOT EXISTS queue (
    subscription TEXT, code TEXT, bucket TEXT, labels TEXT, value TEXT, sequence INTEGER,
    reason TEXT, PRIMARY KEY (subscription, code, bucket, labels)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS position (
    source TEXT PRIMARY KEY, revision INTEGER, mark INTEGER, horizon INTEGER);
CREATE TABLE IF NOT EXISTS unreadable (source TEXT, row TEXT, reason TEXT,
    PRIMARY KEY (source, row));
"""
_PUT = """
INSERT INTO queue VALUES (?, ?, ?, ?, ?, ?, NULL)
ON CONFLICT DO UPDATE SET value = excluded.value, sequence = excluded.sequence, reason = NULL
 WHERE excluded.sequence > sequence
"""
_SAME = "subscription = ? AND code = ? AND bucket = ? AND labels = ? AND sequence = ?"


class Store:
    """See the module."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, timeout=60)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def position(self, source: str) -> tuple[int, int, int | None]:
        """Return ``(revision read, mark, horizon)``; the mark waits for the horizon, if any."""
        statement = "SELECT revision, mark, horizon FROM position WHERE source = ?"
        with closing(self._db.execute(statement, [source])) as cursor:
            return cursor.fetchone() or (0, 0, None)

    def take(
        self,
        source: str,
        counters: Sequence[Counter],
        place: tuple[int, int, int | None] | None = None,
        unreadable: Sequence[tuple[str, str]] = (),
    ) -> None:
        """Keep what was read and how far it reaches: both, or neither."""
        with self._db:
            self._db.executemany(_PUT, [astuple(counter) for counter in counters])
            self._db.executemany(
                "INSERT OR REPLACE INTO unreadable VALUES (?, ?, ?)",
                [(source, *bad) for bad in unreadable],
            )
            if place is not None:
                self._db.execute(
                    "INSERT OR REPLACE INTO position VALUES (?, ?, ?, ?)", (source, *place)
                )

    def waiting(self, limit: int) -> list[Counter]:
        """The next counters to push."""
        statement = (
            "SELECT subscription, code, bucket, labels, value, sequence FROM queue"
            " WHERE reason IS NULL ORDER BY subscription, code, bucket LIMIT ?"
        )
        with closing(self._db.execute(statement, [limit])) as cursor:
            return [Counter(*row) for row in cursor.fetchall()]

    def settle(self, done: Sequence[Counter], aside: Sequence[tuple[Counter, str]] = ()) -> None:
        """Forget what was confirmed and put aside what was refused, at the sequence sent.

        A newer revision that was read in the meantime stays.
        """
        with self._db:
            self._db.executemany(f"DELETE FROM queue WHERE {_SAME}", [_same(c) for c in done])
            self._db.executemany(
                f"UPDATE queue SET reason = ? WHERE {_SAME}",
                [(reason, *_same(counter)) for counter, reason in aside],
            )

    def again(self) -> int:
        """Let what was put aside be pushed again; return how many."""
        with self._db:
            statement = "UPDATE queue SET reason = NULL WHERE reason IS NOT NULL"
            return self._db.execute(statement).rowcount

    def counts(self) -> dict[str, int]:
        """Return ``{"waiting", "aside", "unreadable"}``."""
        statement = (
            "SELECT (SELECT count(*) FROM queue WHERE reason IS NULL),"
            " (SELECT count(*) FROM queue WHERE reason IS NOT NULL),"
            " (SELECT count(*) FROM unreadable)"
        )
        with closing(self._db.execute(statement)) as cursor:
            return dict(zip(("waiting", "aside", "unreadable"), cursor.fetchone(), strict=True))

    def reasons(self, limit: int = 20) -> list[tuple[str, str]]:
        """Some of what was put aside: ``(key, reason)``."""
        statement = (
            "SELECT subscription || ' ' || code || ' ' || bucket, reason FROM queue"
            " WHERE reason IS NOT NULL UNION ALL"
            " SELECT source || ' ' || row, reason FROM unreadable LIMIT ?"
        )
        with closing(self._db.execute(statement, [limit])) as cursor:
            return cursor.fetchall()


def _same(counter: Counter) -> tuple[str, str, str, str, int]:
    return (*astuple(counter)[:4], counter.sequence)
