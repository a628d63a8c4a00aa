"""Filters, groups, minimum and cap: every usage is billed in one place, and bounds hold."""

from datetime import date
from decimal import Decimal

import pytest
from engine import (
    ALL_VALUES,
    Charge,
    D,
    Invalid,
    Metric,
    Period,
    describe,
    difference,
    explain,
    prorate,
    rate_charge,
    round_money,
    split_of,
    split_values,
)
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.strategies import MARCH, charges, metric_of, rolled, split_events

HALF = Period(date(2026, 3, 1), date(2026, 3, 16))
json_values = st.one_of(
    st.text(), st.integers(), st.booleans(), st.none(), st.decimals(-9, 9, places=3),
    st.lists(st.integers()),
)  # fmt: skip


@st.composite
def rated(draw):
    """A charge, its usage, and its lines."""
    charge = draw(charges())
    rows, transactions = rolled(draw(split_events(sorted(charge.split_keys))))
    lines = rate_charge(charge, metric_of(charge), rows, MARCH, transactions=transactions)
    return charge, rows, lines


def matching_keys(own, properties) -> int:
    """How many keys of the filter match; 0 unless all do. Written apart from the engine."""
    hits = [
        name in properties and (properties[name] in allowed or ALL_VALUES in allowed)
        for name, allowed in own.values.items()
    ]
    return len(hits) if all(hits) else 0


@given(rated())
def test_every_usage_is_billed_in_exactly_one_bucket(found):
    _, rows, lines = found
    usage = [line for line in lines if line.kind == "usage"]
    assert sum(line.quantity for line in usage) == sum(row.total for row in rows)
    assert sum(line.usage.count for line in usage) == sum(row.count for row in rows)
    assert sum(line.usage.precise_amount for line in usage) == sum(
        row.precise_amount for row in rows
    )
    assert len({line.key for line in lines}) == len(lines)


@given(rated())
def test_usage_goes_to_a_filter_with_the_most_matching_keys(found):
    charge, rows, lines = found
    expected: dict[str, Decimal] = {}
    ranks = {own.identity: own for own in charge.filters}
    for row in rows:
        properties = split_values(row.split)
        most = max((matching_keys(own, properties) for own in charge.filters), default=0)
        tied = [own for own in charge.filters if most and matching_keys(own, properties) == most]
        fewest = min((sum(ALL_VALUES in v for v in own.values.values()) for own in tied), default=0)
        key = next(
            (
                own.identity
                for own in tied
                if sum(ALL_VALUES in v for v in own.values.values()) == fewest
            ),
            "",
        )
        expected[key] = expected.get(key, Decimal(0)) + row.total
    actual: dict[str, Decimal] = {}
    for line in lines:
        if line.kind == "usage":
            actual[line.filter_key] = actual.get(line.filter_key, Decimal(0)) + line.quantity
    assert {"", *ranks} == set(actual)
    assert {key: total for key, total in actual.items() if total} == {
        key: total for key, total in expected.items() if total
    }


@given(rated())
def test_every_group_that_occurs_has_its_line(found):
    charge, rows, lines = found
    occurring = {
        tuple(split_values(row.split).get(key) for key in charge.pricing_group_keys) for row in rows
    }
    billed = {
        tuple(line.group.get(key) for key in charge.pricing_group_keys)
        for line in lines
        if line.kind == "usage" and line.usage.count
    }
    assert billed == occurring


@given(rated())
def test_the_sum_of_a_charge_lies_within_its_bounds(found):
    charge, _, lines = found
    usage = sum(line.amount for line in lines if line.kind == "usage")
    total = sum(line.amount for line in lines)
    high = charge.cap_amount
    assert total >= charge.min_amount
    assert high is None or total <= high
    if charge.min_amount <= usage and (high is None or usage <= high):
        assert total == usage


@given(charges(), st.randoms(use_true_random=False), st.data())
def test_the_order_of_rollups_does_not_matter(charge, random, data):
    rows, transactions = rolled(data.draw(split_events(sorted(charge.split_keys))))
    shuffled = list(rows)
    random.shuffle(shuffled)
    one, other = (
        rate_charge(charge, metric_of(charge), found, MARCH, transactions=transactions)
        for found in (rows, shuffled)
    )
    assert one == other


@given(st.dictionaries(st.text(min_size=1, max_size=3), json_values, max_size=5))
def test_a_split_is_canonical_and_reads_back(properties):
    keys = list(properties)
    split = split_of(properties, keys)
    assert split == split_of(dict(reversed(properties.items())), [*reversed(keys), "missing"])
    assert all(isinstance(value, str) for value in split_values(split).values())
    assert set(split_values(split)) == {
        key for key, value in properties.items() if value is not None and type(value) is not list
    }


def bandwidth(**more):
    return Charge.build(
        "standard",
        "over",
        "gb",
        {"unit_price": "0.05"},
        name="Bandwidth",
        unit="GB",
        filters=[
            {
                "key": "eu",
                "name": "Europe",
                "values": {"region": ["eu"]},
                "properties": {"unit_price": "0.08"},
            },
            {"values": {"region": ["eu", "ca"]}, "properties": {"unit_price": "1"}},
        ],
        **more,
    )


def usage(*pairs):
    day = MARCH.start
    return rolled([(split_of(given, ["region", "server"]), day, D(v)) for given, v in pairs])[0]


def test_identical_filters_the_first_wins_and_a_filter_without_key_is_named_by_its_values():
    lines = rate_charge(bandwidth(), Metric("gb"), usage(({"region": "eu"}, 100)), MARCH)
    assert [(line.key, str(line.amount)) for line in lines] == [
        ("gb/over", "0.00"),
        ('gb/over{"filter":"eu"}', "8.00"),
        ('gb/over{"filter":"{\\"region\\":[\\"ca\\",\\"eu\\"]}"}', "0.00"),
    ]


def test_a_bucket_line_names_its_filter_and_group_in_both_languages():
    charge = bandwidth(pricing_group_keys=["server"])
    rows = usage(({"region": "eu", "server": "web-1"}, 100), ({"server": "web-2"}, 10))
    lines = rate_charge(charge, Metric("gb"), rows, MARCH)
    assert [describe(line.derivation) for line in lines if line.amount] == [
        "Bandwidth (web-2): 10 GB × $0.05 (1 Mar 2026 to 31 Mar 2026)",
        "Bandwidth (Europe, web-1): 100 GB × $0.08 (1 Mar 2026 to 31 Mar 2026)",
    ]
    assert explain(lines[1].derivation, "fr_CA")[0].startswith("Bandwidth (Europe, web-1) (du 1er")


def test_tiers_start_anew_in_every_group():
    tiers = {"tiers": [{"up_to": 10, "unit_price": 1, "flat_price": 5}, {"unit_price": 2}]}
    charge = Charge.build("graduated", "c", "gb", tiers, pricing_group_keys=["server"])
    rows = usage(({"server": "a"}, 10), ({"server": "b"}, 10), ({}, 1))
    lines = rate_charge(charge, Metric("gb"), rows, MARCH)
    assert [(line.group, str(line.amount)) for line in lines] == [
        ({}, "6.00"),
        ({"server": "a"}, "15.00"),
        ({"server": "b"}, "15.00"),
    ]


def test_without_usage_there_is_one_line_a_filter_and_it_bills_the_first_flat_price():
    tiers = {"tiers": [{"unit_price": 1, "flat_price": 5}]}
    charge = Charge.build(
        "graduated",
        "c",
        "gb",
        tiers,
        filters=[{"key": "eu", "values": {"region": ["eu"]}, "properties": tiers}],
        pricing_group_keys=["server"],
    )
    lines = rate_charge(charge, Metric("gb"), [], MARCH)
    assert [(line.filter_key, str(line.amount)) for line in lines] == [("", "5.00"), ("eu", "5.00")]


@given(st.decimals("0.01", 1000, places=2), st.decimals(0, 100, places=2))
def test_a_minimum_and_a_cap_of_a_part_are_its_share_of_the_days(bound, units):
    terms = {"min_amount": bound, "cap_amount": bound}
    charge = Charge.build("standard", "c", "gb", {"unit_price": "1"}, **terms)
    rows = usage(({}, units))
    lines = rate_charge(charge, Metric("gb"), rows, MARCH, active=HALF)
    assert sum(line.amount for line in lines) == round_money(prorate(bound, HALF, MARCH))
    assert [line.kind for line in lines] == ["usage", "minimum", "cap"]


def test_late_usage_lowers_the_true_up_it_makes_unneeded():
    charge = Charge.build("standard", "c", "gb", {"unit_price": "1"}, min_amount=50)
    before = rate_charge(charge, Metric("gb"), usage(({}, 20)), MARCH)
    billed = {line.key: {"quantity": "0", "amount": str(line.amount)} for line in before}
    after = rate_charge(charge, Metric("gb"), usage(({}, 60)), MARCH)
    changes = {item.key: str(item.amount) for item in difference(billed, after)}
    assert changes == {"gb/c": "40.00", 'gb/c{"line":"minimum"}': "-30.00"}


def test_events_that_do_not_match_the_rollups_are_refused_and_not_billed():
    charge = Charge.build("percentage", "c", "gb", {"rate": 1, "free_units_per_events": 1})
    with pytest.raises(Invalid) as refusal:
        rate_charge(charge, Metric("gb"), usage(({}, 5)), MARCH, transactions=[("", D(5), 2)])
    assert refusal.value.details == {"transactions": ["value_is_invalid"]}


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"prorated": True, "model": "quota"}, "prorated"),
        ({"min_amount": "-1"}, "min_amount"),
        ({"cap_amount": "-1"}, "cap_amount"),
        ({"min_amount": "10", "cap_amount": "9"}, "cap_amount"),
        ({"filters": [{"values": {}, "properties": {"unit_price": 1}}]}, "filters.0.values"),
        ({"filters": [{"values": {"a": ["b"]}}]}, "filters.0.unit_price"),
    ],
)
def test_a_charge_that_makes_no_sense_is_refused(more, field):
    properties = {"unit_price": 1, "included_quantity": 1}
    with pytest.raises(Invalid) as refusal:
        Charge.build(more.pop("model", "standard"), "c", "m", properties, **more)
    assert list(refusal.value.details) == [field]
