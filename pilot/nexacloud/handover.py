"""Who bills a subscription: the app itself, or the billing system from a day on.

The billing system says so by webhook: ``subscription.cut_over`` takes a subscription over from the
day `billed_from`, ``subscription.cut_over_rolled_back`` gives it back. Both carry a
`handover_number` that counts up, so that a late or repeated word changes nothing. The day is the
customer's own, as are the ends of periods: what would fall due on it or later is no longer the
app's to bill.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import closing
from datetime import date
from typing import Any, Protocol, TypeVar

from pilot.nexacloud.seed import connect

CUT_OVER = "subscription.cut_over"
ROLLED_BACK = "subscription.cut_over_rolled_back"
# The comparison is the statement's own: of two at once the larger number stays. What was given
# back keeps its row, or an older word could take it away again.
_TAKE = """
INSERT INTO billing_handovers (subscription_id, billed_from, number)
SELECT id, %s, %s FROM subscriptions WHERE CAST(id AS text) = %s
ON CONFLICT (subscription_id) DO UPDATE
SET billed_from = excluded.billed_from, number = excluded.number
WHERE excluded.number > billing_handovers.number
"""
_READ = """
SELECT CAST(subscription_id AS text), billed_from FROM billing_handovers
WHERE billed_from IS NOT NULL
"""
# Readers go on; a webhook that would write waits until the night's invoices are committed.
_HOLD = "LOCK TABLE billing_handovers IN SHARE MODE"


class Due(Protocol):
    """What has a subscription and a due date: an invoice, or one that is held."""

    @property
    def external_subscription_id(self) -> str: ...

    @property
    def invoice_date(self) -> date: ...


Row = TypeVar("Row", bound=Due)


def obey(connection: Any, event: Mapping[str, Any]) -> bool:
    """Do as one webhook says; False if it says nothing new, or nothing about who bills.

    :raise KeyError, ValueError: it has no number, or a cut-over no day
    """
    kind = event.get("webhook_type")
    if kind not in (CUT_OVER, ROLLED_BACK):
        return False
    told = event["subscription"]
    day = date.fromisoformat(told["billed_from"] or "").isoformat() if kind == CUT_OVER else None
    with closing(connection.cursor()) as cursor:
        cursor.execute(_TAKE, (day, int(told["handover_number"]), told["external_id"]))
        return cursor.rowcount == 1


def read(connection: Any, hold: bool = False) -> dict[str, date]:
    """Return from which day on each subscription is billed elsewhere.

    `hold`: keep it so until the end of the transaction.
    """
    with closing(connection.cursor()) as cursor:
        if hold:
            cursor.execute(_HOLD)
        cursor.execute(_READ)
        return dict(cursor.fetchall())


def own(rows: Iterable[Row], elsewhere: Mapping[str, date]) -> list[Row]:
    """Return the rows that are the app's own to bill."""
    return [
        row
        for row in rows
        if row.invoice_date < elsewhere.get(row.external_subscription_id, date.max)
    ]


class Handovers:
    """Obeys webhooks in the app's database, each in a transaction of its own."""

    def __init__(self, dsn: str) -> None:
        """`dsn`: the app's own database, as its owner."""
        self._dsn = dsn

    def obey(self, event: Mapping[str, Any]) -> bool:
        """See `obey`."""
        if event.get("webhook_type") not in (CUT_OVER, ROLLED_BACK):
            return False
        with closing(connect(self._dsn)) as connection, connection:
            return obey(connection, event)
