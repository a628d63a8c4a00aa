"""Stripe's list beside ours: what is equal is silent, and each thing that differs has a name."""

from dataclasses import replace

from engine.sweep import Attempt, Charge, Refund, compare
from hypothesis import given
from hypothesis import strategies as st

CHARGE = Charge("pi_1", "INV/1", 10000, "cad", 0)
PAID = Attempt(1, False, "INV/1", "pi_1", 10000, "cad", "done")
REFUND = Refund("re_1", "pi_1", 2500, "cad", "succeeded", 0)
BACK = Attempt(2, True, "R-INV/1", "re_1", 2500, "cad", "done")

books = st.lists(st.integers(1, 10**7), max_size=8)


def kinds(charges=(), refunds=(), attempts=()):
    return [(found.kind, found.stripe_id) for found in compare(charges, refunds, attempts)]


@given(books, books)
def test_equal_books_have_no_difference(taken, given_back):
    charges = [Charge(f"pi_{n}", f"INV/{n}", a, "cad", n) for n, a in enumerate(taken)]
    refunds = [Refund(f"re_{n}", "pi_0", a, "cad", "pending", n) for n, a in enumerate(given_back)]
    attempts = [Attempt(n, False, f"INV/{n}", f"pi_{n}", a, "cad", "done")
                for n, a in enumerate(taken)]  # fmt: skip
    attempts += [Attempt(100 + n, True, f"R/{n}", f"re_{n}", a, "cad", "done")
                 for n, a in enumerate(given_back)]  # fmt: skip
    assert compare(charges, refunds, attempts[::-1]) == []


@given(books.filter(bool), st.data())
def test_one_wrong_record_is_the_one_difference(taken, data):
    charges = [Charge(f"pi_{n}", f"INV/{n}", a, "cad", n) for n, a in enumerate(taken)]
    attempts = [Attempt(n, False, f"INV/{n}", f"pi_{n}", a, "cad", "done")
                for n, a in enumerate(taken)]  # fmt: skip
    wrong = data.draw(st.integers(0, len(taken) - 1))
    attempts[wrong] = replace(attempts[wrong], amount=taken[wrong] + 1)
    (found,) = compare(charges, [], attempts)
    assert (found.kind, found.attempt) == ("amount", wrong)
    assert found.our_amount - found.stripe_amount == 1


def test_a_second_charge_under_our_reference_is_unknown_here():
    twice = [CHARGE, replace(CHARGE, intent="pi_2")]
    assert kinds(twice, [], [PAID]) == [("unknown_here", "pi_2")]
    nameless = replace(PAID, stripe_id="")
    assert kinds(twice, [], [nameless]) == [("unknown_here", "pi_2")]


def test_a_refund_that_failed_at_stripe_is_no_refund():
    failed = replace(REFUND, status="failed")
    assert kinds([], [failed], []) == []
    assert kinds([], [failed], [BACK]) == [("refund_not_at_stripe", "re_1")]
    assert kinds([], [failed], [replace(BACK, state="error")]) == []


def test_a_try_that_was_declined_on_both_sides_is_no_difference():
    assert kinds([], [], [replace(PAID, state="error"), replace(PAID, state="draft")]) == []


def test_a_disputed_charge_that_is_booked_is_named_beside_its_amount():
    disputed = replace(CHARGE, disputed=True, amount=9900)
    assert kinds([disputed], [], [PAID]) == [("amount", "pi_1"), ("disputed", "pi_1")]
