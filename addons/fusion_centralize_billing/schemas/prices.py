"""Lago's ``properties`` of a charge as the numbers of our prices, by Lago's own rules.

Prices are strings, because a JSON number may have lost digits on its way; counts are integers.
Edges of ranges may be adjacent (0–10, 10–20) or step by one (0–10, 11–20): the same thing.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ..engine.errors import Invalid
from ..engine.money import D

LADDERS = {
    "graduated": ("per_unit_amount", "unit_price", "invalid_amount"),
    "volume": ("per_unit_amount", "unit_price", "invalid_amount"),
    "graduated_percentage": ("rate", "rate", "invalid_rate"),
}


class _Problem(Exception):
    """One of Lago's codes about ``properties``."""


def read_prices(model: str, properties: Mapping[str, Any] | None) -> dict[str, Any]:
    """Values of a price record; a ladder's stand under ``tiers``, one dict a tier.

    :raise Invalid: ``properties`` with every code that applies; ``not_supported`` for our quota

    >>> read_prices("package", {"amount": "5", "package_size": 100, "free_units": 10})
    {'amount': Decimal('5'), 'package_size': Decimal('100'), 'free_units': Decimal('10')}
    """
    given = properties or {}
    if model in LADDERS:
        return {"tiers": _collect(_tiers, model, given.get(f"{model}_ranges"))}
    readers = {
        "standard": {"unit_price": ("amount", _text, "invalid_amount")},
        "package": {
            "amount": ("amount", _text, "invalid_amount"),
            "package_size": ("package_size", _positive, "invalid_package_size"),
            "free_units": ("free_units", _count, "invalid_free_units"),
        },
        "percentage": _PERCENTAGE,
        "dynamic": {},
    }.get(model)
    if readers is None:  # ours: an included quota, which Lago's properties have no words for
        raise Invalid.field("properties", "not_supported")
    values, codes = {}, []
    for name, (key, read, code) in readers.items():
        try:
            values[name] = read(given.get(key), code)
        except _Problem as problem:
            codes.append(str(problem))
    low, high = (values.get(f"per_transaction_{end}_amount") for end in ("min", "max"))
    if low and high and high < low:
        codes.append("per_transaction_max_lower_than_per_transaction_min")
    if codes:
        raise Invalid({"properties": list(dict.fromkeys(codes))})
    return values


def group_keys(properties: Mapping[str, Any] | None) -> tuple[str, ...]:
    """``pricing_group_keys`` or, as it was called before, ``grouped_by``.

    :raise Invalid: ``properties`` ``value_is_invalid``: our list has commas between the names
    """
    given = properties or {}
    names = given.get("pricing_group_keys") or given.get("grouped_by") or []
    if given.get("presentation_group_keys"):
        raise Invalid.field("properties", "presentation_group_keys_not_supported")
    fits = isinstance(names, list) and all(
        isinstance(name, str) and name.strip() and "," not in name for name in names
    )
    if not fits:
        raise Invalid.field("properties", "value_is_invalid")
    return tuple(dict.fromkeys(name.strip() for name in names))


def _collect(read, *arguments: Any) -> Any:
    try:
        return read(*arguments)
    except _Problem as problem:
        raise Invalid.field("properties", str(problem)) from problem


def _tiers(model: str, ranges: Any) -> list[dict[str, Decimal]]:
    if not ranges:
        raise _Problem(f"missing_{model}_ranges")
    wrong = f"invalid_{model}_ranges"
    if not isinstance(ranges, list) or not all(isinstance(each, dict) for each in ranges):
        raise _Problem(wrong)
    price_key, price_name, code = LADDERS[model]
    tiers, lower = [], Decimal(0)
    for index, each in enumerate(ranges):
        begins = _edge(each.get("from_value"), wrong)
        last = index == len(ranges) - 1
        if begins not in ((lower, lower + 1) if index else (lower,)):
            raise _Problem(wrong)
        if (each.get("to_value") is None) is not last:
            raise _Problem(wrong)
        upper = Decimal(0) if last else _edge(each["to_value"], wrong)
        if not last and upper <= lower:
            raise _Problem(wrong)
        price = _text(each.get(price_key), code)
        flat = _text(each.get("flat_amount"), "invalid_amount")
        tiers.append({"up_to": upper, price_name: price, "flat_price": flat})
        lower = upper
    return tiers


def _text(value: Any, code: str) -> Decimal:
    """A price: a string of a number that is not negative and that a price field holds exactly."""
    if not isinstance(value, str):
        raise _Problem(code)
    return _exact(value, code)


def _optional(value: Any, code: str) -> Decimal:
    return Decimal(0) if value is None or value == "" else _text(value, code)


def _edge(value: Any, code: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise _Problem(code)
    return _exact(str(value), code)


def _exact(text: str, code: str) -> Decimal:
    try:
        number = D(text.strip())
    except Invalid as error:
        raise _Problem(code) from error
    # The price field holds 15 digits for certain; one more, and another price would be billed.
    if not 0 <= number < 10**15 or Decimal(repr(float(number))) != number:
        raise _Problem(code)
    return number


def _count(value: Any, code: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 10**15:
        raise _Problem(code)
    return Decimal(value)


def _positive(value: Any, code: str) -> Decimal:
    if not (count := _count(value, code)):
        raise _Problem(code)
    return count


def _optional_count(value: Any, code: str) -> Decimal:
    return Decimal(0) if value is None else _small(_count(value, code), code)


def _small(count: Decimal, code: str) -> Decimal:
    if count >= 2**31:
        raise _Problem(code)
    return count


_PERCENTAGE = {
    "rate": ("rate", _text, "invalid_rate"),
    "fixed_amount": ("fixed_amount", _optional, "invalid_fixed_amount"),
    "free_units_per_events": (
        "free_units_per_events",
        _optional_count,
        "invalid_free_units_per_events",
    ),
    "free_units_per_total_aggregation": (
        "free_units_per_total_aggregation",
        _optional,
        "invalid_free_units_per_total_aggregation",
    ),
    "per_transaction_min_amount": ("per_transaction_min_amount", _optional, "invalid_amount"),
    "per_transaction_max_amount": ("per_transaction_max_amount", _optional, "invalid_amount"),
}
