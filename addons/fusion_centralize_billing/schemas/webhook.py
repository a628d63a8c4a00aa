"""What /webhooks is asked: checkpoints and replays."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from .base import Instant, Text, WireModel

Sequence = Annotated[int, Field(ge=0, lt=2**31)]


def _default_if_unset(value: str | None) -> str:
    return value or "default"


class CheckpointIn(WireModel):
    """The body under ``checkpoint``."""

    sequence: Sequence
    name: Annotated[Text, AfterValidator(_default_if_unset)] = "default"


class ReplayIn(WireModel):
    """The body under ``replay``: one of `id`, a range of numbers, a span of time, `failed`."""

    id: Text = None
    from_sequence: Sequence | None = None
    to_sequence: Sequence | None = None
    from_datetime: Instant = None
    to_datetime: Instant = None
    failed: bool | None = None
    webhook_endpoint_id: Text = None

    def conditions(self) -> list[tuple[str, str, Any]]:
        """What was asked for, as a domain of messages. Both ends belong to a range."""
        asked: list[tuple[str, str, str | int | datetime | None]] = [
            ("event_uuid", "=", self.id),
            ("sequence", ">=", self.from_sequence),
            ("sequence", "<=", self.to_sequence),
            ("create_date", ">=", self.from_datetime),
            ("create_date", "<=", self.to_datetime),
        ]
        return [condition for condition in asked if condition[2] is not None]
