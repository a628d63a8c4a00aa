"""Lago's ``amount_details``: how a fee's amount came about, by charge model, from its trace."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

Trace = Mapping[str, Any]


def amount_details(trace: Trace | bool | None) -> dict[str, Any]:
    """Of a usage line; nothing for a single price, and for what minimum, cap and commitment add."""
    charge = (trace or {}).get("charge")
    if not charge or trace.get("kind", "usage") != "usage" or charge.get("prorated"):
        return {}
    details = _DETAILS.get(charge["model"])
    return details(trace, _pricing(trace)) if details else {}


def _pricing(trace: Trace) -> Mapping[str, Any]:
    """Properties of the bucket's own price: a rated line's charge is that of its bucket."""
    return trace["charge"]["properties"]


def _ranges(trace: Trace, _pricing: Mapping[str, Any]) -> dict[str, Any]:
    by_rate = trace["charge"]["model"] == "graduated_percentage"
    ranges = []
    for step in trace["steps"]:
        price = Decimal(step["unit_price"])
        own = {"rate": str(price * 100)} if by_rate else {"per_unit_amount": step["unit_price"]}
        ranges.append(
            {
                "from_value": step.get("lower") or "0",
                "to_value": step.get("upper") or None,
                "flat_unit_amount": step.get("flat_price") or "0",
                **own,
                "units": step["quantity"],
                "per_unit_total_amount": str(Decimal(step["quantity"]) * price),
                "total_with_flat_amount": step["amount"],
            }
        )
    return {"graduated_percentage_ranges" if by_rate else "graduated_ranges": ranges}


def _volume(trace: Trace, _pricing: Mapping[str, Any]) -> dict[str, Any]:
    (step,) = trace["steps"]
    return {
        "flat_unit_amount": step["flat_price"],
        "per_unit_amount": step["unit_price"],
        "per_unit_total_amount": str(Decimal(step["quantity"]) * Decimal(step["unit_price"])),
    }


def _package(trace: Trace, pricing: Mapping[str, Any]) -> dict[str, Any]:
    units, free = Decimal(trace["quantity"]), Decimal(pricing["free_units"])
    return {
        "free_units": pricing["free_units"],
        "paid_units": str(max(units - free, Decimal(0))),
        "per_package_size": pricing["package_size"],
        "per_package_unit_amount": pricing["amount"],
    }


def _percentage(trace: Trace, pricing: Mapping[str, Any]) -> dict[str, Any]:
    steps = {step["key"]: step for step in trace["steps"]}

    def told(key: str, name: str) -> Decimal:
        return Decimal(steps[key][name]) if key in steps else Decimal(0)

    events = Decimal(trace.get("usage", {}).get("count", 0))
    paid_events = told("fixed", "quantity") if "fixed" in steps else events
    return {
        "units": trace["quantity"],
        "free_units": str(told("free", "quantity")),
        "free_events": int(events - paid_events),
        "paid_units": str(told("rate", "quantity")),
        "rate": pricing["rate"],
        "per_unit_total_amount": str(told("rate", "amount")),
        "paid_events": int(paid_events),
        "fixed_fee_unit_amount": pricing["fixed_amount"],
        "fixed_fee_total_amount": str(told("fixed", "amount")),
        "min_max_adjustment_total_amount": str(
            told("minimum", "amount") + told("maximum", "amount")
        ),
    }


_DETAILS = {
    "quota": _ranges,
    "graduated": _ranges,
    "graduated_percentage": _ranges,
    "volume": _volume,
    "package": _package,
    "percentage": _percentage,
}
