"""Pushed items as the JSON text that one statement reads. Plain functions, made to be fast."""

from collections.abc import Sequence
from datetime import UTC
from decimal import Decimal
from json.encoder import encode_basestring as quoted
from typing import Any

from .. import engine
from .gate import to_json

MAX_ID_LENGTH = 255
# Beyond this an integer takes the slow gate, which may refuse it.
PLAIN_INTEGER = 10**18


def rows(items: Sequence[engine.IngestItem]) -> str:
    """The batch as one JSON array; numbers reach PostgreSQL's NUMERIC digit for digit.

    :raise engine.Invalid: an id or a property that PostgreSQL cannot hold, named by its field.
    """
    text = "[" + ",".join([_row(n, item) for n, item in enumerate(items)]) + "]"
    if not _storable(text):
        for item in items:
            _refuse(item)
    return text


def key(item: engine.IngestItem) -> tuple[str, str]:
    """What makes an event the same event within its service."""
    return (item.external_subscription_id or "", item.transaction_id)


def _row(n: int, item: engine.IngestItem) -> str:
    external_id, transaction_id = key(item)
    if len(external_id) > MAX_ID_LENGTH or len(transaction_id) > MAX_ID_LENGTH:
        fields = {"transaction_id": transaction_id, "external_subscription_id": external_id}
        raise engine.Invalid(
            {name: ["value_is_too_long"] for name, value in fields.items() if len(value) > 255}
        )
    occurred_at = item.occurred_at
    if occurred_at.tzinfo is not UTC:
        occurred_at = occurred_at.astimezone(UTC)
    precise = item.precise_total_amount_cents
    return (
        f'{{"n":{n},"t":{quoted(transaction_id)},"s":{quoted(external_id)},'
        f'"c":{quoted(item.code)},"a":"{occurred_at.isoformat()[:-6]}",'
        f'"g":{"true" if item.timestamp_given else "false"},"p":{_json(item.properties)},'
        f'"m":{"null" if precise is None else engine.plain(precise)}}}'
    )


def _json(value: Any) -> str:
    """As `gate.to_json`, which takes over where a value is not one of the usual kinds."""
    kind = type(value)
    if kind is str:
        return quoted(value)
    if kind is int and -PLAIN_INTEGER < value < PLAIN_INTEGER:
        return str(value)
    if kind is Decimal and value.is_finite() and -20 < value.adjusted() < 20:
        return engine.plain(value)
    if kind is dict:
        return "{" + ",".join([f"{quoted(str(k))}:{_json(v)}" for k, v in value.items()]) + "}"
    return to_json(value, "properties")


def _storable(text: str) -> bool:
    """Whether no text holds NUL, nor half of a surrogate pair; may err on the safe side."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\\u0000" not in text


def _refuse(item: engine.IngestItem) -> None:
    external_id, transaction_id = key(item)
    fields = {"transaction_id": transaction_id, "external_subscription_id": external_id}
    for name, value in (*fields.items(), ("code", item.code), ("properties", item.properties)):
        to_json(value, name)
