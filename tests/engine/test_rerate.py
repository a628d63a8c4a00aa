"""A billed period is rated again at its own terms; commitments follow the usage."""

import json
from decimal import Decimal

import pytest
from engine import (
    Charge,
    D,
    Invalid,
    Known,
    Metric,
    Period,
    agrees,
    billed_after,
    commitment,
    describe,
    difference,
    explain,
    rate,
    rate_charge,
    replay,
    rerate,
)
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.strategies import MARCH, charges, metric_of, rolled, split_events

OLD = Charge.build("standard", "c", "gb", {"unit_price": "0.05"})
NEW = Charge.build("standard", "c", "gb", {"unit_price": "9.99"})


def rows(units, split=""):
    return rolled([(split, MARCH.start, D(units))])[0]


def stored(entries):
    """As a database gives it back."""
    return json.loads(json.dumps(entries, sort_keys=True))


@given(charges(), st.data())
def test_rating_again_without_new_usage_changes_nothing(charge, data):
    found, events = rolled(data.draw(split_events(sorted(charge.split_keys))))
    lines = rate_charge(charge, metric_of(charge), found, MARCH, transactions=events)
    billed = stored(billed_after({}, lines))
    again = rerate(billed, lambda _: Known(metric_of(charge), found, events), MARCH)
    assert difference(billed, again) == []
    assert {line.key: line for line in again} == {line.key: line for line in lines}


@given(charges(), st.data())
def test_bills_and_late_differences_sum_to_what_rating_once_gives(charge, data):
    keys = sorted(charge.split_keys)
    first = data.draw(split_events(keys))
    both = sorted([*first, *data.draw(split_events(keys))], key=lambda event: event[1])
    found, events = rolled(first)
    lines = rate_charge(charge, metric_of(charge), found, MARCH, transactions=events)
    billed = stored(billed_after({}, lines))
    found, events = rolled(both)
    known = Known(metric_of(charge), found, events)
    late = difference(billed, rerate(billed, lambda _: known, MARCH))
    once = rate_charge(charge, metric_of(charge), found, MARCH, transactions=events)
    total = sum(line.amount for line in lines) + sum(item.amount for item in late)
    assert total == sum(line.amount for line in once)


def test_late_usage_costs_what_the_period_cost_and_not_todays_price():
    billed = {"gb/c": {"quantity": "100", "amount": "5.00", "charge": OLD.to_json()}}
    current = [rate(NEW, D(120), MARCH)]
    again = rerate(billed, lambda _: Known(Metric("gb"), rows(120)), MARCH, current=current)
    assert [(line.key, str(line.amount)) for line in again] == [("gb/c", "6.00")]


def test_a_charge_that_was_not_billed_is_added_at_todays_price():
    other = rate(Charge.build("standard", "calls", "api", {"unit_price": 1}), D(3), MARCH)
    billed = {"gb/c": {"quantity": "100", "amount": "5.00", "charge": OLD.to_json()}}
    again = rerate(billed, lambda _: Known(Metric("gb"), rows(100)), MARCH, current=[other])
    assert [line.key for line in again] == ["gb/c", "api/calls"]


def test_entries_of_the_first_version_are_rated_as_ever():
    entry = {
        "quantity": "1250",
        "amount": "12.50",
        "charge": {
            "code": "gb-over",
            "metric_code": "gb",
            "name": "Bandwidth",
            "unit": "GB",
            "currency": "CAD",
            "model": "quota",
            "properties": {"included_quantity": "1000", "unit_price": "0.05"},
        },
    }
    again = rerate({"gb/gb-over": entry}, lambda _: Known(Metric("gb"), rows(1300)), MARCH)
    assert [(line.key, str(line.amount)) for line in again] == [("gb/gb-over", "15.00")]
    assert again[0].derivation["charge"] == entry["charge"]


def test_usage_that_is_gone_is_given_back():
    billed = {"gb/c": {"quantity": "100", "amount": "5.00", "charge": OLD.to_json()}}
    [change] = difference(billed, rerate(billed, lambda _: None, MARCH))
    assert (change.amount, change.quantity) == (D("-5.00"), D(-100))


def test_the_line_without_a_group_ends_with_the_first_group_and_is_given_back():
    tiers = {"tiers": [{"unit_price": 1, "flat_price": 5}]}
    charge = Charge.build("graduated", "c", "gb", tiers, name="Disk", pricing_group_keys=["vm"])
    empty = rate_charge(charge, Metric("gb"), [], MARCH)
    billed = stored(billed_after({}, empty))
    late = rerate(billed, lambda _: Known(Metric("gb"), rows(3, '{"vm":"a"}')), MARCH)
    changes = difference(billed, late)
    assert {item.key: str(item.amount) for item in changes} == {
        'gb/c{"group":{"vm":"a"}}': "8.00",
        "gb/c": "-5.00",
    }
    [gone] = [line for line in late if line.kind == "gone"]
    assert replay(stored(gone.derivation)) == gone
    assert describe(gone.derivation) == "Disk: no usage any more (1 Mar 2026 to 31 Mar 2026)"
    assert explain(gone.derivation, "fr_CA")[1].startswith("Il ne reste aucune consommation")
    assert difference(billed_after(billed, late), late) == []


def test_an_emptied_group_is_given_back_under_its_own_name():
    charge = Charge.build("standard", "c", "gb", {"unit_price": 1}, pricing_group_keys=["vm"])
    lines = rate_charge(charge, Metric("gb"), rows(3, '{"vm":"a"}'), MARCH)
    billed = stored(billed_after({}, lines))
    again = rerate(billed, lambda _: None, MARCH)
    [change] = difference(billed, again)
    assert (str(change.amount), change.line.group) == ("-3.00", {"vm": "a"})
    assert agrees(change.line.derivation)


def test_a_commitment_that_was_not_billed_is_not_added_later():
    billed = stored(billed_after({}, [rate(OLD, D(200), MARCH)]))
    current = [commitment(D(100), MARCH, D(0), D(0))]
    again = rerate(billed, lambda _: Known(Metric("gb"), rows(200)), MARCH, current=current)
    assert difference(billed, again) == []


def test_the_callers_own_arithmetic_is_not_held_to_the_engines_exactness():
    def known(charge):
        third = D(1) / 3
        return Known(Metric("gb"), rows(300 if third else 0))

    billed = {"gb/c": {"quantity": "100", "amount": "5.00", "charge": OLD.to_json()}}
    assert [str(line.amount) for line in rerate(billed, known, MARCH)] == ["15.00"]


def test_charges_can_be_kept_in_sets():
    terms = {"values": {"region": ["eu"]}, "properties": {"unit_price": 1}}
    one, other = (
        Charge.build("standard", "c", "gb", {"unit_price": 1}, filters=[terms]) for _ in range(2)
    )
    assert len({one, other, OLD}) == 2


def test_what_was_given_back_keeps_its_terms_for_usage_that_comes_later_still():
    billed = stored(billed_after({}, [rate(OLD, D(100), MARCH)]))
    emptied = stored(billed_after(billed, []))
    [change] = difference(emptied, rerate(emptied, lambda _: Known(Metric("gb"), rows(20)), MARCH))
    assert (emptied["gb/c"]["amount"], str(change.amount)) == ("0", "1.00")


def test_a_billed_entry_without_terms_stops_instead_of_being_given_back():
    with pytest.raises(Invalid) as refusal:
        rerate({"gb/c": {"quantity": "1", "amount": "5.00"}}, lambda _: None, MARCH)
    assert list(refusal.value.details) == ["billed.gb/c"]
    assert rerate({"gb/c": {"quantity": "0", "amount": "0"}}, lambda _: None, MARCH) == []


def test_a_commitment_shrinks_by_the_usage_that_came_late():
    line = rate(OLD, D(200), MARCH)
    due = commitment(D(100), MARCH, D("29.00"), line.amount)
    assert due.amount == D("61.00")
    billed = stored(billed_after({}, [line, due]))
    changes = difference(billed, rerate(billed, lambda _: Known(Metric("gb"), rows(500)), MARCH))
    assert {item.key: str(item.amount) for item in changes} == {
        "gb/c": "15.00",
        "commitment": "-15.00",
    }


@given(*[st.integers(0, 20000).map(lambda cents: Decimal(cents).scaleb(-2))] * 3)
def test_base_usage_and_commitment_are_never_below_the_commitment(amount, base, usage):
    line = commitment(amount, MARCH, base, usage)
    assert line.amount >= 0
    assert base + usage + line.amount == max(amount, base + usage)
    assert agrees(line.derivation)


def test_a_commitment_reads_in_both_languages():
    part = Period(MARCH.start.replace(day=22), MARCH.end)
    line = commitment(D(310), MARCH, D(29), D("12.5"), active=part, name="Plan Pro")
    assert describe(line.derivation) == (
        "Plan Pro: at least $310.00, 10 of 31 days (22 Mar 2026 to 31 Mar 2026)"
    )
    assert [text.replace("\u00a0", "_") for text in explain(line.derivation, "fr_CA")] == [
        "Plan Pro (du 22 mars 2026 au 31 mars 2026)",
        "Engagement pour la période complète_: 310,00_$",
        "Part de 10 jours sur 31_: 100,00_$",
        "Facturé en frais de base_: 29,00_$",
        "Facturé pour la consommation_: 12,50_$",
        "Manque pour atteindre l’engagement_: 58,50_$",
    ]


def test_a_negative_commitment_is_refused():
    with pytest.raises(Invalid) as refusal:
        commitment(D(-1), MARCH, D(0), D(0))
    assert refusal.value.details == {"minimum_commitment": ["invalid_amount"]}
