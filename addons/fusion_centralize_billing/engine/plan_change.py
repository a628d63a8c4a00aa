"""Changing the plan: up at once, down at the end of the period, or as the caller chooses.

Named rules, Lago's:

* **compared by the year**: the plan's base fee times its periods in a year (yearly 1, semiannual
  2, quarterly 4, monthly 12, weekly 52); usage prices have no say;
* **equal is up**: a plan worth as much or more replaces the old one at once;
* **same plan, no change**: whatever else was asked for with it.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from .errors import Invalid
from .period import Unit

When = Literal["now", "period_end"]
Direction = Literal["none", "up", "down"]
_IN_A_YEAR: dict[str, int] = {"year": 1, "month": 12, "week": 52, "day": 365}


@dataclass(frozen=True, slots=True)
class PlanValue:
    """A plan as the comparison sees it: `amount` every `value` `unit`s."""

    code: str
    amount: Decimal
    unit: Unit
    value: int = 1


@dataclass(frozen=True, slots=True)
class PlanChange:
    """What the change is and when it happens; `when` is None if nothing changes."""

    direction: Direction
    when: When | None


def yearly(plan: PlanValue) -> Fraction:
    """Base fee of a year, exact.

    >>> [str(yearly(PlanValue("p", Decimal(10), unit, value))) for unit, value in (
    ...     ("year", 1), ("month", 6), ("month", 3), ("month", 1), ("week", 1))]
    ['10', '20', '40', '120', '520']
    """
    if plan.unit not in _IN_A_YEAR:
        raise Invalid.field("interval", "value_is_invalid")
    if plan.value < 1:
        raise Invalid.field("interval_count", "value_is_out_of_range")
    return Fraction(plan.amount) * Fraction(_IN_A_YEAR[plan.unit], plan.value)


def plan_change(old: PlanValue, new: PlanValue, when: When | None = None) -> PlanChange:
    """Up or down, and when.

    :param when: the caller's choice; None: up now, down at the end of the period

    >>> year, month = PlanValue("y", Decimal(134), "year"), PlanValue("m", Decimal(17), "month")
    >>> plan_change(year, month)  # 12 × 17 = 204 a year
    PlanChange(direction='up', when='now')
    >>> plan_change(month, year), plan_change(month, year, "now").when
    (PlanChange(direction='down', when='period_end'), 'now')
    >>> plan_change(month, month, "now")
    PlanChange(direction='none', when=None)
    """
    if when not in (None, "now", "period_end"):
        raise Invalid.field("when", "value_is_invalid")
    if old.code == new.code:
        return PlanChange("none", None)
    if yearly(new) >= yearly(old):
        return PlanChange("up", when or "now")
    return PlanChange("down", when or "period_end")
