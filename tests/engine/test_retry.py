"""At least ten tries over at least three days, whatever chance says."""

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from engine.retry import MAX_ATTEMPTS, SCHEDULE, delay, parse_retry_after, succeeded
from hypothesis import given
from hypothesis import strategies as st

chances = st.floats(0, 1, exclude_max=True)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@given(st.lists(chances, min_size=MAX_ATTEMPTS, max_size=MAX_ATTEMPTS))
def test_there_are_ten_tries_over_72_hours_at_least(random):
    tries, waited = 0, timedelta()
    for attempt in count(1):
        tries += 1
        wait = delay(attempt, random[attempt - 1])
        if wait is None:
            break
        waited += wait
    assert tries == MAX_ATTEMPTS >= 10
    assert timedelta(hours=72) <= waited <= timedelta(days=5)


@given(st.integers(1, len(SCHEDULE)), chances)
def test_jitter_stays_within_a_fifth(attempt, chance):
    seconds = delay(attempt, chance).total_seconds()
    assert 0.8 * SCHEDULE[attempt - 1] - 1 <= seconds <= 1.2 * SCHEDULE[attempt - 1] + 1


@given(st.integers(1, len(SCHEDULE)), chances, st.integers(0, 10**9))
def test_retry_after_never_shortens_and_never_parks_for_ever(attempt, chance, asked):
    plain, wait = delay(attempt, chance), delay(attempt, chance, asked)
    assert plain <= wait <= timedelta(seconds=max(2 * SCHEDULE[attempt - 1], 3600))
    if asked <= 3600:
        assert wait >= timedelta(seconds=asked)


def test_only_lagos_four_statuses_are_a_success():
    assert [status for status in range(100, 600) if succeeded(status)] == [200, 201, 202, 204]


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("", None),
        ("120", 120),
        (" 7 ", 7),
        ("Sun, 01 Mar 2026 12:05:00 GMT", 300),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0),
        ("1.5", None),
        ("-3", None),
        ("9" * 400, 999999999),
    ],
)
def test_retry_after_is_read_as_seconds_or_date(header, seconds):
    assert parse_retry_after(header, NOON) == seconds


def test_delay_follows_a_failed_try():
    with pytest.raises(ValueError, match="failed try"):
        delay(0, 0.5)
