"""NexaCloud's hourly counters, read by revision: what changed since, whatever hour it is of. Pure.

A transaction that still runs may hold a smaller revision than one already visible; so a place is a
mark that is read up to only once every transaction from before the mark is over.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from psycopg2 import sql

from .errors import SourceError
from .nexacloud import NexaCloud

TABLE = "usage_counters"


class Place(NamedTuple):
    """Read up to ``revision``; up to ``mark`` once all transactions below ``horizon`` are over."""

    revision: int = 0
    mark: int = 0
    horizon: int = 0


def ahead(source: NexaCloud, place: Place) -> tuple[Place, bool]:
    """The place with a new mark if it had none, and whether its mark may be read up to now.

    :raise SourceError: the app's revisions went back
    """
    latest, running, following = source.revisions(TABLE)
    if latest < place.revision:
        raise SourceError(
            f"The newest revision in the app is {latest}, but {place.revision} was read already: "
            "its database was restored, or is another one. Let its sequence go on from there "
            f"(setval to {place.revision}) and touch the rows that changed since."
        )
    if place.mark <= place.revision:
        place = Place(place.revision, latest, following)
    return place, running >= place.horizon


def page(source: NexaCloud, place: Place, limit: int) -> list[dict[str, Any]]:
    """At most ``limit`` counters beyond the place and up to its mark, by revision."""
    revision = source.column(TABLE, "revision")
    beyond = sql.SQL("{} > {} AND {} <= {}").format(
        revision, sql.Literal(place.revision), revision, sql.Literal(place.mark)
    )
    return list(source.rows(TABLE, beyond, ("revision",), limit))


def again(source: NexaCloud, revisions: Sequence[int]) -> list[dict[str, Any]]:
    """The counters that still have these revisions: one that was mended has a newer one."""
    if not revisions:
        return []
    among = sql.SQL("{} = ANY({})").format(
        source.column(TABLE, "revision"), sql.Literal(list(revisions))
    )
    return list(source.rows(TABLE, among, ("revision",)))


def item(row: dict[str, Any]) -> dict[str, Any]:
    """The counter of a row, under the key and the sequence that the agent pushes it with.

    :raise ValueError: a column that holds nothing usable, named
    """
    for name in ("subscription_id", "metric", "hour", "quantity"):
        if row[name] is None:
            raise ValueError(f"{name} is missing")
    quantity, hour, deployment = Decimal(row["quantity"]), row["hour"], row["deployment_id"]
    if not quantity.is_finite() or quantity < 0:
        raise ValueError(f"quantity is {quantity}, expected an amount of 0 or more")
    if not isinstance(hour, datetime):
        raise ValueError(f"hour is {hour}, expected an instant")
    # One without an offset is UTC, as it is to the agent.
    hour = hour.replace(tzinfo=UTC) if hour.tzinfo is None else hour.astimezone(UTC)
    return {
        "external_subscription_id": str(row["subscription_id"]),
        "code": row["metric"],
        "bucket": f"{hour:%Y-%m-%dT%H}Z",
        "value": quantity,
        "sequence": row["revision"],
        "properties": {} if deployment is None else {"deployment_id": str(deployment)},
    }
