"""Create the app's tables, its seed data and the billing system's read-only role.

    python -m pilot.nexacloud.seed --dsn postgresql://… [--reset] [--reader-password …]

Running it twice changes nothing; ``--reset`` drops the app's tables first.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg2
import psycopg2.extras
from psycopg2.extensions import adapt

from pilot.nexacloud import dataset

_HERE = Path(__file__).parent
_DROP = "DROP TABLE IF EXISTS {} CASCADE"
_OWN_TABLES = (
    "invoice_lines",
    "invoices",
    "billing_handovers",
    *(name for name, _ in reversed(dataset.TABLES)),
)


def connect(dsn: str) -> Any:
    """Open a connection that reads and writes UUID values."""
    psycopg2.extras.register_uuid()
    return psycopg2.connect(dsn)


def create_tables(connection: Any, reset: bool = False) -> None:
    """Apply ``schema.sql``, after dropping the app's own tables when `reset` is set."""
    with connection.cursor() as cursor:
        for table in _OWN_TABLES if reset else ():
            cursor.execute(_DROP.format(table))
        cursor.execute((_HERE / "schema.sql").read_text(encoding="utf-8"))


def create_reader(connection: Any, password: str) -> None:
    """Apply ``roles.sql``: the role `odoo_billing_ro` with this password."""
    # psql fills in :'password' itself; here it is the only variable of the script.
    literal = adapt(password)
    literal.prepare(connection)
    script = (_HERE / "roles.sql").read_text(encoding="utf-8")
    statement = script.replace(":'password'", literal.getquoted().decode(), 1)
    with connection.cursor() as cursor:
        cursor.execute(statement)


def seed(connection: Any, reset: bool = False) -> dict[str, int]:
    """Fill the tables if they are empty; returns the rows written by table (all 0 if not)."""
    create_tables(connection, reset)
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM users)")
        if cursor.fetchone()[0]:
            return {table: 0 for table, _ in dataset.TABLES}
        counts = dataset.load(connection, dataset.build())
        cursor.execute("ANALYZE")
    return counts


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="pilot.nexacloud.seed", description=__doc__)
    parser.add_argument("--dsn", required=True, help="the app's own database, as its owner")
    parser.add_argument("--reset", action="store_true", help="drop the app's tables first")
    parser.add_argument("--reader-password", help="also create odoo_billing_ro with this password")
    options = parser.parse_args(arguments)
    connection = connect(options.dsn)
    try:
        with connection:
            counts = seed(connection, options.reset)
            if options.reader_password:
                create_reader(connection, options.reader_password)
    finally:
        connection.close()
    for table, count in counts.items():
        print(f"{table:<16}{count:>8}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
