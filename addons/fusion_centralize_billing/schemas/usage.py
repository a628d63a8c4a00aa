"""/usage: counters, added to by POST and set by PUT."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, ValidationError, WithJsonSchema

from ..engine.bucket import Bucket
from ..engine.errors import Invalid
from ..engine.money import D
from .base import InvalidBody, Required, Shape, WireModel, details, refuse
from .event import EventIn

LAST_SEQUENCE = 2**63 - 1


def _value(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise refuse("value_is_invalid")
    try:
        return D(value.strip() if isinstance(value, str) else value)
    except Invalid as error:
        raise refuse("value_is_invalid") from error


def _bucket(value: Any) -> Bucket:
    if not isinstance(value, str):
        raise refuse("invalid_bucket")
    try:
        return Bucket.parse(value)
    except Invalid as error:
        raise refuse("invalid_bucket") from error


def _sequence(value: int) -> int:
    if not 0 <= value <= LAST_SEQUENCE:
        raise refuse("value_is_out_of_range")
    return value


def _day(value: Any) -> date:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise refuse("invalid_date") from error


Day = Annotated[date, BeforeValidator(_day)]
"""An ISO day."""

NUMBER = {
    "description": "A number, or the same as text, digit for digit.",
    "anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^-?\d{1,15}(\.\d{1,12})?$"}],
    "examples": ["1250.5"],
}
BUCKET = {
    "description": "An hour, a day or a month in the subscription's time zone; or an hour in UTC, "
    "with a Z behind.",
    "type": "string",
    "pattern": r"^\d{4}-\d{2}(-\d{2}(T\d{2}(:00(:00)?)?Z?)?)?$",
    "examples": ["2026-03-05"],
}
Value = Annotated[Decimal, BeforeValidator(_value), WithJsonSchema(NUMBER)]
"""A number, or a string of one, digit for digit."""


class CounterIn(WireModel):
    """PUT: what the bucket holds in all. A greater ``sequence`` replaces, a smaller is refused."""

    external_subscription_id: Required
    code: Required
    bucket: Annotated[Bucket, BeforeValidator(_bucket), WithJsonSchema(BUCKET)]
    value: Value
    sequence: Annotated[int, AfterValidator(_sequence)]
    properties: dict[str, Any] | None = None


class UsageIn(EventIn):
    """POST: what came on top. ``transaction_id`` makes it safe to repeat."""

    value: Value


class SealIn(WireModel):
    """PUT /usage/seals: ``[start, end)`` in local days is complete, and adds up to this."""

    external_subscription_id: Required
    code: Required
    start: Day
    end: Day
    count: Annotated[int, AfterValidator(_sequence)]
    sum: Value


def validated_list(shape: type[Shape], key: str, items: Any, limit: int) -> list[Shape]:
    """1 to ``limit`` of them, or `InvalidBody` with the errors keyed by index: all or nothing."""
    if not isinstance(items, list) or not items:
        raise InvalidBody({key: ["value_is_mandatory" if items == [] else "value_is_invalid"]})
    if len(items) > limit:
        raise InvalidBody({key: ["too_many_items"]})
    found, wrong = [], {}
    for index, item in enumerate(items):
        try:
            found.append(shape.model_validate(item))
        except ValidationError as error:
            wrong[str(index)] = details(error)
    if wrong:
        raise InvalidBody(wrong)
    return found
