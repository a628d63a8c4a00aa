"""The tables of the ledger: partitions by month, and the keys that decide what is new.

Plain functions on a cursor, called by the model's ``init`` and by the ledger stage. A unique
index of a partitioned table must hold the partition key, so the ledger cannot decide by itself
that an id came twice in two months: `fusion_billing_usage_key`, one lean row an event, does.
"""

import re
from datetime import date

from dateutil.relativedelta import relativedelta

from odoo.sql_db import BaseCursor
from odoo.tools import SQL

LEDGER = "fusion_billing_usage_event"
# Catches what no month's partition takes: ingestion never waits for a table to be made.
REST = f"{LEDGER}_rest"
# Months detached from the ledger, about to be dropped.
GONE = f"{LEDGER}_gone"
COLUMNS = {
    "service_id": "integer NOT NULL",
    "subscription_id": "integer",
    "metric_id": "integer",
    "occurred_at": "timestamp NOT NULL",
    "received_at": "timestamp NOT NULL",
    "day": "date",
    "value": "numeric",
    "precise_total_amount_cents": "numeric",
    "external_subscription_id": "varchar NOT NULL",
    "transaction_id": "varchar NOT NULL",
    "code": "varchar NOT NULL",
    "dimension": "varchar NOT NULL DEFAULT ''",
    "split": "varchar NOT NULL DEFAULT ''",
    "state": "varchar NOT NULL DEFAULT 'accepted'",
    "park_reason": "varchar",
    "properties": "jsonb",
}
# One index a question: which events made this line, what is parked, where is this id.
INDEXES = {
    "counted_idx": "(subscription_id, metric_id, day) WHERE state = 'accepted'",
    "waiting_idx": "(service_id, external_subscription_id) WHERE state = 'parked'",
    "transaction_idx": "USING hash (transaction_id)",
}
# No foreign keys: a rollup has them for what is counted, and they cost more than the insert.
CREATE = [
    "CREATE SEQUENCE IF NOT EXISTS fusion_billing_usage_event_id_seq",
    f"""
CREATE TABLE IF NOT EXISTS {LEDGER} (
    id bigint NOT NULL DEFAULT nextval('{LEDGER}_id_seq'),
    {", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())},
    CONSTRAINT {LEDGER}_pk PRIMARY KEY (id, occurred_at)
) PARTITION BY RANGE (occurred_at)""",
    f"CREATE TABLE IF NOT EXISTS {REST} PARTITION OF {LEDGER} DEFAULT",
    *(
        f"CREATE INDEX IF NOT EXISTS {LEDGER}_{name} ON {LEDGER} {definition}"
        for name, definition in INDEXES.items()
    ),
    """
CREATE TABLE IF NOT EXISTS fusion_billing_usage_key (
    event_id bigint NOT NULL DEFAULT nextval('fusion_billing_usage_event_id_seq'),
    occurred_at timestamp NOT NULL,
    service_id integer NOT NULL,
    key bytea NOT NULL,
    content bytea NOT NULL
)""",
    """
CREATE UNIQUE INDEX IF NOT EXISTS fusion_billing_usage_key_uniq
ON fusion_billing_usage_key (service_id, key)""",
]


def create(cr: BaseCursor) -> None:
    """Make what is missing; safe to repeat, and to call on a ledger with rows."""
    for statement in CREATE:
        cr.execute(statement)


def months(cr: BaseCursor) -> list[date]:
    """First days of the months that have a partition of their own, oldest first."""
    cr.execute(
        "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
        "WHERE i.inhparent = to_regclass(%s) ORDER BY c.relname",
        (LEDGER,),
    )
    found = (re.fullmatch(rf"{LEDGER}_(\d{{4}})_(\d\d)", name) for (name,) in cr.fetchall())
    return [date(int(match[1]), int(match[2]), 1) for match in found if match]


def partition(month: date) -> str:
    """Name of a month's table."""
    return f"{LEDGER}_{month:%Y_%m}"


def add_month(cr: BaseCursor, month: date) -> None:
    """Give a month its partition, and move there what the rest holds of it.

    Attached, not created in place: writers of other months go on. Should one write into the rest
    meanwhile, PostgreSQL refuses one of the two, which then comes again.
    """
    table, end = SQL.identifier(partition(month)), month + relativedelta(months=1)
    ledger, rest = SQL.identifier(LEDGER), SQL.identifier(REST)
    cr.execute(
        SQL(
            "CREATE TABLE %s (LIKE %s INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES)",
            table,
            ledger,
        )
    )
    cr.execute(
        SQL(
            "WITH moved AS (DELETE FROM %s WHERE occurred_at >= %s AND occurred_at < %s "
            "RETURNING *) INSERT INTO %s SELECT * FROM moved",
            rest,
            month,
            end,
            table,
        )
    )
    cr.execute(
        SQL(
            "ALTER TABLE %s ATTACH PARTITION %s FOR VALUES FROM (%s) TO (%s)",
            ledger,
            table,
            month,
            end,
        ),
        log_exceptions=False,
    )


def detach_month(cr: BaseCursor, month: date) -> str:
    """Take a month out of the ledger; return the name of the table that is left of it."""
    gone = f"{GONE}_{month:%Y_%m}"
    table = SQL.identifier(partition(month))
    cr.execute(
        SQL("ALTER TABLE %s DETACH PARTITION %s", SQL.identifier(LEDGER), table),
        log_exceptions=False,
    )
    cr.execute(SQL("ALTER TABLE %s RENAME TO %s", table, SQL.identifier(gone)))
    return gone


def gone(cr: BaseCursor) -> list[str]:
    """Tables of months that are detached and not dropped yet."""
    cr.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND relname ~ %s ORDER BY relname",
               (rf"^{GONE}_\d{{4}}_\d\d$",))  # fmt: skip
    return [name for (name,) in cr.fetchall()]
