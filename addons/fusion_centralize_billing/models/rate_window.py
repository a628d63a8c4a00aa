"""How many requests a key has made in the window that runs: one row a key, one upsert a request.

Plain functions on a cursor of their own: a count must outlive a request that is refused, and must
not make two requests of a key wait for each other until they are done. The table is UNLOGGED:
after a crash of PostgreSQL everybody starts a new window, and no commit waits for the disk.
"""

from dataclasses import dataclass
from datetime import UTC

from odoo import api, fields
from odoo.sql_db import BaseCursor, Cursor
from odoo.tools import SQL

# Lago's clients wait at most 20 s before they try again: by then a new window has begun.
WINDOW = 10
CREATE = """
CREATE UNLOGGED TABLE IF NOT EXISTS fusion_billing_rate_window (
    key_id integer PRIMARY KEY REFERENCES fusion_billing_api_key ON DELETE CASCADE,
    number bigint NOT NULL,
    requests integer NOT NULL
) WITH (fillfactor = 50)"""
# A server whose clock is a moment behind counts in the window that the others have begun.
COUNT = """
INSERT INTO fusion_billing_rate_window AS counted (key_id, number, requests) VALUES (%s, %s, 1)
ON CONFLICT (key_id) DO UPDATE SET
    number = GREATEST(counted.number, EXCLUDED.number),
    requests = CASE WHEN counted.number >= EXCLUDED.number THEN counted.requests + 1 ELSE 1 END
RETURNING number, requests"""


@dataclass(frozen=True, slots=True)
class Rate:
    """Where a key stands: `limit` requests a window, of them `requests` made, `reset` s to go."""

    limit: int
    requests: int
    reset: int

    @property
    def remaining(self) -> int:
        return max(self.limit - self.requests, 0)

    @property
    def exceeded(self) -> bool:
        return self.requests > self.limit

    def headers(self) -> dict[str, str]:
        """Lago's three; a refused request is told when to come again in HTTP's own word too."""
        named = {
            "x-ratelimit-limit": str(self.limit),
            "x-ratelimit-remaining": str(self.remaining),
            "x-ratelimit-reset": str(self.reset),
        }
        return named | ({"Retry-After": str(self.reset)} if self.exceeded else {})


def create_table(cr: BaseCursor) -> None:
    """Make the table unless it is there."""
    cr.execute(SQL(CREATE))


def own_cursor(env: api.Environment) -> BaseCursor:
    """A cursor that writes and commits beside the request's, which may be reading a replica."""
    if env.cr.readonly:  # nothing to lose; the tests want it ended before another one writes
        env.cr.rollback()
    return env.registry.cursor()


def count(cr: BaseCursor, key_id: int, limit: int) -> Rate:
    """Count a request of this key. ``cr`` is fresh; the caller commits at once."""
    if isinstance(cr, Cursor):  # the tests' cursor is one long transaction with savepoints
        # Odoo's REPEATABLE READ would refuse the second of two requests at once.
        cr.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
    now = int(fields.Datetime.now().replace(tzinfo=UTC).timestamp())
    cr.execute(SQL(COUNT, key_id, now // WINDOW))
    number, requests = cr.fetchone()
    return Rate(limit, requests, (number + 1) * WINDOW - now)
