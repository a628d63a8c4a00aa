"""The app's database, read by revision and never by time: a wrong clock cannot hide a row.

A transaction that still runs may hold a revision smaller than one already visible. So a poll marks
the greatest revision it sees and takes a transaction number, which is above all given out so far
(a snapshot's xmax may be that of one that still runs); it reads up to the mark only once every
transaction below that number is over.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import psycopg2
from psycopg2 import extensions

from .config import Table
from .counter import columns

PAGE = 1_000
Row = tuple[Any, ...]


class SourceError(Exception):
    """The app's database gives no answer; try later."""


class Source(Protocol):
    """An app's database."""

    def mark(self, table: Table) -> tuple[int, int | None]:
        """Return the greatest revision seen, and the transaction number it must wait for."""

    def settled(self, horizon: int | None) -> bool:
        """Whether every transaction below `horizon` is over."""

    def after(self, table: Table, revision: int, mark: int) -> list[Row]:
        """Return a page of rows with a revision above `revision`, up to `mark`, in that order."""

    def between(self, table: Table, start: datetime, end: datetime) -> Iterator[Row]:
        """Return the rows of ``[start, end)``, whatever their revision."""

    def close(self) -> None:
        """Close the connection."""


def connect(source: str) -> Source:
    """Open ``sqlite:PATH`` or a PostgreSQL DSN.

    :raise SourceError: it cannot be reached.
    """
    try:
        if source.startswith("sqlite:"):
            return SqliteSource(source.removeprefix("sqlite:"))
        return PostgresSource(source)
    except (psycopg2.Error, sqlite3.Error) as error:
        raise SourceError(str(error).strip()) from error


class _Queries:
    """What both databases have in common."""

    placeholder = "%s"
    errors: type[Exception] | tuple[type[Exception], ...] = psycopg2.Error

    def _all(self, statement: str, parameters: tuple = ()) -> list[Row]:
        raise NotImplementedError

    def after(self, table: Table, revision: int, mark: int) -> list[Row]:
        sign = self.placeholder
        return self._all(
            f"SELECT {self._columns(table)} FROM {table.name} WHERE {table.revision} > {sign}"
            f" AND {table.revision} <= {sign} ORDER BY {table.revision} LIMIT {PAGE}",
            (revision, mark),
        )

    def between(self, table: Table, start: datetime, end: datetime) -> Iterator[Row]:
        sign = self.placeholder
        yield from self._all(
            f"SELECT {self._columns(table)} FROM {table.name}"
            f" WHERE {self._when(table)} >= {sign} AND {self._when(table)} < {sign}",
            (self._time(table, start), self._time(table, end)),
        )

    def _columns(self, table: Table) -> str:
        return ", ".join(columns(table))

    def _when(self, table: Table) -> str:
        return table.time

    def _time(self, table: Table, moment: datetime) -> Any:
        return moment.date() if table.bucket == "day" else moment


class PostgresSource(_Queries):
    """Read-only; each call a transaction and so a snapshot of its own."""

    def __init__(self, dsn: str) -> None:
        self._connection = psycopg2.connect(dsn, connect_timeout=10)
        self._connection.set_session(readonly=True, autocommit=True)
        extensions.register_type(extensions.DECIMAL, self._connection)

    def mark(self, table: Table) -> tuple[int, int | None]:
        [(revision, horizon)] = self._all(
            f"SELECT coalesce(max({table.revision}), 0)::bigint,"
            f" pg_current_xact_id()::text::bigint FROM {table.name}"
        )
        return revision, horizon

    def settled(self, horizon: int | None) -> bool:
        [(oldest,)] = self._all("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        return horizon is None or oldest >= horizon

    def close(self) -> None:
        self._connection.close()

    def _all(self, statement: str, parameters: tuple = ()) -> list[Row]:
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(statement, parameters)
                return cursor.fetchall()
        except psycopg2.Error as error:
            raise SourceError(str(error).strip()) from error


class SqliteSource(_Queries):
    """One writer at a time: what is visible is in order."""

    placeholder = "?"

    def __init__(self, path: str) -> None:
        self._connection = sqlite3.connect(f"{Path(path).resolve().as_uri()}?mode=ro", uri=True)

    def mark(self, table: Table) -> tuple[int, int | None]:
        [(revision,)] = self._all(f"SELECT coalesce(max({table.revision}), 0) FROM {table.name}")
        return revision, None

    def settled(self, horizon: int | None) -> bool:
        return True

    def close(self) -> None:
        self._connection.close()

    def _time(self, table: Table, moment: datetime) -> Any:
        return f"{moment:%Y-%m-%d}" if table.bucket == "day" else f"{moment:%Y-%m-%d %H:%M:%S}"

    def _when(self, table: Table) -> str:
        """Both spellings of a time, with and without offset, become one that can be compared."""
        return f"{'date' if table.bucket == 'day' else 'datetime'}({table.time})"

    def _all(self, statement: str, parameters: tuple = ()) -> list[Row]:
        try:
            return self._connection.execute(statement, parameters).fetchall()
        except sqlite3.Error as error:
            raise SourceError(str(error)) from error
