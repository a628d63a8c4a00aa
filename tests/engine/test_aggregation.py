"""Whatever the pieces and their order, the rollups and their aggregate are the same."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from engine import D, Invalid, Metric, Rollup, aggregate, round_quantity
from engine.aggregation import AGGREGATIONS
from hypothesis import given
from hypothesis import strategies as st

START = datetime(2026, 3, 1, tzinfo=UTC)
moments = st.integers(0, 31 * 24 * 4 - 1).map(
    lambda quarter: START + timedelta(minutes=15 * quarter)
)
events = st.lists(
    st.tuples(moments, st.decimals(-1000, 1000, places=6), st.sampled_from(["", "a", "b"])),
    max_size=30,
)


def rollups(pushes):
    """The reference fold, one event after the other."""
    rows: dict[tuple[date, str], Rollup] = {}
    for at, value, dimension in pushes:
        row = Rollup.of(at.date(), value, at, dimension, precise_amount=abs(value))
        key = (row.day, row.dimension)
        rows[key] = rows[key].fold(row) if key in rows else row
    return rows


@given(events, st.randoms(use_true_random=False))
def test_any_order_gives_the_same_rollups(pushes, random):
    shuffled = list(pushes)
    random.shuffle(shuffled)
    assert rollups(shuffled) == rollups(pushes)


@given(events, st.randoms(use_true_random=False), st.data())
def test_any_duplication_of_pushes_gives_the_same_rollups(pushes, random, data):
    """A ledger keeps what it knows by id; what it hands on to the rollups is folded once."""
    sent = list(enumerate(pushes))
    sent += data.draw(st.lists(st.sampled_from(sent), max_size=20)) if sent else []
    random.shuffle(sent)
    ledger: dict = {}
    for number, push in sent:
        ledger.setdefault(number, push)
    assert rollups(ledger.values()) == rollups(pushes)


@given(events, st.integers(1, 5))
def test_any_split_into_batches_gives_the_same_rollups(pushes, size):
    merged: dict = {}
    for start in range(0, len(pushes), size):
        for key, row in rollups(pushes[start : start + size]).items():
            merged[key] = merged[key].fold(row) if key in merged else row
    assert merged == rollups(pushes)


@given(events)
def test_aggregates_of_rollups_equal_aggregates_of_the_events(pushes):
    rows = rollups(pushes).values()
    values = [value for _, value, _ in pushes]
    assert aggregate("sum", rows) == sum(values)
    assert aggregate("count", rows) == len(pushes)
    assert sum(row.precise_amount for row in rows) == sum(map(abs, values))
    assert Metric("m").measure(rows).precise_amount == sum(map(abs, values))
    assert aggregate("max", rows) == max(values, default=0)
    last_operation = {dimension: value for _, value, dimension in sorted(pushes)}
    assert aggregate("unique", rows) == sum(value >= 0 for value in last_operation.values())
    newest = max(pushes, default=(None, Decimal(0)))
    assert aggregate("last", rows) == max(newest[1], 0)


@pytest.mark.parametrize("kind", sorted(AGGREGATIONS))
def test_no_usage_is_zero(kind):
    assert aggregate(kind, []) == 0


def test_rollups_of_different_days_do_not_fold():
    one, other = (Rollup.of(date(2026, 3, day), D(1), START) for day in (1, 2))
    with pytest.raises(ValueError, match="do not fold"):
        one.fold(other)


@pytest.mark.parametrize(
    ("function", "precision", "expected"),
    [
        ("none", 0, "1234.565"),
        ("round", 2, "1234.57"),
        ("ceil", 0, "1235"),
        ("floor", 1, "1234.5"),
        ("round", -2, "1200"),
        ("ceil", -3, "2000"),
    ],
)
def test_a_metric_rounds_its_aggregate(function, precision, expected):
    assert round_quantity(D("1234.565"), function, precision) == D(expected)


def test_a_metric_measures_rounded_and_remembers_what_it_measured():
    metric = Metric("gb", "max", rounding_function="ceil")
    usage = metric.measure(Rollup.of(date(2026, 3, d), D(f"{d}.2"), START) for d in (1, 2))
    assert (usage.quantity, usage.measured, usage.count) == (D(3), D("2.2"), 2)


def test_a_broken_metric_names_every_field():
    with pytest.raises(Invalid) as refusal:
        Metric("", "median", rounding_function="up")
    assert sorted(refusal.value.details) == ["aggregation_type", "code", "rounding_function"]
