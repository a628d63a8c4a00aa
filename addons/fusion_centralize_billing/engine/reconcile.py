"""What the app billed beside what we bill: which lines differ, and why, decided from data alone.

A class is given only where the figures prove it; the numbers that do are its evidence. Where no
rule fits, the class is ``unexplained``: a person looks.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from .money import ZERO, plain
from .period import Period

CENT = Decimal("0.01")
KINDS = ("base", "usage", "discount", "tax", "other")
CLASSES = (
    "match", "usage", "rate", "quota", "proration", "tax", "rounding", "timing", "coupon",
    "currency", "missing_here", "missing_there", "unexplained",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class BilledLine:
    """One line of either side.

    :param code: metric, plan or tax code; '' for what has none
    :param quantity: all units, included ones too; None where the side does not say
    :param unit_amount: price of one unit beyond ``included``, or of a whole period
    """

    kind: str
    code: str
    amount: Decimal
    quantity: Decimal | None = None
    unit_amount: Decimal | None = None
    included: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class BilledInvoice:
    """All that one side billed a subscription for ``period``."""

    currency: str
    period: Period
    lines: tuple[BilledLine, ...]

    @property
    def untaxed(self) -> Decimal:
        return sum((line.amount for line in self.lines if line.kind != "tax"), ZERO)

    @property
    def tax(self) -> Decimal:
        return sum((line.amount for line in self.lines if line.kind == "tax"), ZERO)


@dataclass(frozen=True, slots=True)
class Pair:
    """Both sides of one period; None: that side billed nothing."""

    app: BilledInvoice | None
    our: BilledInvoice | None


@dataclass(frozen=True, slots=True)
class Finding:
    """One compared line. ``kind`` is ``invoice`` where whole invoices are compared."""

    kind: str
    code: str
    difference_class: str
    app: BilledLine | None
    our: BilledLine | None
    evidence: dict[str, str] = field(default_factory=dict)

    @property
    def difference(self) -> Decimal:
        """Ours minus the app's."""
        return _amount(self.our) - _amount(self.app)


def paired(pair: Pair) -> dict[tuple[str, str], tuple[BilledLine | None, BilledLine | None]]:
    """Both sides' lines by kind and code.

    Base fees and discounts are one each, and so are taxes that the sides call by other names.
    """
    sides = [side.lines if side else () for side in (pair.app, pair.our)]
    tax_names = [{line.code for line in lines if line.kind == "tax"} for lines in sides]
    whole = {"base", "discount"} | ({"tax"} if tax_names[0] != tax_names[1] else set())
    app, our = (_merged(lines, whole) for lines in sides)
    keys = sorted(app.keys() | our.keys(), key=lambda key: (KINDS.index(key[0]), key[1]))
    return {key: (app.get(key), our.get(key)) for key in keys}


def total_of(pair: Pair) -> tuple[BilledLine | None, BilledLine | None]:
    """Each side's untaxed sum as one line."""
    return tuple(side and BilledLine("invoice", "", side.untaxed) for side in (pair.app, pair.our))


def shifted(
    lines: tuple[BilledLine | None, BilledLine | None],
    key: tuple[str, str],
    near: Sequence[Pair],
) -> dict[str, str]:
    """Evidence that a neighbouring period has the same difference the other way round; or {}."""
    for pair in near:
        side = pair.app or pair.our
        there = total_of(pair) if key[0] == "invoice" else paired(pair).get(key, (None, None))
        for measure, name in ((_quantity, "quantity"), (_amount, "amount")):
            moved = measure(lines[1]) - measure(lines[0])
            if abs(moved) > CENT and measure(there[1]) - measure(there[0]) == -moved:
                start = side.period.start.isoformat()
                return {"period": start, name: plain(abs(moved))}
    return {}


def _merged(lines: Iterable[BilledLine], whole: set[str]) -> dict[tuple[str, str], BilledLine]:
    found: dict[tuple[str, str], BilledLine] = {}
    for line in lines:
        key = (line.kind, "" if line.kind in whole else line.code)
        found[key] = _added(found[key], line) if key in found else line
    return found


def _added(first: BilledLine, second: BilledLine) -> BilledLine:
    known = first.quantity is not None and second.quantity is not None
    same_price = first.unit_amount == second.unit_amount
    return BilledLine(
        first.kind,
        first.code,
        first.amount + second.amount,
        first.quantity + second.quantity if known else None,
        first.unit_amount if same_price else None,
        first.included + second.included,
    )


def _amount(line: BilledLine | None) -> Decimal:
    return line.amount if line else ZERO


def _quantity(line: BilledLine | None) -> Decimal:
    return line.quantity or ZERO if line else ZERO
