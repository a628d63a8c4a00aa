"""What an app pushes, and what became of it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal, NamedTuple

from .money import plain

Status = Literal["accepted", "duplicate", "conflict", "parked"]


@dataclass(frozen=True, slots=True)
class IngestItem:
    """One event. `occurred_at` is aware UTC; `timestamp_given` is False when the sender left it
    out and the moment of receipt was filled in (it is then no part of the content).
    `precise_total_amount_cents` is the price the sender computed, for charges that take it."""

    transaction_id: str
    external_subscription_id: str | None
    code: str
    occurred_at: datetime
    properties: Mapping[str, Any] | None = None
    timestamp_given: bool = True
    precise_total_amount_cents: Decimal | None = None

    def __post_init__(self) -> None:
        if self.occurred_at.tzinfo is None:
            raise TypeError("occurred_at must be an aware datetime")

    @property
    def content_hash(self) -> str:
        """sha256 of the canonical content: same id + same hash is a repeat, other hash a conflict.

        >>> at = datetime(2026, 3, 1, tzinfo=UTC)
        >>> first = IngestItem("t1", "s1", "gb", at, {"gb": Decimal("1.50")})
        >>> again = IngestItem("t1", "s1", "gb", at, {"gb": 1.5})
        >>> first.content_hash == again.content_hash
        True
        """
        when = self.occurred_at.astimezone(UTC).isoformat() if self.timestamp_given else None
        content = {
            "code": self.code,
            "occurred_at": when,
            "properties": dict(self.properties or {}),
        }
        if self.precise_total_amount_cents is not None:
            content["precise_total_amount_cents"] = self.precise_total_amount_cents
        return hashlib.sha256(canonical_json(content).encode()).hexdigest()


class Disposition(NamedTuple):
    """What became of one item. `reason` says why it was parked, in the words of the ledger."""

    status: Status
    reason: str | None = None
    event_id: int | None = None


def canonical_json(value: Any) -> str:
    """Text that is equal exactly when the JSON content is equal: sorted keys, 10 == 10.0.

    >>> canonical_json({"b": 10, "a": [Decimal("10.0"), "10", True, None]})
    '{"a":[{"n":"10"},"10",true,null],"b":{"n":"10"}}'
    """
    return json.dumps(_canonical(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _canonical(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _canonical(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_canonical(item) for item in value]
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, float):
        # Identity, not arithmetic: the shortest text that names this float is what was sent.
        value = Decimal(repr(value))
    if isinstance(value, int | Decimal):
        # Wrapped, so that the number 10 and the text "10" stay different content.
        return {"n": plain(Decimal(value))}
    return str(value)
