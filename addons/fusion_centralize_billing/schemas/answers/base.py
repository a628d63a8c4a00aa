"""The kinds of values that answers are made of. Nothing is optional unless it says so."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

UUID = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"


class AnswerModel(BaseModel):
    """An object as it is sent: no other keys, no other types."""

    model_config = ConfigDict(extra="forbid", strict=True)


def _text(pattern: str, example: str, about: str, **more: Any) -> Any:
    return Field(
        pattern=pattern, examples=[example], description=about, json_schema_extra=more or None
    )


Id = Annotated[str, _text(UUID, "1321c55a-da3a-8007-8000-000000000001", "", format="uuid")]
"""A ``lago_id``."""

Instant = Annotated[
    str,
    _text(
        r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$",
        "2026-03-10T15:30:00Z",
        "UTC, to the second.",
        format="date-time",
    ),
]

Millisecond = Annotated[
    str,
    _text(
        r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$",
        "2026-03-10T15:30:00.000Z",
        "UTC, with milliseconds.",
        format="date-time",
    ),
]

Offset = Annotated[
    str,
    _text(
        r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$",
        "2026-03-10T15:30:00+00:00",
        "UTC, written with its offset.",
        format="date-time",
    ),
]

Day = Annotated[str, _text(r"^\d{4}-\d\d-\d\d$", "2026-03-31", "A local day.", format="date")]

Exact = Annotated[
    str, _text(r"^-?\d+\.\d+$", "1250.5", "An exact decimal, with at least one decimal place.")
]

Plain = Annotated[str, _text(r"^-?\d+(\.\d+)?$", "1250.5", "An exact decimal.")]

Cents = Annotated[int, Field(description="In the currency's minor unit.", examples=[2260])]

Currency = Annotated[str, _text(r"^[A-Z]{3}$", "CAD", "ISO 4217.")]

Empty = Annotated[list[Any], Field(max_length=0, description="Nothing here has any.")]

Never = Annotated[None, Field(description="Always null here.")]


class Meta(AnswerModel):
    """Which page of a list this is. An empty list is page 0 of 0."""

    current_page: int
    next_page: int | None
    prev_page: int | None
    total_pages: int
    total_count: int
