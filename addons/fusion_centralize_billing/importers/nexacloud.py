"""A read-only look into NexaCloud's PostgreSQL database.

The session is opened read-only, on one snapshot, with a statement timeout; rows come through a
server-side cursor, so 10,000 users take the memory of two thousand.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from functools import partial
from typing import Any

import psycopg2
from psycopg2 import extensions, extras, sql

from .errors import SourceError
from .mapping import PARAMETER as MAPPING_PARAMETER
from .mapping import TableMapping

PARAMETER = "fusion_billing.nexacloud_dsn"
CONNECT_TIMEOUT = 10  # seconds
STATEMENT_TIMEOUT = 60_000  # milliseconds
ROWS_A_FETCH = 2_000
_SQLALCHEMY = re.compile(r"\s*(\w+)\+(\w+)://")
# What libpq says when it took a part of the password for the host or the port.
_MISREAD = re.compile(r'could not translate host name ".*@|connection option "port"|invalid port')

_TABLE = """
    SELECT c.oid::bigint, has_table_privilege(c.oid, 'SELECT') AS readable,
           has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE') AS writable
      FROM pg_class c
     WHERE c.oid = to_regclass(%s) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
"""
_COLUMNS = """
    SELECT attname, has_column_privilege(attrelid, attnum, 'SELECT') AS readable
      FROM pg_attribute WHERE attrelid = %s AND attnum > 0 AND NOT attisdropped
     ORDER BY attnum
"""


@contextmanager
def connect(dsn: str | None, tables: Mapping[str, TableMapping]) -> Iterator["NexaCloud"]:
    """Open a session for the time of the block.

    :param dsn: libpq DSN or ``postgresql://`` URL
    :raise SourceError: nothing can be reached, or the session is not read-only.
    """
    connection = _open(dsn)
    try:
        source = NexaCloud(connection, tables)
        source.require_read_only()
        yield source
    finally:
        connection.close()


@contextmanager
def _answering(where: str = "") -> Iterator[None]:
    """Errors of this connection only: those of the caller's own database must reach the caller."""
    try:
        yield
    except (psycopg2.Error, UnicodeDecodeError) as error:
        said = f"NexaCloud's database gave no answer{where}: {_first_line(error)}"
        raise SourceError(said) from error


def _open(dsn: str | None) -> Any:
    if not dsn or not dsn.strip():
        raise SourceError(
            f"The system parameter {PARAMETER} is empty: set it to e.g. "
            "“host=db.example.ca dbname=nexacloud user=odoo_billing_ro password=…”."
        )
    if found := _SQLALCHEMY.match(dsn):
        raise SourceError(
            f"{PARAMETER} starts with “{found[1]}+{found[2]}://”, which only SQLAlchemy "
            "understands: write “postgresql://” there and keep the rest."
        )
    try:
        connection = psycopg2.connect(
            dsn,
            connect_timeout=CONNECT_TIMEOUT,
            application_name="fusion-billing-import",
            options=f"-c default_transaction_read_only=on -c statement_timeout={STATEMENT_TIMEOUT}",
        )
    except psycopg2.OperationalError as error:
        reason = _first_line(error)
        if _unescaped(dsn) or _MISREAD.search(reason):
            raise SourceError(
                f"{PARAMETER} cannot be read as a URL, or not reached: in its password write "
                "@ / : ? # as %40 %2F %3A %3F %23."
            ) from None
        raise SourceError(f"NexaCloud's database cannot be reached: {reason}") from error
    except psycopg2.ProgrammingError:
        # libpq quotes the broken part, which may well be the password: neither shown nor chained.
        raise SourceError(f"{PARAMETER} is not a valid PostgreSQL DSN or URL.") from None
    connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
    connection.set_client_encoding("UTF8")
    # Odoo turns NUMERIC into float for the whole process; prices must stay Decimal here.
    extensions.register_type(extensions.DECIMAL, connection)
    loads = partial(json.loads, parse_float=Decimal)
    extras.register_default_jsonb(connection, loads=loads)
    return connection


def _unescaped(dsn: str) -> bool:
    """Whether a URL's password has a sign that ends it for libpq, which then quotes the rest."""
    _scheme, url, rest = dsn.partition("://")
    secret = rest.partition(":")[2].rpartition("@")[0]
    return bool(url and re.search("[@/:?#]", secret))


def _first_line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


class NexaCloud:
    """One open session. Methods read; there is none that writes."""

    def __init__(self, connection: Any, tables: Mapping[str, TableMapping]) -> None:
        self._connection = connection
        self._tables = dict(tables)

    def session(self) -> dict[str, str]:
        """Who and where we are: ``database``, ``role``, ``server``, ``read_only`` (on/off)."""
        row = self._query(
            "SELECT current_database() AS database, current_user AS role,"
            " current_setting('server_version') AS server,"
            " current_setting('transaction_read_only') AS read_only"
        )[0]
        return dict(row)

    def require_read_only(self) -> None:
        """:raise SourceError: the server did not accept the read-only session."""
        if self.session()["read_only"] != "on":
            raise SourceError("The session is not read-only: nothing was read. Tell your DBA.")

    def problems(self) -> list[str]:
        """What keeps the import from reading, one sentence each; empty = ready."""
        return [sentence for table in [*self._tables.values()] for sentence in self._check(table)]

    def warnings(self) -> list[str]:
        """What works but should not be so: rights to write that a reader does not need."""
        session = self.session()
        writable = [
            table.table
            for table in self._tables.values()
            if any(row["writable"] for row in self._query(_TABLE, table.table))
        ]
        if not writable:
            return []
        return [
            f"The role {session['role']} may also write to {', '.join(writable)}. The session is "
            "read-only all the same; better use the role odoo_billing_ro, which may only read."
        ]

    def counts(self) -> dict[str, int]:
        """Rows by entity."""
        return {
            entity: self._query(
                sql.SQL("SELECT count(*) AS n FROM {}").format(_identifier(table.table))
            )[0]["n"]
            for entity, table in self._tables.items()
        }

    def rows(
        self,
        entity: str,
        where: sql.Composable | None = None,
        order: Sequence[str] = (),
        limit: int | None = None,
    ) -> Iterator[dict[str, Any]]:
        """Stream one entity in our column names, oldest id first; columns mapped to null are None.

        NUMERIC comes as Decimal, ``timestamptz`` as aware datetime, ``date`` as date.

        :param where: a condition in the app's columns; see :meth:`column` and :meth:`table`
        :param order: our names of the columns to sort by instead
        """
        table = self._tables[entity]
        empty = dict.fromkeys(table.columns)
        columns = sql.SQL(", ").join(
            sql.SQL("{} AS {}").format(sql.Identifier(theirs), sql.Identifier(ours))
            for ours, theirs in table.present.items()
        )
        by = [sql.Identifier(table.present[key]) for key in order or ("created_at", "id")
              if key in table.present]  # fmt: skip
        statement = sql.SQL("SELECT {} FROM {} WHERE {} ORDER BY {} LIMIT {}").format(
            columns,
            self.table(entity),
            where or sql.SQL("true"),
            sql.SQL(", ").join(by),
            sql.Literal(limit),
        )
        cursor = self._connection.cursor(
            name=f"fusion_{entity}", cursor_factory=extras.RealDictCursor
        )
        with _answering(f" about table {table.table}"):
            cursor.execute(statement)
        read = 0
        while True:
            with _answering(f" about table {table.table} after {read} rows"):
                batch = cursor.fetchmany(ROWS_A_FETCH)
            if not batch:
                break
            read += len(batch)
            yield from (empty | dict(row) for row in batch)
        cursor.close()

    def revisions(self, entity: str) -> tuple[int, int, int]:
        """The greatest revision, the oldest transaction that runs, and a number above all so far.

        The number is a transaction's own: a snapshot's xmax may be that of one that still runs.
        """
        statement = sql.SQL(
            "SELECT coalesce(max({}), 0)::bigint AS latest,"
            " pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS running,"
            " pg_current_xact_id()::text::bigint AS following FROM {}"
        ).format(self.column(entity, "revision"), self.table(entity))
        [row] = self._query(statement)
        return row["latest"], row["running"], row["following"]

    def table(self, entity: str) -> sql.Composable:
        """The entity's table, for a condition."""
        return _identifier(self._tables[entity].table)

    def column(self, entity: str, ours: str) -> sql.Composable:
        """The app's column of that name of ours, for a condition."""
        return sql.Identifier(self._tables[entity].present[ours])

    def there(self, entity: str) -> list[str]:
        """The names of the columns in the app's table; none if there is no such table."""
        found = self._query(_TABLE, self._tables[entity].table)
        return [row["attname"] for row in self._query(_COLUMNS, found[0]["oid"])] if found else []

    def _check(self, table: TableMapping) -> list[str]:
        session = self.session()
        try:
            found = self._query(_TABLE, table.table)
        except SourceError as error:
            if not isinstance(error.__cause__, psycopg2.errors.InsufficientPrivilege):
                raise
            self._connection.rollback()
            schema = table.table.partition(".")[0]
            return [
                f"The role {session['role']} may not use schema {schema}: "
                f"GRANT USAGE ON SCHEMA {schema} TO {session['role']};"
            ]
        if not found:
            return [f"There is no table {table.table} in database {session['database']}."]
        columns = self._query(_COLUMNS, found[0]["oid"])
        table = table.without_absent([row["attname"] for row in columns])
        self._tables[table.entity] = table
        problems = self._missing(table, [row["attname"] for row in columns])
        readable = {row["attname"] for row in columns if row["readable"]}
        if not found[0]["readable"] and not readable.issuperset(table.present.values()):
            problems.append(
                f"The role {session['role']} may not read table {table.table}: "
                f"GRANT SELECT ON {table.table} TO {session['role']};"
            )
        return problems

    def _missing(self, table: TableMapping, present: list[str]) -> list[str]:
        unused = [name for name in present if name not in table.columns.values()]
        hint = f" Columns we do not use: {', '.join(unused)}." if unused else ""
        return [
            f"Table {table.table} has no column {theirs} ({ours}). If it was renamed, write its "
            f"name under “Tables and columns…”, or set the parameter {MAPPING_PARAMETER} to "
            f'{{"{table.entity}": {{"columns": {{"{ours}": "…"}}}}}}.{hint}'
            for ours, theirs in table.present.items()
            if theirs not in present
        ]

    def _query(self, statement: Any, *parameters: Any) -> list[dict[str, Any]]:
        with (
            _answering(),
            self._connection.cursor(cursor_factory=extras.RealDictCursor) as cursor,
        ):
            cursor.execute(statement, parameters or None)
            return cursor.fetchall()


def _identifier(table: str) -> sql.Composable:
    return sql.Identifier(*table.split("."))
