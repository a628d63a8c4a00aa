"""Rated lines prove themselves; late usage bills only its difference."""

import json
from datetime import date

import pytest
from engine import (
    Charge,
    D,
    Invalid,
    Period,
    Usage,
    agrees,
    billed_after,
    commitment,
    describe,
    difference,
    explain,
    rate,
    rate_charge,
    replay,
    round_money,
)
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.strategies import MARCH, metric_of, rolled, split_events
from tests.engine.strategies import charges as whole_charges

QUOTA = Charge.build(
    "quota",
    "over",
    "gb",
    {"included_quantity": "1000", "unit_price": "0.05"},
    name="Bandwidth",
    unit="GB",
)
TIERS = Charge.build(
    "graduated",
    "calls",
    "api",
    {
        "tiers": [
            {"up_to": "10", "unit_price": "10", "flat_price": "2"},
            {"up_to": "20", "unit_price": "5", "flat_price": "3"},
            {"up_to": "", "unit_price": "4.9999", "flat_price": "3"},
        ]
    },
    name="API calls",
    unit="calls",
    currency="USD",
)
STANDARD = Charge.build("standard", "std", "gb", {"unit_price": "0.0125"}, name="Storage")
charges = st.sampled_from([QUOTA, TIERS, STANDARD])
quantities = st.decimals(-(10**3), 10**7, places=6)


@given(charges, quantities, st.sampled_from([0, 2, 3]))
def test_replay_from_stored_json_equals_the_original(charge, quantity, exponent):
    line = rate(charge, quantity, MARCH, exponent)
    stored = json.loads(json.dumps(line.derivation, sort_keys=True))
    assert replay(stored) == line
    assert agrees(stored)


@st.composite
def lines_of_every_kind(draw):
    """All lines of a random charge, its bounds, and a commitment over them."""
    charge = draw(whole_charges())
    active = draw(st.sampled_from([None, Period(date(2026, 3, 4), date(2026, 3, 20))]))
    events = draw(split_events(sorted(charge.split_keys)))
    rows, transactions = rolled([event for event in events if event[1] in (active or MARCH)])
    exponent = draw(st.sampled_from([0, 2, 3]))
    lines = rate_charge(
        charge, metric_of(charge), rows, MARCH, exponent, active=active, transactions=transactions
    )
    total = sum(line.amount for line in lines)
    return [*lines, commitment(D(draw(st.integers(0, 999))), MARCH, D(29), total, exponent)]


@given(lines_of_every_kind())
def test_lines_of_every_model_and_kind_replay_from_stored_json(lines):
    for line in lines:
        stored = json.loads(json.dumps(line.derivation, sort_keys=True))
        assert replay(stored) == line
        assert agrees(stored)
        assert not agrees({**stored, "amount": str(line.amount + 1)})


@given(charges, quantities)
def test_derivations_hold_text_only(charge, quantity):
    def leaves(value):
        if isinstance(value, dict):
            return [leaf for item in value.values() for leaf in leaves(item)]
        if isinstance(value, list):
            return [leaf for item in value for leaf in leaves(item)]
        return [value]

    assert {type(leaf) for leaf in leaves(rate(charge, quantity, MARCH).derivation)} == {str}


@given(charges, quantities)
def test_the_amount_is_rounded_once_from_the_exact_amount(charge, quantity):
    line = rate(charge, quantity, MARCH)
    assert line.amount == round_money(line.amount_unrounded)


@pytest.mark.parametrize("field", ["quantity", "amount", "amount_unrounded", "billable_quantity"])
def test_an_edited_derivation_no_longer_agrees(field):
    derivation = rate(QUOTA, D(1250), MARCH).derivation
    assert not agrees({**derivation, field: "1"})


def test_a_derivation_of_an_unknown_version_is_refused():
    with pytest.raises(Invalid):
        replay({**rate(QUOTA, D(1), MARCH).derivation, "version": "99"})


def test_a_negative_quantity_bills_zero_and_keeps_its_trace():
    line = rate(QUOTA, D("-5"), MARCH)
    assert (line.amount, line.quantity) == (D("0.00"), D("-5"))
    assert "A negative quantity bills as 0" in explain(line.derivation)


@given(charges, quantities, quantities)
def test_bills_and_their_differences_sum_to_the_final_usage(charge, before, after):
    first, second = rate(charge, before, MARCH), rate(charge, after, MARCH)
    billed = billed_after({}, [first])
    late = difference(billed, [second])
    assert first.amount + sum(item.amount for item in late) == second.amount
    assert difference(billed_after(billed, [second]), [second]) == []


def test_a_line_without_usage_left_is_given_back_in_full():
    [item] = difference({"gb/old": {"quantity": "7", "amount": "3.50"}}, [])
    assert (item.amount, item.quantity, item.line) == (D("-3.50"), D(-7), None)


@pytest.mark.parametrize(
    ("charge", "quantity", "english", "french"),
    [
        (
            QUOTA,
            "1250",
            "Bandwidth: 1,250 GB used, 1,000 included, 250 × $0.05 (1 Mar 2026 to 31 Mar 2026)",
            "Bandwidth_: consommation de 1_250_GB, quantité incluse 1_000, 250 × 0,05_$ "
            "(du 1er mars 2026 au 31 mars 2026)",
        ),
        (
            TIERS,
            "21",
            "API calls: 21 calls used, 10 × US$10.00 + US$2.00, 10 × US$5.00 + US$3.00, "
            "1 × US$4.9999 + US$3.00 (1 Mar 2026 to 31 Mar 2026)",
            "API calls_: consommation de 21_calls, 10 × 10,00_$_US + 2,00_$_US, "
            "10 × 5,00_$_US + 3,00_$_US, 1 × 4,9999_$_US + 3,00_$_US "
            "(du 1er mars 2026 au 31 mars 2026)",
        ),
        (
            STANDARD,
            "1234.5",
            "Storage: 1,234.5 × $0.0125 (1 Mar 2026 to 31 Mar 2026)",
            "Storage_: 1_234,5 × 0,0125_$ (du 1er mars 2026 au 31 mars 2026)",
        ),
    ],
)
def test_the_invoice_line_reads_well_in_both_languages(charge, quantity, english, french):
    derivation = rate(charge, D(quantity), MARCH).derivation
    assert describe(derivation) == english
    assert describe(derivation, "fr_CA").replace("\u00a0", "_") == french


def test_a_long_price_list_is_cut_on_the_invoice_and_whole_in_the_explanation():
    tiers = [{"up_to": str(n), "unit_price": "1"} for n in range(1, 7)] + [{"unit_price": "1"}]
    charge = Charge.build("graduated", "c", "api", {"tiers": tiers}, name="Calls")
    derivation = rate(charge, D("6.5"), MARCH).derivation
    assert "3 more tiers" in describe(derivation)
    assert sum("Tier " in line for line in explain(derivation)) == 7


def test_the_explanation_shows_every_step():
    assert explain(rate(TIERS, D("20.5"), MARCH).derivation) == [
        "API calls (1 Mar 2026 to 31 Mar 2026)",
        "Quantity measured: 20.5 calls",
        "Tier 1, above 0 up to 10: 10 × US$10.00 + US$2.00 = US$102.00",
        "Tier 2, above 10 up to 20: 10 × US$5.00 + US$3.00 = US$53.00",
        "Tier 3, above 20: 0.5 × US$4.9999 + US$3.00 = US$5.49995",
        "Sum before rounding: US$160.49995",
        "Rounded half up to 2 decimals: US$160.50",
    ]


@pytest.mark.parametrize(
    ("model", "properties", "more", "field"),
    [
        ("percentage", {"rate": 1, "fixed_amount": 1}, {}, "usage"),
        ("dynamic", {}, {}, "usage"),
        ("standard", {"unit_price": 1}, {"prorated": True}, "usage"),
    ],
)
def test_a_bare_number_is_refused_where_the_price_needs_more(model, properties, more, field):
    with pytest.raises(Invalid) as refusal:
        rate(Charge.build(model, "c", "m", properties, **more), D(1), MARCH)
    assert list(refusal.value.details) == [field]


def test_units_without_time_are_refused_where_time_plays_a_part():
    charge = Charge.build("standard", "c", "m", {"unit_price": 1}, prorated=True)
    with pytest.raises(Invalid) as refusal:
        rate(charge, Usage.of(D(1)), MARCH)
    assert list(refusal.value.details) == ["prorated"]


def test_a_derivation_of_an_unknown_kind_is_refused():
    with pytest.raises(Invalid):
        replay({**rate(QUOTA, D(1), MARCH).derivation, "kind": "gift"})
