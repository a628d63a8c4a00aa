"""Package, percentage, volume, graduated percentage, dynamic: against oracles of their own."""

from decimal import ROUND_CEILING, Decimal

import pytest
from engine import (
    Charge,
    D,
    Dynamic,
    Invalid,
    Percentage,
    RateTier,
    Standard,
    Tier,
    Usage,
    Volume,
    run_length,
)
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.engine.strategies import (
    bounded_percentage,
    free_percentage,
    graduated_percentage,
    packages,
    plain_percentage,
    prices,
    quantities,
    rates,
    rising,
    usages,
    volume,
)

payments = st.lists(st.decimals("0.01", 300, places=2), max_size=12)


@given(rising, quantities, quantities)
def test_more_usage_never_costs_less_where_prices_rise(pricer, one, other):
    low, high = sorted((one, other))
    assert pricer.price(low).amount <= pricer.price(high).amount


@given(packages, st.integers(0, 300))
def test_packages_equal_opening_one_whenever_the_last_is_empty(pricer, tenths):
    units, room, opened = Decimal(tenths) / 10, pricer.free_units, 0
    while room < units:
        room += pricer.package_size
        opened += 1
        assume(opened < 1000)
    assert pricer.price(units).amount == opened * pricer.amount


@given(graduated_percentage, st.integers(0, 120))
def test_graduated_percentages_equal_selling_unit_by_unit(pricer, units):
    total, entered = pricer.tiers[0].flat_price, {0}
    for unit in range(1, units + 1):
        index = next(
            i for i, tier in enumerate(pricer.tiers) if tier.up_to is None or unit <= tier.up_to
        )
        total += pricer.tiers[index].rate / 100
        total += 0 if index in entered else pricer.tiers[index].flat_price
        entered.add(index)
    assert pricer.price(Decimal(units)).amount == total


@given(volume, st.integers(0, 1200))
def test_volume_prices_every_unit_by_the_whole_quantitys_tier(pricer, tenths):
    """Lago's own words: from ≤ ⌈quantity⌉ and quantity ≤ to, with whole edges."""
    units, lower, found = Decimal(tenths) / 10, Decimal(0), []
    for tier in pricer.tiers:
        if lower <= units.to_integral_value(ROUND_CEILING) and (
            tier.up_to is None or units <= tier.up_to
        ):
            found.append(tier)
        lower = (tier.up_to or lower) + 1
    [tier] = found
    assert pricer.price(units).amount == units * tier.unit_price + tier.flat_price


def test_more_volume_may_cost_less():
    pricer = Volume((Tier(D(100), D(2)), Tier(None, D(1))))
    assert (pricer.price(D(100)).amount, pricer.price(D(101)).amount) == (D(200), D(101))


@given(plain_percentage, payments, payments)
def test_a_percentage_without_limits_is_additive_over_splits(pricer, one, other):
    def amount(found):
        return pricer.price(Usage.of(sum(found, Decimal(0)), count=len(found))).amount

    assert amount([*one, *other]) == amount(one) + amount(other)


def one_by_one(pricer: Percentage, events: list[Decimal]) -> Decimal:
    """Free parts, rate, fixed price and bounds of each event in turn, as a cashier would."""
    total = used = Decimal(0)
    free_events = free_amount = None
    if pricer.free_units_per_events:
        free_events = pricer.free_units_per_events
    if pricer.free_units_per_total_aggregation:
        free_amount = pricer.free_units_per_total_aggregation
    for position, value in enumerate(events):
        open_ = (free_events or free_amount) and (
            (free_events is None or position < free_events)
            and (free_amount is None or used < free_amount)
        )
        free = Decimal(0)
        if open_:
            free = value if free_amount is None else min(value, free_amount - used)
        used += value
        if open_ and free == value:
            continue
        amount = (value - free) * pricer.rate / 100 + pricer.fixed_amount
        if pricer.per_transaction_min_amount is not None:
            amount = max(amount, pricer.per_transaction_min_amount)
        if pricer.per_transaction_max_amount is not None:
            amount = min(amount, pricer.per_transaction_max_amount)
        total += amount
    return total


@given(st.one_of(free_percentage, bounded_percentage()), payments)
def test_a_percentage_equals_pricing_the_events_one_by_one(pricer, events):
    usage = Usage.of(
        sum(events, Decimal(0)),
        count=len(events),
        transactions=run_length((value, 1) for value in events),
    )
    assert pricer.price(usage).amount == one_by_one(pricer, events)


@given(bounded_percentage(), st.lists(st.tuples(prices.filter(bool), st.integers(1, 30))))
def test_runs_of_equal_events_cost_what_the_events_cost(pricer, runs):
    events = [value for value, times in runs for _ in range(times)]
    assume(pricer.bounds)
    usage = Usage.of(sum(events, Decimal(0)), count=len(events), transactions=run_length(runs))
    assert pricer.price(usage).amount == one_by_one(pricer, events)


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({"rate": 10}, "40.00"),
        ({"rate": 10, "fixed_amount": 1}, "43.00"),
        # One free event of 100; or the first 150, with one event wholly inside.
        ({"rate": 10, "fixed_amount": 1, "free_units_per_events": 1}, "32.00"),
        ({"rate": 10, "fixed_amount": 1, "free_units_per_total_aggregation": 150}, "27.00"),
        # Both: 150 is hit in the second event, before the third free one; 100 after the first.
        (
            {"rate": 10, "free_units_per_events": 3, "free_units_per_total_aggregation": 150},
            "25.00",
        ),
        (
            {"rate": 10, "free_units_per_events": 1, "free_units_per_total_aggregation": 150},
            "30.00",
        ),
        # 10, 10 and 20 each brought within 12 and 15.
        (
            {"rate": 10, "per_transaction_min_amount": 12, "per_transaction_max_amount": 15},
            "39.00",
        ),
        ({"rate": 10, "fixed_amount": 3, "per_transaction_max_amount": 15}, "41.00"),
    ],
)
def test_limits_and_bounds_of_a_percentage(properties, expected):
    usage = Usage.of(D(400), count=3, transactions=((D(100), 2), (D(200), 1)))
    pricer = Percentage.from_json(properties)
    assert pricer.price(usage).amount == D(expected)


def test_events_that_cancel_out_bill_no_fixed_price():
    usage = Usage.of(D(0), count=2, transactions=((D(5), 1), (D(-5), 1)))
    for properties in ({"fixed_amount": 1}, {"per_transaction_min_amount": 1}):
        assert Percentage.from_json({"rate": 1, **properties}).price(usage).amount == 0


def test_free_events_without_the_events_are_refused_and_not_billed():
    with pytest.raises(Invalid) as refusal:
        Percentage(D(1), D(1), free_units_per_events=2).price(Usage.of(D(5), count=3))
    assert refusal.value.details == {"transactions": ["value_is_mandatory"]}


@given(usages(), usages())
def test_dynamic_is_additive_and_asks_nothing_but_the_apps_own_amounts(one, other):
    assume(one.quantity and other.quantity)
    both = Usage.of(
        one.quantity + other.quantity, precise_amount=one.precise_amount + other.precise_amount
    )
    parts = Dynamic().price(one).amount + Dynamic().price(other).amount
    assert Dynamic().price(both).amount == parts


@given(prices, rates)
def test_a_whole_percent_of_a_price_is_a_hundredth(price, rate):
    assert Percentage(rate).price(price).amount == Standard(rate).price(price).amount / 100


@pytest.mark.parametrize(
    ("model", "properties", "details"),
    [
        ("package", {}, {"amount", "package_size"}),
        ("package", {"amount": 1, "package_size": 0}, {"package_size"}),
        ("package", {"amount": -1, "package_size": 1, "free_units": -1}, {"amount", "free_units"}),
        ("percentage", {}, {"rate"}),
        ("percentage", {"rate": 1, "free_units_per_events": "1.5"}, {"free_units_per_events"}),
        ("percentage", {"rate": -1, "fixed_amount": -1}, {"rate", "fixed_amount"}),
        (
            "percentage",
            {"rate": 1, "per_transaction_min_amount": 2, "per_transaction_max_amount": 1},
            {"per_transaction_max_amount"},
        ),
        ("volume", {}, {"tiers"}),
        ("volume", {"tiers": [{"unit_price": "x"}]}, {"tiers.0.unit_price"}),
        ("graduated_percentage", {"tiers": [{"up_to": 1, "rate": 1}]}, {"tiers"}),
        ("graduated_percentage", {"tiers": [{"rate": -1}]}, {"tiers.0.rate"}),
    ],
)
def test_every_wrong_field_is_named(model, properties, details):
    with pytest.raises(Invalid) as refusal:
        Charge.build(model, "code", "metric", properties)
    assert set(refusal.value.details) == details


def test_a_missing_ladder_is_told_in_lagos_words():
    with pytest.raises(Invalid) as refusal:
        Charge.build("volume", "c", "m", {"tiers": []})
    assert refusal.value.details == {"tiers": ["missing_volume_ranges"]}
    assert RateTier.from_json({"rate": "2.5"}) == RateTier(None, D("2.5"))
