"""A billed period again: what was billed at its own terms, with the usage known now."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from decimal import Decimal
from typing import Any

from .aggregation import Metric
from .charge import Charge
from .commitment import KEY, recommit
from .errors import Invalid
from .gone import gone_line
from .money import ZERO, D, exactly
from .period import Period
from .rate_charge import Transaction, rate_charge
from .rated import RatedLine
from .rollup import Rollup

Entries = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Known:
    """The usage of one metric, as `rate_charge` takes it."""

    metric: Metric
    rollups: Sequence[Rollup] = ()
    transactions: Sequence[Transaction] = field(default=())


def rerate(
    billed: Entries,
    known: Callable[[Charge], Known | None],
    period: Period,
    currency_exponent: int = 2,
    *,
    active: Period | None = None,
    zone: tzinfo | None = None,
    current: Iterable[RatedLine] = (),
) -> list[RatedLine]:
    """Lines of all charges in `billed` at the terms they were billed at, all buckets.

    :param billed: ``{line key: {quantity, amount, charge: terms}}`` as `billed_after` stores it;
        entries of before charges had filters have the same terms, fewer of them
    :param known: usage of a charge's metric now; None: there is none
    :param current: lines at today's terms; those of charges that were not billed are added, but
        no commitment that was not there
    :raise Invalid: an entry that was billed and says no terms: it cannot be rated again

    >>> from datetime import date, datetime
    >>> from decimal import Decimal
    >>> old = Charge.build("standard", "c", "gb", {"unit_price": "0.05"})
    >>> billed = {"gb/c": {"quantity": "250", "amount": "12.50", "charge": old.to_json()}}
    >>> at = datetime(2026, 3, 1, 12)
    >>> usage = Known(Metric("gb"), [Rollup.of(at.date(), Decimal(300), at)])
    >>> march = Period(date(2026, 3, 1), date(2026, 4, 1))
    >>> [str(line.amount) for line in rerate(billed, lambda charge: usage, march)]
    ['15.00']
    """
    charges, commitments = _terms(billed)
    lines: list[RatedLine] = []
    for charge in charges.values():
        usage = known(charge) or Known(Metric(charge.metric_code))
        lines += rate_charge(
            charge,
            usage.metric,
            usage.rollups,
            period,
            currency_exponent,
            active=active,
            zone=zone,
            transactions=usage.transactions,
        )
    lines += _emptied(billed, charges, lines, active or period, currency_exponent)
    lines += [line for line in current if line.charge_key and line.charge_key not in charges]
    usage_amount = _total(lines)
    return lines + [
        recommit(terms, period, usage_amount, currency_exponent, active)
        for terms in commitments.values()
    ]


@exactly
def _total(lines: Iterable[RatedLine]) -> Decimal:
    return sum((line.amount for line in lines), ZERO)


def _terms(billed: Entries) -> tuple[dict[str, Charge], dict[str, Mapping[str, str]]]:
    """Charges by key, each once, and the commitment; entries in their stored order."""
    charges: dict[str, Charge] = {}
    commitments: dict[str, Mapping[str, str]] = {}
    lost = []
    for key, entry in billed.items():
        terms = entry.get("charge")
        if "commitment" in entry:
            commitments[KEY] = entry["commitment"]
        elif terms:
            charge = Charge.from_json(terms)
            charges.setdefault(charge.key, charge)
        elif D(entry.get("amount", "0"), "amount"):
            lost.append(key)
    # A bucket's entry may have lost its terms where another of the same charge kept them.
    unknown = [key for key in lost if not any(_belongs(key, known) for known in charges)]
    if unknown:
        raise Invalid({f"billed.{key}": ["value_is_mandatory"] for key in unknown})
    return charges, commitments


def _emptied(
    billed: Entries,
    charges: Mapping[str, Charge],
    lines: Iterable[RatedLine],
    period: Period,
    currency_exponent: int,
) -> list[RatedLine]:
    """Lines at nothing for billed buckets that have none any more."""
    there = {line.key for line in lines}
    return [
        gone_line(key, charge, period, currency_exponent)
        for key in billed
        if key not in there
        for charge in charges.values()
        if _belongs(key, charge.key)
    ]


def _belongs(key: str, charge_key: str) -> bool:
    return key == charge_key or key.startswith(charge_key + "{")
