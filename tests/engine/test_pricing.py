"""Charge models against oracles that know nothing of their formulas."""

from decimal import Decimal

import pytest
from engine import Charge, D, Graduated, Invalid, Quota, Standard, Tier
from hypothesis import given
from hypothesis import strategies as st

prices = st.decimals(0, 1000, places=4)
quantities = st.decimals(0, 10**6, places=3)


@st.composite
def graduated(draw):
    edges = sorted(draw(st.sets(st.integers(1, 60), max_size=4)))
    tiers = [Tier(Decimal(edge), draw(prices), draw(prices)) for edge in edges]
    return Graduated((*tiers, Tier(None, draw(prices), draw(prices))))


pricers = st.one_of(st.builds(Quota, quantities, prices), st.builds(Standard, prices), graduated())


def unit_by_unit(pricer: Graduated, units: int) -> Decimal:
    """Sell the units one at a time and pay a tier's flat when its first unit is sold."""
    total, entered = pricer.tiers[0].flat_price, {0}
    for unit in range(1, units + 1):
        index = next(
            i for i, tier in enumerate(pricer.tiers) if tier.up_to is None or unit <= tier.up_to
        )
        if index not in entered:
            entered.add(index)
            total += pricer.tiers[index].flat_price
        total += pricer.tiers[index].unit_price
    return total


@given(graduated(), st.integers(0, 120))
def test_graduated_equals_selling_unit_by_unit(pricer, units):
    assert pricer.price(Decimal(units)).amount == unit_by_unit(pricer, units)


@given(graduated(), st.integers(0, 1200))
def test_graduated_equals_selling_tenth_by_tenth_of_a_unit(pricer, tenths):
    scaled = Graduated(
        tuple(
            Tier(None if t.up_to is None else t.up_to * 10, t.unit_price / 10, t.flat_price)
            for t in pricer.tiers
        )
    )
    assert pricer.price(Decimal(tenths) / 10).amount == unit_by_unit(scaled, tenths)


@given(pricers, quantities, quantities)
def test_more_usage_never_costs_less(pricer, one, other):
    low, high = sorted((one, other))
    assert pricer.price(low).amount <= pricer.price(high).amount


@given(pricers, quantities)
def test_steps_account_for_every_unit(pricer, quantity):
    assert sum(step.quantity for step in pricer.price(quantity).steps) == quantity


@given(prices, quantities, quantities)
def test_standard_is_additive_over_splits(price, one, other):
    pricer = Standard(price)
    parts = pricer.price(one).amount + pricer.price(other).amount
    assert pricer.price(one + other).amount == parts


@given(quantities, prices, quantities)
def test_quota_bills_nothing_up_to_the_quota_and_every_unit_above(included, price, above):
    pricer = Quota(included, price)
    assert pricer.price(included).amount == 0
    assert pricer.price(included + above).amount == above * price


@given(pricers)
def test_a_pricer_survives_its_own_json(pricer):
    assert type(pricer).from_json(pricer.to_json()) == pricer


def test_zero_usage_still_bills_the_first_flat_price():
    pricer = Graduated((Tier(D(10), D(1), D("4.50")), Tier(None, D(1), D(9))))
    assert pricer.price(D(0)).amount == D("4.50")


def test_the_edge_unit_belongs_to_the_lower_tier_and_a_fraction_above_enters_the_next():
    pricer = Graduated((Tier(D(10), D(1)), Tier(None, D(2), D(100))))
    assert pricer.price(D(10)).amount == D(10)
    assert pricer.price(D("10.5")).amount == D(111)  # 10×1 + 0.5×2 + 100


@pytest.mark.parametrize(
    ("model", "properties", "details"),
    [
        ("standard", {}, {"unit_price": ["value_is_mandatory"]}),
        ("standard", {"unit_price": "-1"}, {"unit_price": ["invalid_amount"]}),
        ("standard", {"unit_price": 0.1}, {"unit_price": ["invalid_amount"]}),
        (
            "quota",
            {"included_quantity": "-1", "unit_price": "x"},
            {"unit_price": ["invalid_amount"]},
        ),
        (
            "quota",
            {"included_quantity": "-1", "unit_price": "-1"},
            {"included_quantity": ["invalid_free_units"], "unit_price": ["invalid_amount"]},
        ),
        ("graduated", {}, {"tiers": ["missing_graduated_ranges"]}),
        (
            "graduated",
            {"tiers": [{"up_to": "10", "unit_price": "1"}]},
            {"tiers": ["invalid_graduated_ranges"]},
        ),
        (
            "graduated",
            {"tiers": [{"up_to": u, "unit_price": "1"} for u in ("10", "10", None)]},
            {"tiers": ["invalid_graduated_ranges"]},
        ),
        (
            "graduated",
            {"tiers": [{"up_to": "5", "unit_price": "-1"}, {"flat_price": "z"}]},
            {
                "tiers.0.unit_price": ["invalid_amount"],
                "tiers.1.unit_price": ["value_is_mandatory"],
                "tiers.1.flat_price": ["invalid_amount"],
            },
        ),
        ("free", {}, {"charge_model": ["value_is_invalid"]}),
    ],
)
def test_a_broken_charge_is_refused_with_the_field_and_lagos_code(model, properties, details):
    with pytest.raises(Invalid) as refusal:
        Charge.build(model, "code", "metric", properties)
    assert refusal.value.details == details


def test_a_charge_without_codes_or_currency_is_refused():
    with pytest.raises(Invalid) as refusal:
        Charge("", "", Standard(D(1)), currency="dollars")
    assert sorted(refusal.value.details) == ["code", "currency", "metric_code"]
