"""Periods tile: no gap, no overlap, no drift, always forward."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from engine import (
    Invalid,
    Period,
    boundary,
    calendar_boundary,
    calendar_period,
    period_containing,
    period_ending_at,
)
from hypothesis import given
from hypothesis import strategies as st

anchors = st.dates(date(2020, 1, 1), date(2032, 12, 31))
units = st.sampled_from(["day", "week", "month", "year"])
ANCHORS = [date(2024, 1, day) for day in (1, 15, 28, 29, 30, 31)] + [
    date(2024, 2, 29),
    date(2023, 2, 28),
    date(2025, 12, 31),
    date(2024, 8, 31),
]
INTERVALS = [("week", 1), ("week", 2), ("month", 1), ("month", 3), ("month", 6), ("year", 1)]


@pytest.mark.parametrize("anchor", ANCHORS)
@pytest.mark.parametrize(("unit", "value"), INTERVALS)
def test_every_day_of_five_years_is_in_exactly_one_period(anchor, unit, value):
    day, seen = anchor, period_containing(anchor, unit, value, anchor)
    assert seen.start == anchor
    for _ in range(5 * 366):
        day += timedelta(days=1)
        period = period_containing(anchor, unit, value, day)
        assert day in period
        # Either still the same period, or the one that begins exactly where it ended.
        assert period == seen or period.start == seen.end == day
        seen = period


@given(anchors, units, st.integers(1, 24), st.integers(-60, 60))
def test_boundaries_strictly_advance_and_find_their_own_period(anchor, unit, value, k):
    start, end = (boundary(anchor, unit, value, index) for index in (k, k + 1))
    assert start < end
    assert period_containing(anchor, unit, value, start) == Period(start, end)
    assert period_containing(anchor, unit, value, end - timedelta(days=1)) == Period(start, end)
    assert period_ending_at(anchor, unit, value, end) == Period(start, end)


def test_the_31st_comes_back_after_a_short_month():
    starts = [boundary(date(2026, 1, 31), "month", 1, k) for k in range(13)]
    assert [day.day for day in starts] == [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 31]


def test_the_29th_of_february_comes_back_every_fourth_year():
    starts = [boundary(date(2024, 2, 29), "year", 1, k) for k in range(5)]
    assert [(day.month, day.day) for day in starts] == [(2, 29), *[(2, 28)] * 3, (2, 29)]


@given(anchors, st.sampled_from([("week", 1), ("month", 1), ("month", 3), ("year", 1)]))
def test_calendar_periods_begin_on_monday_the_first_or_new_year(day, interval):
    unit, value = interval
    period = calendar_period(unit, value, day)
    assert day in period
    assert calendar_boundary(unit, value, day) == period.end > day
    if unit == "week":
        assert period.start.weekday() == 0
    else:
        assert period.start.day == 1
        assert period.start.month in {1: range(1, 13), 3: (1, 4, 7, 10)}[value] or unit == "year"
    if unit == "year":
        assert (period.start.month, period.days in (365, 366)) == (1, True)


def test_a_date_that_is_no_boundary_ends_no_period():
    with pytest.raises(Invalid):
        period_ending_at(date(2026, 1, 31), "month", 1, date(2026, 3, 30))


@pytest.mark.parametrize(("unit", "value"), [("fortnight", 1), ("month", 0), ("week", -1)])
def test_an_interval_that_would_not_advance_is_refused(unit, value):
    with pytest.raises(Invalid):
        boundary(date(2026, 1, 1), unit, value, 1)


def test_an_empty_or_reversed_period_is_refused():
    with pytest.raises(Invalid):
        Period(date(2026, 3, 1), date(2026, 3, 1))


def test_periods_that_only_touch_share_no_day():
    march, april = (Period(date(2026, m, 1), date(2026, m + 1, 1)) for m in (3, 4))
    assert march.intersection(april) is None
    assert [a.end == b.start for a, b in pairwise([march, april])] == [True]
