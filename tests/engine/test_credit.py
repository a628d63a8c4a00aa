"""Billed minus credited is the fee of what is kept, to the cent, after any number of credits."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from engine import Billed, Invalid, Period, credit, credit_agrees, explain
from hypothesis import given
from hypothesis import strategies as st

starts = st.dates(date(2023, 1, 1), date(2028, 12, 31))
amounts = st.decimals(0, 10**6, places=2)
MARCH = Period(date(2026, 3, 1), date(2026, 4, 1))


def half_up(value: Fraction) -> Decimal:
    """Independent of the engine: floor(cents + 1/2) on exact integers, for amounts of 0 or more."""
    return Decimal((value * 100 + Fraction(1, 2)).__floor__()) / 100


@given(amounts, starts, st.integers(1, 400), st.data())
def test_what_stays_billed_is_the_rounded_fee_of_the_days_used(amount, start, days, data):
    used = data.draw(st.integers(0, days))
    period = Period(start, start + timedelta(days=days))
    given_back = credit([Billed(amount, period)], start + timedelta(days=used))
    assert given_back.kept == half_up(Fraction(amount) * used / days)
    assert amount - given_back.amount == given_back.kept
    assert credit_agrees(given_back.derivation)


@given(amounts, starts, st.integers(3, 400), st.data())
def test_reduced_and_then_ended_keeps_the_sum_of_the_days_at_their_quantities(
    amount, start, days, data
):
    first = data.draw(st.integers(1, days - 1))
    second = data.draw(st.integers(first, days))
    keep = Fraction(data.draw(st.integers(0, 9)), 10)
    period = Period(start, start + timedelta(days=days))
    fee = Billed(amount, period)
    reduced_on = start + timedelta(days=first)
    reduced = credit([fee], reduced_on, keep)
    given_before = Billed(-reduced.amount, Period(reduced_on, period.end))
    ended = credit([fee, given_before], start + timedelta(days=second))
    stays = amount - reduced.amount - ended.amount
    assert stays == ended.kept
    # The first rounding moved the reduced fee by half a cent at most; the second one likewise.
    exact = Fraction(amount) * (first + (second - first) * keep) / days
    assert abs(Fraction(stays) - exact) <= Fraction(1, 100)
    assert ended.amount >= Decimal("-0.01")


@given(amounts, st.lists(st.integers(0, 31), min_size=1, max_size=6))
def test_later_ends_never_keep_less_and_the_whole_period_keeps_all(amount, days):
    fee = Billed(amount, MARCH)
    kept = [credit([fee], MARCH.start + timedelta(days=day)).kept for day in sorted(days)]
    assert kept == sorted(kept)
    assert credit([fee], MARCH.end).amount == 0
    assert credit([fee], MARCH.start).amount == amount


def test_ending_twice_on_one_day_credits_once():
    fee = Billed(Decimal("29.00"), MARCH)
    first = credit([fee], date(2026, 3, 20))
    given_before = Billed(-first.amount, Period(date(2026, 3, 20), MARCH.end))
    assert credit([fee, given_before], date(2026, 3, 20)).amount == 0


def test_a_whole_credit_of_a_person_leaves_nothing_to_credit():
    fee = Billed(Decimal("29.00"), MARCH)
    assert credit([fee, Billed(Decimal("-29.00"), MARCH)], date(2026, 3, 20)).amount == 0


def test_a_share_outside_zero_and_one_is_refused():
    for keep in (Fraction(-1, 5), Fraction(6, 5)):
        with pytest.raises(Invalid):
            credit([Billed(Decimal(1), MARCH)], date(2026, 3, 20), keep)


def test_the_words_are_french_for_a_french_reader():
    told = explain(credit([Billed(Decimal("29.00"), MARCH)], date(2026, 3, 20)).derivation, "fr_CA")
    assert told[0].startswith("Crédit (du 20 mars 2026 au 31 mars 2026)")
    assert told[-1].endswith("11,23\u00a0$")
