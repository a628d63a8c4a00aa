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


def to_json(value: Any, field: str) -> str:
    """JSON text of what an app sent, with every number digit for digit.

    :param field: named in the error
    :raise engine.Invalid: a text or number that PostgreSQL's jsonb cannot hold.

    >>> to_json({"gb": Decimal("1.10"), "tags": ["a", None, True]}, "properties")
    '{"gb":1.1,"tags":["a",null,true]}'
    """
    if isinstance(value, Mapping):
        members = (f"{_text(str(k), field)}:{to_json(v, field)}" for k, v in value.items())
        return "{" + ",".join(members) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(to_json(item, field) for item in value) + "]"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        return _number(to_decimal(value), field)
    return _text(str(value), field)


def _number(number: Decimal, field: str) -> str:
    if not number.is_finite() or abs(number.adjusted()) > MAX_EXPONENT:
        raise engine.Invalid.field(field, "value_is_out_of_range")
    return engine.plain(number)


def _text(text: str, field: str) -> str:
    if "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise engine.Invalid.field(field, "value_is_invalid")
    return json.dumps(text, ensure_ascii=False)
