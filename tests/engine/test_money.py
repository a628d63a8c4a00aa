"""No digit is lost between the gate and the one rounding."""

from datetime import date
from decimal import Context, Decimal, Inexact, localcontext

import pytest
from engine import D, Invalid, allocate, from_cents, plain, rate, round_money, to_cents
from engine.charge import Charge
from engine.money import EXACT, exactly
from engine.period import Period
from hypothesis import given
from hypothesis import strategies as st

MARCH = Period(date(2026, 3, 1), date(2026, 4, 1))
cents = st.integers(-(10**12), 10**12)
weights = st.lists(st.decimals(0, 10**6, places=6), min_size=1, max_size=12).filter(any)


@pytest.mark.parametrize("value", [0.1, True, None, b"1"])
def test_the_gate_refuses_floats_and_everything_that_is_no_number(value):
    with pytest.raises(TypeError):
        D(value)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("abc", "value_is_invalid"),
        ("NaN", "value_is_invalid"),
        ("-Infinity", "value_is_invalid"),
        ("1e31", "value_is_out_of_range"),
        ("1e-31", "value_is_out_of_range"),
        ("1e999999999", "value_is_out_of_range"),
    ],
)
def test_the_gate_refuses_text_it_cannot_keep_exact(text, code):
    with pytest.raises(Invalid) as refusal:
        D(text, "unit_price")
    assert refusal.value.details == {"unit_price": [code]}


@given(cents)
def test_cents_survive_the_round_trip(value):
    assert to_cents(from_cents(value)) == value


@given(st.decimals(-(10**9), 10**9, places=6))
def test_rounding_a_credit_mirrors_rounding_its_charge(amount):
    assert round_money(-amount) == -round_money(amount)


@given(st.decimals(-(10**9), 10**9, places=6))
def test_rounding_moves_by_at_most_half_a_cent(amount):
    assert abs(round_money(amount) - amount) <= D("0.005")


@given(cents, weights)
def test_allocation_sums_to_the_whole_and_is_at_most_a_cent_from_fair(total_cents, shares):
    total = from_cents(total_cents)
    parts = allocate(total, shares)
    assert sum(parts) == total
    whole = sum(shares)
    for part, share in zip(parts, shares, strict=True):
        assert abs(part - total * share / whole) <= D("0.01")


def test_allocation_refuses_what_cannot_sum():
    with pytest.raises(Invalid):
        allocate(D("1.005"), [D(1)])
    with pytest.raises(Invalid):
        allocate(D("1.00"), [D(0), D(0)])
    with pytest.raises(Invalid):
        allocate(D("1.00"), [D(2), D(-1)])


@given(st.decimals(-(10**20), 10**20, places=12))
def test_plain_text_names_exactly_one_number(number):
    assert D(plain(number)) == number
    assert plain(D(plain(number))) == plain(number)


def test_results_do_not_depend_on_the_context_of_the_calling_thread():
    price = "999999999999999999.123456789012"
    quantity = D("888888888888888888.123456789012")
    charge = Charge.build("standard", "c", "m", {"unit_price": price})
    with localcontext(Context(prec=5)):
        line = rate(charge, quantity, MARCH)
    with localcontext(EXACT):
        assert line.amount_unrounded == quantity * D(price)
    assert len(plain(line.amount_unrounded)) == 61  # 60 digits and the point: 28 would lose 32


def test_a_lost_digit_stops_the_computation():
    @exactly
    def third() -> Decimal:
        return Decimal(1) / Decimal(3)

    with pytest.raises(Inexact):
        third()
