"""POST /events and /events/batch: one counted thing that happened.

``timestamp`` is unix seconds, whole or with decimals, as a number or a string of digits. ISO
dates are refused as Lago refuses them. Milliseconds are refused too: Lago takes them for the
year 54000 and never bills them.
"""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, ValidationError, WithJsonSchema

from .base import InvalidBody, Required, Text, WireModel, details, refuse

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LAST_SECOND = 4_102_444_800  # 2100-01-01: anything later is not a time in seconds
DIGITS = re.compile(r"-?\d{1,20}(\.\d{1,20})?")


def _timestamp(value: Any) -> datetime | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise refuse("invalid_format")
    if isinstance(value, str):
        if not DIGITS.fullmatch(value.strip()):
            raise refuse("invalid_format")
        value = Decimal(value.strip())
    if not 0 <= value < LAST_SECOND:
        raise refuse("value_is_out_of_range")
    return EPOCH + timedelta(microseconds=int(value * 1_000_000))


def _cents(value: Any) -> Decimal | None:
    """A price in cents with decimals; Lago has it as text, because it must stay exact."""
    if value is None or value == "":
        return None
    text = str(value).strip()
    if isinstance(value, bool) or not DIGITS.fullmatch(text):
        raise refuse("value_is_invalid")
    return Decimal(text)


SECONDS = {
    "description": "Unix seconds, whole or with decimals, as a number or as text.",
    "anyOf": [
        {"type": "number", "minimum": 0, "exclusiveMaximum": LAST_SECOND},
        {"type": "string", "pattern": r"^\d{1,10}(\.\d{1,20})?$"},
        {"type": "null"},
    ],
    "examples": [1773156600],
}
EXACT_CENTS = {
    "description": "Cents with decimals, as text.",
    "anyOf": [
        {"type": "string", "pattern": r"^-?\d{1,20}(\.\d{1,20})?$"},
        {"type": "number"},
        {"type": "null"},
    ],
    "examples": ["12.5"],
}


class EventIn(WireModel):
    """The body under ``event``. ``timestamp`` comes out as an aware UTC date-time, or None for
    "the instant it was received"."""

    transaction_id: Required
    external_subscription_id: Required
    code: Required
    timestamp: Annotated[datetime | None, BeforeValidator(_timestamp), WithJsonSchema(SECONDS)] = (
        None
    )
    precise_total_amount_cents: Annotated[
        Decimal | None, BeforeValidator(_cents), WithJsonSchema(EXACT_CENTS)
    ] = None
    properties: dict[str, Any] | None = None


EventShape = TypeVar("EventShape", bound=EventIn)


class EstimateIn(EventIn):
    """The same for an event that is only asked about: it needs no id."""

    transaction_id: Text = None


def validated_batch(items: Any, limit: int, shape: type[EventShape] = EventIn) -> list[EventShape]:
    """1 to ``limit`` events, or `InvalidBody` with the errors keyed by index: all or nothing."""
    if not isinstance(items, list):
        raise InvalidBody({"events": ["value_is_invalid"]})
    if not items:
        raise InvalidBody({"events": ["no_events"]})
    if len(items) > limit:
        raise InvalidBody({"events": ["too_many_events"]})
    events, wrong = [], {}
    for index, item in enumerate(items):
        try:
            events.append(shape.model_validate(item))
        except ValidationError as error:
            wrong[str(index)] = details(error)
    if wrong:
        raise InvalidBody(wrong)
    return events
