"""Dates of a recurring contract. Plain values in, plain values out: no Odoo, no clock.

A contract has an anchor and a step. Its boundaries are ``anchor + k * step``, always counted from
the anchor and never from the previous boundary, so that a month end comes back after a short month:

>>> anchor, month = date(2026, 1, 31), relativedelta(months=1)
>>> [str(boundary(anchor, month, k)) for k in range(4)]
['2026-01-31', '2026-02-28', '2026-03-31', '2026-04-30']
"""

import functools
from datetime import date

from dateutil.relativedelta import relativedelta


def boundary(anchor: date, step: relativedelta, k: int) -> date:
    """The k-th boundary; k may be negative."""
    return anchor + step * k


# A run asks for the same few dates once a line and more.
@functools.lru_cache(maxsize=1024)
def _around(anchor: date, step: relativedelta, day: date) -> tuple[date, date, date]:
    """The last boundary not after the day, with the one before it and the one after it."""
    length = (anchor + step - anchor).days
    k = (day - anchor).days // length
    # The estimate drifts with the length of months; walking from it takes a few steps a century.
    while boundary(anchor, step, k) > day:
        k -= 1
    while (after := boundary(anchor, step, k + 1)) <= day:
        k += 1
    return boundary(anchor, step, k - 1), boundary(anchor, step, k), after


def is_boundary(anchor: date, step: relativedelta, day: date) -> bool:
    """
    >>> is_boundary(date(2026, 1, 31), relativedelta(months=1), date(2026, 2, 28))
    True
    """
    return _around(anchor, step, day)[1] == day


def boundary_after(anchor: date, step: relativedelta, day: date) -> date:
    """The first boundary after the day, never the day itself.

    >>> str(boundary_after(date(2026, 1, 31), relativedelta(months=1), date(2026, 2, 28)))
    '2026-03-31'
    """
    return _around(anchor, step, day)[2]


def boundary_before(anchor: date, step: relativedelta, day: date) -> date:
    """The last boundary before the day, never the day itself.

    >>> str(boundary_before(date(2026, 1, 31), relativedelta(months=1), date(2026, 3, 31)))
    '2026-02-28'
    """
    previous, found, _after = _around(anchor, step, day)
    return found if found < day else previous
