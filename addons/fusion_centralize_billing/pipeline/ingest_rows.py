"""Pushed items as the texts that one statement reads. Plain functions, made to be fast."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from itertools import chain
from json.encoder import encode_basestring as quoted
from typing import Any, NamedTuple

from .. import engine
from .gate import to_json

MAX_ID_LENGTH = 255
# Beyond this an integer takes the slow gate, which may refuse it.
PLAIN_INTEGER = 10**18
# Half a SHA-256: what ids and contents are told apart by.
HASH = 16
SURROGATES = range(0xD800, 0xE000)
# Names in jsonb's order, and the text around their values.
Shape = tuple[list[str], str]
TEXTS = ("transactions", "externals", "codes", "instants", "properties", "cents")


class Batch(NamedTuple):
    """Items in columns, each of them once: `firsts` are the places of the ids' first items."""

    keys: list[bytes]
    contents: list[bytes]
    firsts: list[int]
    parameters: dict[str, Any]


def batch(items: Sequence[engine.IngestItem]) -> Batch:
    """The batch as the statement's parameters; numbers reach NUMERIC digit for digit.

    :raise engine.Invalid: an id or a property that PostgreSQL cannot hold, named by its field.
    """
    texts, cut = _texts(items)
    keys = [
        sha256(f"{len(external)}:{external}{transaction}".encode()).digest()[:HASH]
        for external, transaction in zip(texts[1], texts[0], strict=True)
    ]
    contents = [
        # A retry of an event that was sent without its instant is the same event.
        sha256(
            f"{code}\x1f{at if item.timestamp_given else ''}\x1f{cents}\x1f{sent or '{}'}".encode()
        ).digest()[:HASH]
        for item, code, at, sent, cents in zip(items, *texts[2:], strict=True)
    ]
    firsts = list(range(len(keys)))
    if len(set(keys)) < len(keys):
        places = {key: n for n, key in reversed(list(enumerate(keys)))}
        firsts = sorted(places.values())
    if len(firsts) < len(keys):
        once = [[column[n] for n in firsts] for column in (keys, contents, *texts)]
        return Batch(keys, contents, firsts, _parameters(*once[:2], once[2:], cut))
    return Batch(keys, contents, firsts, _parameters(keys, contents, texts, cut))


def _parameters(
    keys: list[bytes], contents: list[bytes], texts: list[list[str]], cut: str
) -> dict[str, Any]:
    hashes = [half for pair in zip(keys, contents, strict=True) for half in pair]
    parameters = dict(zip(TEXTS, (cut.join(column) for column in texts), strict=True))
    return {**parameters, "cut": cut, "hashes": b"".join(hashes)}


def _cut(text: str) -> str:
    """A character that the text has not."""
    letters = map(chr, chain(range(31, SURROGATES[0]), range(SURROGATES[-1] + 1, 0x110000)))
    return next(letter for letter in letters if letter not in text)


def _texts(items: Sequence[engine.IngestItem]) -> tuple[list[list[str]], str]:
    """Columns in the order of `TEXTS`, and what to put between their texts.

    The empty text stands for no properties, or no price.
    """
    shapes: dict[tuple, Shape | None] = {}
    columns = [
        [item.transaction_id for item in items],
        [item.external_subscription_id or "" for item in items],
        [item.code for item in items],
        [_instant(item.occurred_at) for item in items],
        [_properties(item.properties, shapes) for item in items],
        [_cents(item.precise_total_amount_cents) for item in items],
    ]
    if max(map(len, columns[0])) > MAX_ID_LENGTH or max(map(len, columns[1])) > MAX_ID_LENGTH:
        _refuse_long(items)
    text = "".join(map("".join, columns))
    if not _storable(text):
        _refuse(items)
    return columns, _cut(text)


def _instant(at: datetime) -> str:
    """In UTC, without the zone; its halves take half the time of ``at.isoformat()``."""
    utc = at if at.tzinfo is UTC else at.astimezone(UTC)
    return f"{utc.date().isoformat()}T{utc.time().isoformat()}"


def _cents(cents: Decimal | None) -> str:
    return "" if cents is None else engine.plain(cents)


def _properties(properties: Mapping[str, Any] | None, shapes: dict) -> str:
    """As PostgreSQL writes jsonb; items of one app have few shapes, each is sorted once."""
    if properties is None:
        return ""
    names = tuple(properties)
    shape = shapes.get(names) or shapes.setdefault(names, _shape(names))
    if not shape:
        return _jsonb(properties)
    ordered, form = shape
    return form % tuple(
        [
            quoted(value) if type(value := properties[name]) is str else _value(value)
            for name in ordered
        ]
    )


def _shape(names: tuple) -> Shape | None:
    """The shape of properties of these names; None where a name is no text."""
    if not all(type(name) is str for name in names):
        return None
    try:
        ordered = sorted(names, key=_weight)
    except UnicodeEncodeError:
        return None
    form = ", ".join([f"{quoted(name)}: ".replace("%", "%%") + "%s" for name in ordered])
    return ordered, "{" + form + "}"


def _weight(name: str) -> tuple[int, bytes]:
    encoded = name.encode()
    return len(encoded), encoded


def _value(value: Any) -> str:
    """As `_jsonb`, which takes over where a value is not one of the usual kinds."""
    kind = type(value)
    if kind is Decimal:
        text = str(value)
        plain = text.isdigit() or ("." in text and text[-1] != "0" and "E" not in text)
        if plain and len(text) < 30:
            return text
    elif kind is int and -PLAIN_INTEGER < value < PLAIN_INTEGER:
        return str(value)
    return _jsonb(value)


def _jsonb(value: Any) -> str:
    """What ``value::jsonb::text`` gives: shorter names first, a space after : and the comma."""
    if isinstance(value, Mapping):
        members = {to_json(str(name), "properties"): member for name, member in value.items()}
        names = sorted({str(name) for name in value}, key=_weight)
        labels = [to_json(name, "properties") for name in names]
        return "{" + ", ".join([f"{label}: {_jsonb(members[label])}" for label in labels]) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join([_jsonb(member) for member in value]) + "]"
    return to_json(value, "properties")


def _storable(text: str) -> bool:
    """Whether it holds no NUL, nor half of a surrogate pair; may err on the safe side."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\x00" not in text and "\\u0000" not in text


def _ids(item: engine.IngestItem) -> Iterator[tuple[str, str]]:
    yield "transaction_id", item.transaction_id
    yield "external_subscription_id", item.external_subscription_id or ""


def _refuse_long(items: Sequence[engine.IngestItem]) -> None:
    for item in items:
        long = [name for name, value in _ids(item) if len(value) > MAX_ID_LENGTH]
        if long:
            raise engine.Invalid({name: ["value_is_too_long"] for name in long})


def _refuse(items: Sequence[engine.IngestItem]) -> None:
    for item in items:
        for name, value in (*_ids(item), ("code", item.code), ("properties", item.properties)):
            to_json(value, name)
