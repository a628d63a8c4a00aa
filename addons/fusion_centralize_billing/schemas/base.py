"""What every request shape shares: leniency in types, strictness in meaning, Lago's error codes.

Apps send numbers as strings, unset fields as null and keys we do not know; all of that is fine.
Whatever is wrong is collected, so that a caller sees every wrong field at once.
"""

import re
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    ValidationError,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from ..engine.errors import Invalid

# pydantic's word -> Lago's word. Everything that is not here is `value_is_invalid`.
CODES = {
    "missing": "value_is_mandatory",
    "string_too_long": "value_is_too_long",
    "greater_than": "value_is_out_of_range",
    "greater_than_equal": "value_is_out_of_range",
    "less_than": "value_is_out_of_range",
    "less_than_equal": "value_is_out_of_range",
}
MAX_LENGTH = 255
# A client writes ids into URLs unescaped: these three would reach another route or be cut off.
FORBIDDEN_IN_ID = re.compile(r"[/#?\x00-\x1f\x7f]")

Shape = TypeVar("Shape", bound="WireModel")


class InvalidBody(Invalid):
    """The caller must fix these fields. Nested inputs and batches nest their codes as well."""

    def __init__(self, tree: dict[str, Any]) -> None:
        super().__init__({})
        self.details = tree

    def __str__(self) -> str:
        return str(self.details)


class WireModel(BaseModel):
    """A request body: unknown keys are ignored and numbers may stand where a string is due."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)

    def sent(self) -> dict[str, Any]:
        """Only the keys the caller sent (an explicit null among them), as plain values."""
        return self.model_dump(exclude_unset=True)


def refuse(code: str) -> PydanticCustomError:
    """An error that carries one of Lago's codes through pydantic."""
    return PydanticCustomError("lago", "{code}", {"code": code})


def details(error: ValidationError) -> dict[str, Any]:
    """Lago's ``error_details``: field -> codes; nested inputs and batches nest by key or index."""
    tree: dict[str, Any] = {}
    for found in error.errors(include_url=False, include_context=True):
        path = [str(step) for step in found["loc"]] or ["base"]
        node = tree
        for step in path[:-1]:
            node = node.setdefault(step, {})
        codes = node.setdefault(path[-1], [])
        if (code := _code(found)) not in codes:
            codes.append(code)
    return tree


def validated(shape: type[Shape], value: Any, **context: Any) -> Shape:
    """``value`` as that shape, or `InvalidBody` naming every wrong field."""
    try:
        return shape.model_validate(value, context=context)
    except ValidationError as error:
        raise InvalidBody(details(error)) from error


def _code(found: dict[str, Any]) -> str:
    if found["type"] == "lago":
        return found["ctx"]["code"]
    if found["input"] is None:
        return "value_is_mandatory"
    return CODES.get(found["type"], "value_is_invalid")


def _required(value: str) -> str:
    if not value.strip():
        raise refuse("value_is_mandatory")
    if len(value) > MAX_LENGTH:
        raise refuse("value_is_too_long")
    return value


def _new_id(value: str) -> str:
    if FORBIDDEN_IN_ID.search(value) or value in {".", ".."}:
        raise refuse("value_is_invalid")
    return value


def _short(value: str | None) -> str | None:
    if value is not None and len(value) > MAX_LENGTH:
        raise refuse("value_is_too_long")
    return value


def _instant(value: Any) -> datetime | None:
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise refuse("invalid_date")
    try:
        parsed = datetime.fromisoformat(value.strip())
        if parsed.tzinfo is None:
            parsed = parsed.replace(tzinfo=UTC)
        parsed = parsed.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError) as error:
        raise refuse("invalid_date") from error
    if not 1970 <= parsed.year < 2200:
        raise refuse("value_is_out_of_range")
    return parsed


# What the validators above demand, in the words of the OpenAPI document.
_REQUIRED = {"type": "string", "minLength": 1, "maxLength": MAX_LENGTH, "pattern": r"\S"}
_IN_ID = r"[^/#?\x00-\x1f\x7f]"
_NEW_ID = _REQUIRED | {"pattern": rf"^{_IN_ID}*[^/#?\x00-\x1f\x7f\s.]{_IN_ID}*$"}
_SHORT = {"anyOf": [{"type": "string", "maxLength": MAX_LENGTH}, {"type": "null"}]}
_DATED = {
    "anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}],
    "description": "ISO-8601, a date or a date-time; UTC unless it says otherwise.",
    "examples": ["2026-03-10T15:30:00Z"],
}

Required = Annotated[str, AfterValidator(_required), WithJsonSchema(_REQUIRED)]
"""A string that must be there, is not blank and fits 255 characters."""

NewId = Annotated[str, AfterValidator(_required), AfterValidator(_new_id), WithJsonSchema(_NEW_ID)]
"""An id of the caller's own, for a thing that is being created."""

Text = Annotated[str | None, AfterValidator(_short), WithJsonSchema(_SHORT)]
"""An optional short string; null clears it."""

Instant = Annotated[datetime | None, BeforeValidator(_instant), WithJsonSchema(_DATED)]
"""ISO-8601 date or date-time; comes out as a naive UTC date-time, as Odoo stores it."""
