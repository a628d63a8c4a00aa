"""A whole charge: usage into buckets, one line a bucket, then the charge's minimum and cap."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from decimal import Decimal

from .aggregation import Metric
from .bounds import bound_line
from .charge import Charge
from .errors import Invalid
from .filters import Bucket, ChargeFilter, bucket_for, bucket_of
from .money import ZERO, exactly
from .period import Period
from .rate import rate
from .rated import RatedLine
from .rollup import Rollup
from .usage import Usage
from .window import Window

# (split of the event, value, how many events in a row): in the order the events happened.
Transaction = tuple[str, Decimal, int]
# What is measured, and what is priced instead of it.
Reshape = Callable[[Metric, Usage], Usage]


@dataclass(slots=True)
class _Pile:
    """What one bucket gets."""

    found: ChargeFilter | None
    bucket: Bucket
    rollups: list[Rollup] = field(default_factory=list)
    transactions: list[tuple[Decimal, int]] = field(default_factory=list)


def rate_charge(
    charge: Charge,
    metric: Metric,
    rollups: Iterable[Rollup],
    period: Period,
    currency_exponent: int = 2,
    *,
    active: Period | None = None,
    zone: tzinfo | None = None,
    transactions: Iterable[Transaction] = (),
    reshape: Reshape | None = None,
) -> list[RatedLine]:
    """All lines of the charge: default bucket, filters, groups, then true-up and cap.

    The default bucket and every filter have a line even without usage (a first flat price is due
    at zero); with `pricing_group_keys` each has a line per group that occurs, and one without a
    group if none does. Lines are rounded one by one.

    :param rollups: of this metric, split by `charge.split_keys`; with those before the period
        if the metric is recurring; of single days if `charge.needs_days`
    :param period: the full period; `active` the days of it that are billed, None: all
    :param zone: the subscription's time zone, for time-weighted sums
    :param transactions: ``(split, value, times)`` of the days billed, in order, if
        `charge.needs_transactions`
    :param reshape: gives the usage to price for what was measured of a bucket; None: that itself
    :raise Invalid: a proration the metric has not, a zone that is missing, or events that are not
        as many as the rollups counted

    >>> from datetime import date, datetime
    >>> charge = Charge.build("standard", "c", "gb", {"unit_price": "0.05"}, cap_amount=10,
    ...     filters=[{"key": "eu", "values": {"region": ["eu"]}, "properties": {"unit_price": 1}}])
    >>> at = datetime(2026, 3, 1, 12)
    >>> rows = [Rollup.of(at.date(), Decimal(units), at, split=split)
    ...         for units, split in ((40, ""), (9, '{"region":"eu"}'))]
    >>> march = Period(date(2026, 3, 1), date(2026, 4, 1))
    >>> [(line.key, str(line.amount)) for line in rate_charge(charge, Metric("gb"), rows, march)]
    [('gb/c', '2.00'), ('gb/c{"filter":"eu"}', '9.00'), ('gb/c{"line":"cap"}', '-1.00')]
    """
    window = Window.of(period, active, zone)
    piles = _piles(charge, rollups, transactions, lambda row: _counts(metric, row, window))
    lines = [
        _line(charge, metric, pile, window, currency_exponent, reshape)
        for pile in sorted(piles, key=lambda pile: _order(charge, pile))
    ]
    if charge.own is not charge:
        terms = charge.to_json()
        lines = [replace(line, terms=terms) for line in lines]
    return [*lines, *_bounds(charge, lines, window, currency_exponent)]


def _counts(metric: Metric, row: Rollup, window: Window) -> bool:
    """Whether the rollup makes a group appear at all."""
    return bool(row.count) and metric.counts(row, window)


def _piles(
    charge: Charge,
    rollups: Iterable[Rollup],
    transactions: Iterable[Transaction],
    counts: Callable[[Rollup], bool],
) -> Iterable[_Pile]:
    """Every rollup and event in exactly one pile; splits are read once each."""
    piles: dict[str, _Pile] = {}
    seen: dict[str, _Pile] = {}

    def pile(split: str) -> _Pile:
        if split not in seen:
            found, bucket = bucket_of(charge.filters, charge.pricing_group_keys, split)
            seen[split] = piles.setdefault(bucket.key(""), _Pile(found, bucket))
        return seen[split]

    for row in rollups:
        if counts(row):
            pile(row.split).rollups.append(row)
    for split, value, times in transactions:
        pile(split).transactions.append((value, times))
    occurring = {own.bucket.filter_key for own in piles.values()}
    for found in (None, *charge.filters):
        empty = bucket_for(found, {})
        if empty.filter_key not in occurring:
            piles.setdefault(empty.key(""), _Pile(found, empty))
    return piles.values()


def _order(charge: Charge, pile: _Pile) -> tuple[int, str]:
    """Default first, then filters as configured; groups by their values."""
    keys = [own.identity for own in charge.filters]
    position = keys.index(pile.bucket.filter_key) + 1 if pile.found else 0
    return (position, pile.bucket.key(""))


def _line(
    charge: Charge,
    metric: Metric,
    pile: _Pile,
    window: Window,
    currency_exponent: int,
    reshape: Reshape | None,
) -> RatedLine:
    usage = metric.measure(
        pile.rollups, window, prorated=charge.prorated, transactions=pile.transactions
    )
    own = charge.own
    if pile.found:
        own = replace(own, pricer=pile.found.pricer)
    if own.needs_transactions and sum(times for _, times in usage.transactions) != usage.count:
        # Events that are missing (or too many) would be billed wrong, and silently.
        raise Invalid.field("transactions", "value_is_invalid")
    if reshape:
        usage = reshape(metric, usage)
    return rate(own, usage, window.active, currency_exponent, bucket=pile.bucket)


@exactly
def _bounds(
    charge: Charge, lines: list[RatedLine], window: Window, currency_exponent: int
) -> list[RatedLine]:
    """The bound lines, at zero too: what changes late changes them as any other line."""
    amount = sum((line.amount for line in lines), ZERO)
    kinds = ["minimum"] if charge.min_amount else []
    kinds += ["cap"] if charge.cap_amount is not None else []
    return [
        bound_line(kind, charge, amount, window.full, window.active, currency_exponent)
        for kind in kinds
    ]
