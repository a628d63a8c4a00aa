"""An amount that can prove itself: what every rating returns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from .errors import Invalid
from .money import ZERO, plain
from .period import Period
from .usage import Usage

# Raised when a formula changes what an old derivation would give: old lines keep replaying
# with the number they were rated with.
DERIVATION_VERSION = "1"


@dataclass(frozen=True, slots=True)
class RatedLine:
    """One invoice line before Odoo. `amount` is rounded to the currency, once, here.

    `kind` is ``usage``, ``minimum`` (true-up of a charge), ``cap``, ``commitment`` (of a plan) or
    ``gone`` (was billed, and has no usage any more).
    `charge_key` is the same for all lines of a charge ('' for a commitment); `filter_key` and
    `group` tell its usage lines apart. `usage` is what was measured and `terms` the whole charge
    as JSON, to rate again at: both are beside the derivation, and not compared.
    """

    key: str
    charge_code: str
    metric_code: str
    model: str
    quantity: Decimal
    billable_quantity: Decimal
    unit_amount: Decimal | None
    amount: Decimal
    amount_unrounded: Decimal
    derivation: dict[str, Any]
    kind: str = "usage"
    charge_key: str = ""
    filter_key: str = ""
    group: Mapping[str, str] = field(default_factory=dict)
    usage: Usage | None = field(default=None, compare=False)
    terms: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)


def period_json(period: Period) -> dict[str, str]:
    """First day and the day after the last."""
    return {"start": period.start.isoformat(), "end": period.end.isoformat()}


def read_period(data: Mapping[str, str]) -> Period:
    """The inverse of `period_json`."""
    return Period(date.fromisoformat(data["start"]), date.fromisoformat(data["end"]))


def check_version(derivation: Mapping[str, Any]) -> None:
    """:raise Invalid: a derivation of another time's formulas."""
    if derivation.get("version") != DERIVATION_VERSION:
        raise Invalid.field("version", "value_is_invalid")


def closing_line(inputs: Mapping[str, Any], amount: Decimal, **more: Any) -> RatedLine:
    """A line that has no quantity: it brings a sum of other lines to where it should be.

    :param inputs: derivation without version and results: what replaying needs, and the steps
    :param amount: rounded
    :param more: `charge_code`, `metric_code`, `model`, `charge_key`, `terms`
    """
    derivation = {
        "version": DERIVATION_VERSION,
        **inputs,
        "quantity": "0",
        "billable_quantity": "1",
        "steps": [],
        "amount_unrounded": plain(amount),
        "amount": str(amount),
    }
    return RatedLine(
        key=inputs["key"],
        quantity=ZERO,
        billable_quantity=Decimal(1),
        unit_amount=amount,
        amount=amount,
        amount_unrounded=amount,
        derivation=derivation,
        kind=inputs["kind"],
        **more,
    )
