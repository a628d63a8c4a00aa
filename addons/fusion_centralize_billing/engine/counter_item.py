"""A counter as an app pushes it: the whole value of a bucket, and which push of it this is."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from .bucket import Bucket
from .usage_item import canonical_json

CounterStatus = Literal["accepted", "duplicate", "conflict", "stale", "parked"]


@dataclass(frozen=True, slots=True)
class CounterItem:
    """`value` replaces what the bucket held before; a greater `sequence` is a newer push."""

    external_subscription_id: str
    code: str
    bucket: Bucket
    value: Decimal
    sequence: int
    properties: Mapping[str, Any] | None = None

    @property
    def labels(self) -> str:
        """Identity of the counter within its bucket: its properties, '' without any.

        >>> march = Bucket.parse("2026-03")
        >>> CounterItem("s", "gb", march, Decimal(1), 1, {"b": 2, "a": "x"}).labels
        '{"a":"x","b":{"n":"2"}}'
        """
        return canonical_json(dict(self.properties)) if self.properties else ""

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What one counter is told apart by, within its service."""
        return (self.external_subscription_id, self.code, self.bucket.text, self.labels)

    @property
    def content_hash(self) -> str:
        """sha256 of the value: a sequence seen before has to come with the same one.

        >>> march = Bucket.parse("2026-03")
        >>> one, two = (CounterItem("s", "gb", march, Decimal(v), 7) for v in ("1.5", "1.50"))
        >>> one.content_hash == two.content_hash
        True
        """
        return hashlib.sha256(canonical_json(self.value).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class CounterAnswer:
    """What became of one counter. ``stale``: a newer push of it is here, under `held_sequence`."""

    status: CounterStatus
    reason: str | None = None
    counter_id: int | None = None
    held_sequence: int | None = None
    previous: Decimal | None = None
