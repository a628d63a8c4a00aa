"""The app's own table of its services' states: what runs, by which command, and who knows it."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Mapping
from typing import Any, NamedTuple

_TABLE = (
    "CREATE TABLE IF NOT EXISTS service_states (external_id TEXT PRIMARY KEY, state TEXT NOT NULL,"
    " number INTEGER NOT NULL, command_id TEXT NOT NULL, told INTEGER NOT NULL, trouble TEXT)"
)
_CURSOR = (
    "CREATE TABLE IF NOT EXISTS command_cursor (only INTEGER PRIMARY KEY CHECK (only = 1),"
    " number INTEGER NOT NULL)"
)


class Command(NamedTuple):
    """What the billing system asks for. Numbers count up per service, in the order of issue."""

    id: str
    number: int
    external_id: str
    state: str

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Command:
        """Read the object ``command`` of a webhook or of the API's list."""
        return cls(
            body["id"], body["number"], body["external_subscription_id"], body["desired_state"]
        )


class ServiceStates:
    """One row a subscription, in an SQLite file (or in memory)."""

    def __init__(self, path: str = ":memory:") -> None:
        # One connection, because ":memory:" is a database per connection; the lock serves it out.
        self._database = sqlite3.connect(path, check_same_thread=False)
        self._lock = threading.Lock()
        with self._lock, self._database:
            self._database.execute(_TABLE)
            self._database.execute(_CURSOR)

    def take(self, command: Command) -> str:
        """Record the command: "new", "repeated", or "stale" if a later one was taken before.

        The comparison is the statement's own: of two at once the later number stays.
        """
        with self._lock, self._database:
            cursor = self._database.execute(
                "INSERT INTO service_states (external_id, state, number, command_id, told)"
                " VALUES (?, ?, ?, ?, 0) ON CONFLICT (external_id) DO UPDATE SET"
                " state = excluded.state, number = excluded.number,"
                " command_id = excluded.command_id, told = 0, trouble = NULL"
                " WHERE excluded.number > service_states.number",
                (command.external_id, command.state, command.number, command.id),
            )
            if cursor.rowcount == 1:
                return "new"
            cursor = self._database.execute(
                "UPDATE service_states SET told = 0 WHERE external_id = ? AND command_id = ?",
                (command.external_id, command.id),
            )
            return "repeated" if cursor.rowcount == 1 else "stale"

    def untold(self) -> list[Command]:
        """Return the commands carried out that the billing system does not know of yet."""
        with self._lock:
            rows = self._database.execute(
                "SELECT command_id, number, external_id, state FROM service_states WHERE NOT told"
                " ORDER BY number"
            ).fetchall()
        return [Command(*row) for row in rows]

    def tell(self, command: Command, trouble: str | None = None) -> None:
        """Note that it was told, unless a later command took the row meanwhile."""
        with self._lock, self._database:
            self._database.execute(
                "UPDATE service_states SET told = 1, trouble = ?"
                " WHERE external_id = ? AND command_id = ?",
                (trouble, command.external_id, command.id),
            )

    def state(self, external_id: str) -> str:
        """Return the state of one subscription's service; active until told otherwise."""
        with self._lock:
            row = self._database.execute(
                "SELECT state FROM service_states WHERE external_id = ?", (external_id,)
            ).fetchone()
        return row[0] if row else "active"

    def number(self, external_id: str) -> int:
        """Return the number of the command that was carried out last; 0 before the first."""
        with self._lock:
            row = self._database.execute(
                "SELECT number FROM service_states WHERE external_id = ?", (external_id,)
            ).fetchone()
        return row[0] if row else 0

    def cursor(self) -> int:
        """Return the number up to which every command was read from the list; 0 at first."""
        with self._lock:
            row = self._database.execute("SELECT number FROM command_cursor").fetchone()
        return row[0] if row else 0

    def move_cursor(self, number: int) -> None:
        """Remember that everything up to `number` was read and dealt with."""
        with self._lock, self._database:
            self._database.execute("REPLACE INTO command_cursor VALUES (1, ?)", (number,))

    def trouble(self) -> dict[str, str]:
        """Return what was refused for good: why, by subscription."""
        with self._lock:
            rows = self._database.execute(
                "SELECT external_id, trouble FROM service_states WHERE trouble IS NOT NULL"
            ).fetchall()
        return dict(rows)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._database.close()
