"""A counter as the billing system takes it, made of a row of the app and nothing else."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from .config import Table


@dataclass(frozen=True, slots=True)
class Counter:
    """The first four name the counter; `sequence` is the row's revision, `value` its text."""

    subscription: str
    code: str
    bucket: str
    labels: str
    value: str
    sequence: int

    def wire(self) -> dict[str, Any]:
        """Return the body the API takes."""
        body: dict[str, Any] = {
            "external_subscription_id": self.subscription,
            "code": self.code,
            "bucket": self.bucket,
            "value": self.value,
            "sequence": self.sequence,
        }
        return body | ({"properties": json.loads(self.labels)} if self.labels else {})


def columns(table: Table) -> list[str]:
    """The columns in the order `from_row` expects them."""
    own = [table.subscription, table.metric, table.time, table.quantity, table.revision]
    return [*own, *table.properties.values()]


def from_row(table: Table, row: tuple[Any, ...]) -> Counter:
    """Return the counter of a row; the same row always has the same key.

    :raise ValueError: the row cannot be a counter.
    """
    subscription, metric, moment, quantity, revision, *rest = row
    labels = {
        name: str(value)
        for name, value in zip(table.properties, rest, strict=True)
        if value is not None
    }
    try:
        value = format(Decimal(str(quantity)), "f")
    except ArithmeticError as error:
        raise ValueError(f"{quantity!r} is no number") from error
    return Counter(
        subscription=str(subscription),
        code=table.codes.get(str(metric), str(metric)),
        bucket=_bucket(table.bucket, moment),
        labels=json.dumps(labels, sort_keys=True) if labels else "",
        value=value,
        sequence=int(revision),
    )


def instant(moment: datetime | str) -> datetime:
    """A time as UTC; one without an offset is UTC already."""
    found = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _bucket(size: str, moment: Any) -> str:
    if size == "hour":
        return f"{instant(moment):%Y-%m-%dT%H}Z"
    if isinstance(moment, date) and not isinstance(moment, datetime):
        return moment.isoformat()
    return date.fromisoformat(str(moment)[:10]).isoformat()
