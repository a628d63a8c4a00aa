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
    "now": "timestamp",
    "cut": "text",
    "hashes": "bytea",
    **dict.fromkeys(ingest_rows.TEXTS, "text"),
}
# What the function reads of the service itself, which saves the caller a statement.
READ = ("tz", "now")
ANSWER = "numbers integer[], ids bigint[], parked bigint[], reasons varchar[]"

# No row: an id is known, nothing is written. Other violations are the caller's.
BODY = f"""
#variable_conflict use_column
DECLARE
    violated text;
    service_tz text;
    service_now timestamp;
BEGIN
    SELECT timezone, COALESCE(test_clock, given_now) INTO STRICT service_tz, service_now
    FROM fusion_billing_service WHERE id = given_service;
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
    variables = {name: f"given_{name}" for name in GIVEN}
    variables |= {name: f"service_{name}" for name in READ}
    push = re.sub(
        r"%\((\w+)\)s",
        lambda match: variables.get(match[1], match[0]),
        ingest_sql.PUSH,
    )
    # Constants as literals; what is left of the text has no parameters.
    body = cr.mogrify(BODY.format(push=push), ingest_sql.TERMS).decode()
    cr.execute(
        f"CREATE FUNCTION {NAME}({given}) RETURNS TABLE ({ANSWER}) LANGUAGE plpgsql "
        "SET plan_cache_mode = force_generic_plan AS %s",
        (body,),
    )
