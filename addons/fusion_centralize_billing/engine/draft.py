"""The difference between what was billed and what the usage is worth now.

Late or corrected usage never changes a posted invoice: the period is rated again in full and
only the difference goes on the next invoice. Running it twice gives nothing the second time.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from .money import ZERO, D, exactly, plain
from .rated import RatedLine


@dataclass(frozen=True, slots=True)
class Adjustment:
    """`amount` and `quantity` to add (negative: to give back). `line` is the full re-rating,
    None when the charge has no counterpart any more."""

    key: str
    quantity: Decimal
    amount: Decimal
    billed_quantity: Decimal
    billed_amount: Decimal
    line: RatedLine | None


@exactly
def difference(
    billed: Mapping[str, Mapping[str, Any]], rated: Iterable[RatedLine]
) -> list[Adjustment]:
    """Adjustments that bring `billed` up to `rated`; lines whose amount agrees give none.

    :param billed: ``{line key: {"quantity": "…", "amount": "…"}}``, all that was ever billed for
        the period, earlier adjustments included.

    >>> from datetime import date
    >>> from .charge import Charge
    >>> from .period import Period
    >>> from .rate import rate
    >>> charge = Charge.build("standard", "c", "gb", {"unit_price": "0.05"})
    >>> line = rate(charge, Decimal(300), Period(date(2026, 3, 1), date(2026, 4, 1)))
    >>> late = difference({"gb/c": {"quantity": "250", "amount": "12.50"}}, [line])
    >>> late[0].quantity, late[0].amount
    (Decimal('50'), Decimal('2.50'))
    >>> difference(billed_after({}, [line]), [line])
    []
    """
    lines = {line.key: line for line in rated}
    adjustments = []
    for key in [*lines, *(key for key in billed if key not in lines)]:
        line = lines.get(key)
        before = billed.get(key, {})
        billed_quantity = D(before.get("quantity", "0"), "quantity")
        billed_amount = D(before.get("amount", "0"), "amount")
        amount = (line.amount if line else ZERO) - billed_amount
        quantity = (line.quantity if line else ZERO) - billed_quantity
        if amount:
            adjustments.append(
                Adjustment(key, quantity, amount, billed_quantity, billed_amount, line)
            )
    return adjustments


def billed_after(
    billed: Mapping[str, Mapping[str, Any]], rated: Iterable[RatedLine]
) -> dict[str, dict[str, Any]]:
    """What is billed once the adjustments are: store it with the period.

    Each entry keeps its terms (``charge``, or ``commitment``), so that late usage is rated at the
    prices of its own period and not at those of the day it arrives: see `rerate`.

    >>> billed_after({"gone/x": {"quantity": "1", "amount": "5.00"}}, [])
    {'gone/x': {'quantity': '0', 'amount': '0'}}
    """
    after: dict[str, dict[str, Any]] = {
        key: {**entry, "quantity": "0", "amount": "0"} for key, entry in billed.items()
    }
    for line in rated:
        terms = line.terms if line.kind == "commitment" else {"charge": line.terms}
        after[line.key] = {"quantity": plain(line.quantity), "amount": str(line.amount), **terms}
    return after
