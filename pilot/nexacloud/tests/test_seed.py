"""The seed is always the same, and has in it what billing engines stumble over."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from pilot.nexacloud import dataset, history
from pilot.nexacloud.data.places import CITIES, USERS_BY_PROVINCE
from pilot.nexacloud.periods import local_day
from pilot.nexacloud.records import Dataset
from pilot.nexacloud.taxes import RATES

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)


@pytest.fixture(scope="module")
def seed() -> Dataset:
    return dataset.build()


def test_building_twice_gives_the_same_rows(seed: Dataset) -> None:
    assert dataset.build.__wrapped__() == seed


def test_the_sizes_are_those_of_a_small_company(seed: Dataset) -> None:
    assert len(seed.users) >= 210
    assert len(seed.plans) == 9
    assert 185 <= len(seed.subscriptions) <= 200
    assert 255 <= len(seed.deployments) <= 275
    assert 55_000 <= len(seed.counters) <= 62_000


def test_users_live_in_all_thirteen_provinces_and_territories(seed: Dataset) -> None:
    assert {user.province for user in seed.users} == {*RATES, None}
    assert set(RATES) == set(CITIES) == set(USERS_BY_PROVINCE)


def test_postal_codes_have_the_shape_and_first_letter_of_their_province(seed: Dataset) -> None:
    letters = {"ON": "KLMNP", "QC": "GHJ", "BC": "V", "AB": "T", "MB": "R", "SK": "S", "NS": "B",
               "NB": "E", "NL": "A", "PE": "C", "YT": "Y", "NT": "X", "NU": "X"}  # fmt: skip
    for user in seed.users:
        if user.province:
            assert re.fullmatch(r"[A-Z]\d[A-Z] \d[A-Z]\d", user.postal_code or "")
            assert (user.postal_code or "")[0] in letters[user.province]


def test_one_user_has_no_province_and_two_share_a_mailbox(seed: Dataset) -> None:
    assert sum(user.province is None for user in seed.users) == 1
    mailboxes = Counter(user.email.lower() for user in seed.users)
    assert [count for count in mailboxes.values() if count > 1] == [2]
    assert len({user.email for user in seed.users}) == len(seed.users)
    ((mailbox, _),) = mailboxes.most_common(1)
    first, second = (user for user in seed.users if user.email.lower() == mailbox)
    assert (first.province, first.timezone) == (second.province, second.timezone)


def test_only_users_at_home_time_have_no_time_zone(seed: Dataset) -> None:
    without = [user for user in seed.users if user.timezone is None]
    assert without
    homes = {city.name for rows in CITIES.values() for city in rows if "Toronto" in city.timezone}
    assert {user.city for user in without} <= homes


def test_inactive_users_have_no_open_subscription(seed: Dataset) -> None:
    inactive = {user.id for user in seed.users if not user.is_active}
    statuses = {each.status for each in seed.subscriptions if each.user_id in inactive}
    assert statuses == {"cancelled"}


def test_every_kind_of_period_is_there(seed: Dataset) -> None:
    open_ones = [each for each in seed.subscriptions if each.status != "cancelled"]
    periods = Counter((each.current_period_start, each.current_period_end) for each in open_ones)
    assert periods[MARCH, APRIL] > 100
    assert periods[date(2026, 2, 28), date(2026, 3, 31)] == 2
    assert periods[date(2026, 2, 1), MARCH] == 2
    middle = [end for (start, end) in periods.elements() if start.month == 2 and end.day > 1]
    assert len(middle) >= 25
    statuses = Counter(each.status for each in seed.subscriptions)
    assert min(statuses[each] for each in ("trialing", "past_due", "cancelled")) >= 6


def test_a_trial_ends_in_march_on_the_day_its_period_ends(seed: Dataset) -> None:
    zones = {user.id: user.zone for user in seed.users}
    for each in seed.subscriptions:
        if each.status == "trialing" and each.trial_ends_at:
            assert local_day(each.trial_ends_at, zones[each.user_id]) == each.current_period_end
            assert MARCH < each.current_period_end < APRIL


def test_counters_are_full_hours_inside_their_window_with_at_most_six_decimals(
    seed: Dataset,
) -> None:
    zones = {user.id: user.zone for user in seed.users}
    contracts = {each.id: each for each in seed.subscriptions}
    for row in seed.counters:
        contract = contracts[row.subscription_id]
        day = local_day(row.hour, zones[contract.user_id])
        winter = history.FIRST_DAY <= day < contract.current_period_start
        assert winter or max(contract.current_period_start, date(2026, 2, 12)) <= day <= APRIL
        assert (row.hour.minute, row.hour.second) == (0, 0)
        assert row.quantity == round(row.quantity, 6) and row.quantity > 0
        assert contract.status in ("active", "past_due")


def test_no_deployment_has_two_counters_for_one_hour(seed: Dataset) -> None:
    keys = {(row.deployment_id, row.metric, row.hour) for row in seed.counters}
    assert len(keys) == len(seed.counters)


def test_there_is_usage_around_the_clock_change_and_after_the_last_midnight(seed: Dataset) -> None:
    hours = Counter(row.hour for row in seed.counters)
    assert all(hours[datetime(2026, 3, 8, hour, tzinfo=UTC)] > 10 for hour in range(4, 12))
    zones = {user.id: user.zone for user in seed.users}
    owners = {each.id: each.user_id for each in seed.subscriptions}
    late = {
        zones[owners[row.subscription_id]]
        for row in seed.counters
        if row.hour >= datetime(2026, 4, 1, 2, tzinfo=UTC)
        and local_day(row.hour, zones[owners[row.subscription_id]]) == APRIL
    }
    assert {"America/St_Johns", "America/Toronto", "America/Vancouver"} <= late


def test_some_use_exactly_their_quota_and_some_nothing(seed: Dataset) -> None:
    quotas = {plan.id: plan.included_bandwidth_gb for plan in seed.plans}
    used: Counter[object] = Counter()
    zones = {user.id: user.zone for user in seed.users}
    homes = {each.id: zones[each.user_id] for each in seed.subscriptions}
    for row in seed.counters:
        day = local_day(row.hour, homes[row.subscription_id])
        if row.metric == "bandwidth_gb" and MARCH <= day < APRIL:
            used[row.subscription_id] += row.quantity  # type: ignore[assignment]
    regular = [each for each in seed.subscriptions if each.current_period_start == MARCH]
    exact = [each for each in regular if used[each.id] == quotas[each.plan_id] != Decimal(0)]
    assert exact
    assert any(used[each.id] == 0 for each in regular)
