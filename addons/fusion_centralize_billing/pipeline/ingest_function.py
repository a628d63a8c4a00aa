"""A push as a function of the database: planned once a connection, and refused without a trace.

To plan the statement takes longer than to write a hundred events, and a function's plan is kept;
PostgreSQL plans anew by itself when tables change. A known id undoes the function's work inside of
it, which the server does not log with all that was sent. Made anew at each update of the addon.
"""

import re

from odoo.sql_db import BaseCursor

from . import ingest_rows, ingest_sql

NAME = "fusion_billing_push"
# What the caller gives, by the names the statement has for it.
GIVEN = {
    "service": "integer",
    "tz": "text",
    "now": "timestamp",
    "cut": "text",
    "hashes": "bytea",
    **dict.fromkeys(ingest_rows.TEXTS, "text"),
}
ANSWER = "numbers integer[], ids bigint[], parked bigint[], reasons varchar[]"

# No row: an id is known, nothing is written. Other violations are the caller's.
BODY = f"""
#variable_conflict use_column
DECLARE
    violated text;
BEGIN
    RETURN QUERY {{push}};
EXCEPTION WHEN unique_violation THEN
    GET STACKED DIAGNOSTICS violated = CONSTRAINT_NAME;
    IF violated != '{ingest_sql.KEY_INDEX}' THEN
        RAISE;
    END IF;
END"""
CALL = f"SELECT * FROM {NAME}({', '.join(f'%({name})s' for name in GIVEN)})"


def create(cr: BaseCursor) -> None:
    """Make the function, in place of the one of another version."""
    cr.execute(
        "SELECT oid::regprocedure::text FROM pg_proc "
        "WHERE proname = %s AND pronamespace = current_schema::regnamespace",
        (NAME,),
    )
    for (signature,) in cr.fetchall():
        cr.execute(f"DROP FUNCTION {signature}")  # pylint: disable=sql-injection
    given = ", ".join(f"given_{name} {kind}" for name, kind in GIVEN.items())
    push = re.sub(
        r"%\((\w+)\)s",
        lambda match: "given_" + match[1] if match[1] in GIVEN else match[0],
        ingest_sql.PUSH,
    )
    # Constants as literals; what is left of the text has no parameters.
    body = cr.mogrify(BODY.format(push=push), ingest_sql.TERMS).decode()
    cr.execute(
        f"CREATE FUNCTION {NAME}({given}) RETURNS TABLE ({ANSWER}) LANGUAGE plpgsql "
        "SET plan_cache_mode = force_generic_plan AS %s",
        (body,),
    )
