"""Percentages event by event: each transaction within its own minimum and maximum."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from ..money import ZERO
from ..usage import Transactions
from .priced import Priced, Step


@dataclass(frozen=True, slots=True)
class Bounds:
    """The terms of one event; the free part is shared by all of them, in order."""

    rate: Decimal
    fixed_amount: Decimal
    free_events: int
    free_amount: Decimal
    low: Decimal | None
    high: Decimal | None

    def correction(self, amount: Decimal) -> Decimal:
        """What brings one event's amount within the bounds."""
        if self.low is not None and amount < self.low:
            return self.low - amount
        if self.high is not None and amount > self.high:
            return self.high - amount
        return ZERO


def price_each(bounds: Bounds, transactions: Transactions) -> Priced:
    """All events; the steps say how much is free, and what the bounds added and took away.

    >>> bounds = Bounds(Decimal(1), ZERO, 0, Decimal(50), Decimal(1), Decimal(5))
    >>> priced = price_each(bounds, ((Decimal(40), 1), (Decimal(60), 2), (Decimal(900), 1)))
    >>> [(step.key, str(step.amount)) for step in priced.steps]
    [('free', '0'), ('rate', '10.10'), ('minimum', '0.90'), ('maximum', '-4.00')]
    """
    free = charged = raised = lowered = ZERO
    events = raised_events = lowered_events = 0
    rate = bounds.rate.scaleb(-2)
    for value, times, free_part, is_free in _free_parts(bounds, transactions):
        free += free_part * times
        if is_free:
            continue
        charged, events = charged + (value - free_part) * times, events + times
        change = bounds.correction((value - free_part) * rate + bounds.fixed_amount)
        if change > 0:
            raised, raised_events = raised + change * times, raised_events + times
        elif change < 0:
            lowered, lowered_events = lowered + change * times, lowered_events + times
    steps = [Step("rate", charged, rate)]
    if free:
        steps.insert(0, Step("free", free, ZERO))
    if bounds.fixed_amount:
        steps.append(Step("fixed", Decimal(events), bounds.fixed_amount))
    if raised_events:
        steps.append(Step("minimum", Decimal(raised_events), ZERO, raised))
    if lowered_events:
        steps.append(Step("maximum", Decimal(lowered_events), ZERO, lowered))
    return Priced(charged, None, tuple(steps))


def _free_parts(
    bounds: Bounds, transactions: Transactions
) -> Iterator[tuple[Decimal, int, Decimal, bool]]:
    """``(value, times, free part of each, wholly free)``; a run is split where the free part
    ends in it."""
    by_event, by_amount = bool(bounds.free_events), bool(bounds.free_amount)
    events, room = bounds.free_events, bounds.free_amount
    for value, times in transactions:
        left = times
        while left and (by_event or by_amount) and (events or not by_event):
            if by_amount and not room:
                break
            takes_room = by_amount and value > 0
            part = min(value, room) if takes_room else value
            run = min(left, events) if by_event else left
            if takes_room:
                run = min(run, max(int(room // value), 1))
                room -= part * run
            yield value, run, part, part == value
            left -= run
            events -= run if by_event else 0
        if left:
            yield value, left, ZERO, False
