"""Lago's ``properties`` of an engine price: strings where Lago has strings, integers where not."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from ..engine.money import plain
from ..engine.pricing import (
    Graduated,
    GraduatedPercentage,
    Package,
    Percentage,
    Pricer,
    Quota,
    Standard,
    Volume,
)

CHARGE_MODELS = {
    "quota": "graduated",
    "standard": "standard",
    "graduated": "graduated",
    "volume": "volume",
    "package": "package",
    "percentage": "percentage",
    "graduated_percentage": "graduated_percentage",
    "dynamic": "dynamic",
}


def properties(pricer: Pricer, group_keys: Iterable[str]) -> dict[str, Any]:
    """As Lago writes them; ``pricing_group_keys`` only where there are any.

    >>> properties(Standard(Decimal("0.05")), ["region"])
    {'amount': '0.05', 'pricing_group_keys': ['region']}
    """
    named = list(group_keys)
    return _prices(pricer) | ({"pricing_group_keys": named} if named else {})


def _prices(pricer: Pricer) -> dict[str, Any]:
    match pricer:
        case Standard():
            return {"amount": plain(pricer.unit_price)}
        case Quota():
            return {"graduated_ranges": _ranges(_quota_steps(pricer))}
        case Graduated() | Volume():
            steps = [
                (tier.up_to, {"per_unit_amount": plain(tier.unit_price)}, tier.flat_price)
                for tier in pricer.tiers
            ]
            return {f"{pricer.model}_ranges": _ranges(steps)}
        case GraduatedPercentage():
            steps = [
                (tier.up_to, {"rate": plain(tier.rate)}, tier.flat_price) for tier in pricer.tiers
            ]
            return {"graduated_percentage_ranges": _ranges(steps)}
        case Package():
            return {
                "amount": plain(pricer.amount),
                "package_size": _whole(pricer.package_size),
                "free_units": _whole(pricer.free_units),
            }
        case Percentage():
            return _percentage(pricer)
    return {}


def _percentage(pricer: Percentage) -> dict[str, Any]:
    low, high = pricer.per_transaction_min_amount, pricer.per_transaction_max_amount
    free_value = pricer.free_units_per_total_aggregation
    return {
        "rate": plain(pricer.rate),
        "fixed_amount": plain(pricer.fixed_amount) if pricer.fixed_amount else None,
        "free_units_per_events": pricer.free_units_per_events or None,
        "free_units_per_total_aggregation": plain(free_value) if free_value else None,
        "per_transaction_min_amount": None if low is None else plain(low),
        "per_transaction_max_amount": None if high is None else plain(high),
    }


def _quota_steps(pricer: Quota) -> list[tuple[Decimal | None, dict[str, str], Decimal]]:
    steps = [(None, {"per_unit_amount": plain(pricer.unit_price)}, Decimal(0))]
    if pricer.included_quantity:
        steps.insert(0, (pricer.included_quantity, {"per_unit_amount": "0"}, Decimal(0)))
    return steps


def _ranges(steps: Iterable[tuple[Decimal | None, dict[str, str], Decimal]]) -> list[dict]:
    lower, ranges = Decimal(0), []
    for upper, price, flat in steps:
        edges = {"from_value": _whole(lower), "to_value": None if upper is None else _whole(upper)}
        ranges.append(edges | price | {"flat_amount": plain(flat)})
        lower = upper if upper is not None else lower
    return ranges


def _whole(value: Decimal) -> int | str:
    """An integer as in Lago, or exact text where ours is a fraction."""
    return int(value) if value == value.to_integral_value() else plain(value)
