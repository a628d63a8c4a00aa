"""The one gate between Odoo's numbers and the engine's: floats come in here and nowhere else."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from .. import engine

# Beyond this a JSON number is no measurement but an attack on the database's NUMERIC.
MAX_EXPONENT = 60


def to_decimal(value: Any) -> Decimal:
    """Exact number of a field read through the ORM: the shortest text that names the float.

    >>> to_decimal(0.1), to_decimal(False), to_decimal("2.50")
    (Decimal('0.1'), Decimal('0'), Decimal('2.50'))
    """
    if value is False or value is None:
        return Decimal(0)
    return Decimal(repr(value)) if isinstance(value, float) else Decimal(value)


def to_json(value: Any) -> str:
    """JSON text of what an app sent, with every number digit for digit.

    :raise engine.Invalid: a text or number that PostgreSQL's jsonb cannot hold.

    >>> to_json({"gb": Decimal("1.10"), "tags": ["a", None, True]})
    '{"gb":1.1,"tags":["a",null,true]}'
    """
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{_text(str(k))}:{to_json(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(to_json, value)) + "]"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        return _number(to_decimal(value))
    return _text(str(value))


def _number(number: Decimal) -> str:
    if not number.is_finite() or abs(number.adjusted()) > MAX_EXPONENT:
        raise engine.Invalid.field("properties", "value_is_out_of_range")
    return engine.plain(number)


def _text(text: str) -> str:
    if "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise engine.Invalid.field("properties", "value_is_invalid")
    return json.dumps(text, ensure_ascii=False)
