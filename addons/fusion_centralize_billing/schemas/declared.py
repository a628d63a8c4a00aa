"""What a route says of itself: its body, its query, its answer.

`controllers.wire.billing_route` keeps it beside the path, and the OpenAPI document is made of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel


@dataclass(frozen=True, slots=True)
class One:
    """``{root: {…}}``. ``partial``: none of its keys has to be there, as what is left out stays."""

    root: str
    shape: type[BaseModel]
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Many:
    """``{root: [{…}, …]}``, and ``meta`` where it is a list that is read in pages."""

    root: str
    shape: type[BaseModel]
    meta: type[BaseModel] | None = None


@dataclass(frozen=True, slots=True)
class Flat:
    """An object without a root key."""

    shape: type[BaseModel]


@dataclass(frozen=True, slots=True)
class Media:
    """What is no JSON, by its type: ``application/pdf``."""

    type: str


@dataclass(frozen=True, slots=True)
class Nothing:
    """An empty 200."""


@dataclass(frozen=True, slots=True)
class Maybe:
    """An answer, or an empty 200 where there is none to be had yet."""

    answer: One


Body = One | Many | Flat
Answer = One | Many | Flat | Media | Nothing | Maybe


@dataclass(frozen=True, slots=True)
class Param:
    """A key of the query string. ``several``: also as ``name[]=a&name[]=b``.

    ``pairs``: ``name[key]=value``.
    """

    name: str
    about: str = ""
    schema: dict[str, Any] = field(default_factory=lambda: {"type": "string"})
    several: bool = False
    pairs: bool = False
    required: bool = False


def text(name: str, about: str = "", *, several: bool = False, required: bool = False) -> Param:
    """Any text."""
    return Param(name, about, several=several, required=required)


def choice(name: str, values: Iterable[str], about: str = "", *, several: bool = False) -> Param:
    """One of these."""
    return Param(name, about, {"type": "string", "enum": list(values)}, several)


def flag(name: str, about: str = "") -> Param:
    """True or false."""
    return Param(name, about, {"type": "boolean"})


def whole(name: str, about: str = "", most: int = 10**15) -> Param:
    """A whole number, not negative."""
    return Param(name, about, {"type": "integer", "minimum": 0, "maximum": most})


def date(name: str, about: str = "") -> Param:
    """A day, ``2026-03-31``."""
    return Param(name, about, {"type": "string", "format": "date"})


def instant(name: str, about: str = "") -> Param:
    """An ISO-8601 date-time."""
    return Param(name, about, {"type": "string", "format": "date-time"})


def pairs(name: str, about: str = "") -> Param:
    """``name[key]=value``."""
    schema = {"type": "object", "additionalProperties": {"type": "string"}}
    return Param(name, about, schema, pairs=True)


PAGES = (
    whole("page", "Which page, from 1. Nonsense is 1.", 1_000_000),
    whole("per_page", "How many, at most 1,000; 100 unless said otherwise.", 1000),
)
