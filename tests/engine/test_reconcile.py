"""What differs between two invoices is found and named; nothing is invented."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from engine import BilledInvoice, BilledLine, D, Pair, Period, reconcile, round_money
from hypothesis import given
from hypothesis import strategies as st

MARCH = Period(date(2026, 3, 1), date(2026, 4, 1))
APRIL = Period(date(2026, 4, 1), date(2026, 5, 1))


def usage(used="1250", included="1000", price="0.05", **more):
    amount = round_money(max(D(used) - D(included), D(0)) * D(price), 2)
    return BilledLine("usage", "gb", amount, D(used), D(price), D(included), **more)


def bill(*lines, tax="13", period=MARCH, currency="CAD"):
    """An invoice with its tax computed on the lines."""
    untaxed = sum((line.amount for line in lines), D(0))
    taxes = [BilledLine("tax", "HST", round_money(untaxed * D(tax) / 100, 2))] if tax else []
    return BilledInvoice(currency, period, (*lines, *taxes))


BASE = BilledLine("base", "pro", D("31.00"), D(1), D("31.00"))
OURS = bill(BASE, usage())


def told(app, our=OURS, near=()):
    """``{kind: class}`` of the lines that differ."""
    found = reconcile(Pair(app, our), near)
    return {each.kind: each.difference_class for each in found if each.difference_class != "match"}


@pytest.mark.parametrize(
    ("app", "expected"),
    [
        (bill(BASE, usage("1300")), "usage"),
        (bill(BASE, usage(price="0.06")), "rate"),
        (bill(BASE, usage(included="0")), "quota"),
        (bill(BASE, replace(usage(), amount=D("12.51"))), "rounding"),
        (bill(BASE), "missing_there"),
    ],
)
def test_one_planted_error_of_usage_is_named_and_its_tax_follows(app, expected):
    app = BilledInvoice(app.currency, app.period, tuple(_as_told(line) for line in app.lines))
    found = told(app)
    assert found.pop("usage") == expected
    assert set(found.values()) <= {expected}


def _as_told(line):
    """An app tells units and amount; what is included it keeps to itself."""
    return replace(line, included=D(0))


def test_a_rate_is_seen_though_the_app_tells_no_price():
    line = replace(usage(price="0.06"), unit_amount=None, included=D(0))
    [found] = [f for f in reconcile(Pair(bill(BASE, line), OURS)) if f.kind == "usage"]
    assert (found.difference_class, found.evidence) == ("rate", {"app": "0.06", "our": "0.05"})


def test_days_of_the_base_fee_are_counted():
    part = replace(BASE, amount=D("12.00"))
    [found] = [f for f in reconcile(Pair(bill(part, usage()), OURS)) if f.kind == "base"]
    assert found.difference_class == "proration"
    assert found.evidence == {"app": "12", "our": "31", "days": "31", "fee": "31"}


def test_another_price_of_the_plan_is_a_rate():
    dearer = replace(BASE, amount=D("35.00"), unit_amount=D("35.00"))
    assert told(bill(dearer, usage())) == {"base": "rate", "tax": "rate"}


def test_a_tax_of_its_own_is_a_tax_and_a_cent_of_it_is_none():
    assert told(bill(BASE, usage(), tax="15")) == {"tax": "tax"}
    cent = [replace(x, amount=x.amount + D("0.01")) if x.kind == "tax" else x for x in OURS.lines]
    assert told(BilledInvoice("CAD", MARCH, tuple(cent))) == {}


def test_a_discount_of_one_side_is_a_coupon():
    assert told(bill(BASE, usage(), BilledLine("discount", "", D("-5")))) == {
        "discount": "coupon",
        "tax": "coupon",
    }


def test_another_currency_is_only_that():
    assert told(bill(BASE, usage(), currency="USD")) == {"invoice": "currency"}


def test_what_a_neighbouring_period_has_instead_is_timing():
    early = Pair(bill(BASE, usage("1300"), period=APRIL), bill(BASE, usage("1250"), period=APRIL))
    late = bill(BASE, usage("1200"))
    found = reconcile(Pair(late, OURS), [early])
    [line] = [f for f in found if f.kind == "usage"]
    assert line.difference_class == "timing"
    assert line.evidence == {"period": "2026-04-01", "quantity": "50"}


def test_whole_invoices_are_missing_or_in_another_period():
    assert told(None) == {"invoice": "missing_there"}
    assert told(OURS, None) == {"invoice": "missing_here"}
    assert told(OURS, None, [Pair(None, bill(BASE, usage(), period=APRIL))]) == {
        "invoice": "timing"
    }
    assert told(None, None) == {}


def test_what_no_rule_proves_is_unexplained():
    odd = replace(usage(), amount=D("77.77"))
    assert told(bill(BASE, odd))["usage"] == "unexplained"
    twice = replace(usage("1300"), amount=D("99.00"))
    assert told(bill(BASE, twice))["usage"] == "unexplained"


money = st.decimals(min_value=0, max_value=9999, places=2)
units = st.decimals(min_value=0, max_value=99999, places=3)


@given(fee=money, used=units, included=units, tax=st.sampled_from(["0", "5", "13", "14.975"]))
def test_equal_invoices_have_no_difference(fee, used, included, tax):
    line = usage(str(used), str(included))
    base = BilledLine("base", "pro", fee, Decimal(1), fee)
    ours = bill(base, line, tax=tax)
    app = BilledInvoice("CAD", MARCH, tuple(_as_told(each) for each in ours.lines))
    assert told(app, ours) == {}


@given(more=st.integers(min_value=1, max_value=5000), used=st.integers(1100, 9000))
def test_units_more_or_fewer_are_always_usage(more, used):
    app = bill(BASE, _as_told(usage(str(used + more))))
    ours = bill(BASE, usage(str(used)))
    assert told(app, ours)["usage"] == "usage"
    assert (
        told(bill(BASE, _as_told(usage(str(used)))), bill(BASE, usage(str(used + more))))["usage"]
        == "usage"
    )


@given(days=st.integers(min_value=1, max_value=30), fee=st.integers(1000, 90000))
def test_a_share_of_days_is_always_proration(days, fee):
    whole = Decimal(fee) / 100
    share = round_money(whole * days / 31, 2)
    base = BilledLine("base", "pro", whole, Decimal(1), whole)
    app = bill(replace(base, amount=share, unit_amount=None))
    assert told(app, bill(base))["base"] == "proration"
