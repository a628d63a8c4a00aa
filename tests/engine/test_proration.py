"""Parts of a period add up to the period."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from engine import D, Invalid, Period, period_containing, prorate, ratio, round_money
from hypothesis import given
from hypothesis import strategies as st

starts = st.dates(date(2023, 1, 1), date(2028, 12, 31))
amounts = st.decimals(0, 10**6, places=2)


@given(starts, st.integers(2, 400), st.data())
def test_two_parts_make_the_whole(start, days, data):
    cut = data.draw(st.integers(1, days - 1))
    full = Period(start, start + timedelta(days=days))
    middle = start + timedelta(days=cut)
    assert ratio(Period(start, middle), full) + ratio(Period(middle, full.end), full) == 1


@given(amounts, starts, st.integers(1, 400), st.data())
def test_rounding_the_quotient_equals_rounding_the_exact_fraction(amount, start, days, data):
    part_days = data.draw(st.integers(1, days))
    full = Period(start, start + timedelta(days=days))
    part = Period(start, start + timedelta(days=part_days))
    exact = Fraction(amount) * part_days / days
    # Independent half-up: floor(x * 100 + 1/2) on exact integers.
    expected_cents = (exact * 100 + Fraction(1, 2)).__floor__()
    assert round_money(prorate(amount, part, full)) * 100 == expected_cents


def test_the_denominator_is_the_length_of_the_full_period():
    february = period_containing(date(2026, 2, 1), "month", 1, date(2026, 2, 10))
    last_week = Period(date(2026, 2, 22), date(2026, 3, 1))
    assert prorate(D(100), last_week, february) == D(25)  # 7 of 28 days


def test_a_part_outside_its_period_is_refused():
    march = Period(date(2026, 3, 1), date(2026, 4, 1))
    with pytest.raises(Invalid):
        prorate(D(100), Period(date(2026, 2, 28), date(2026, 3, 5)), march)
