"""What an app's word does to a command, and when it is told again."""

from datetime import timedelta

import pytest
from engine.command import DESIRED, OPEN, judge, needed, resend_delay
from hypothesis import given
from hypothesis import strategies as st

states = st.sampled_from(sorted(set(DESIRED.values())))
statuses = st.sampled_from([*OPEN, "confirmed", "refused", "superseded"])


@given(statuses, states, states, st.booleans())
def test_an_old_word_never_confirms_nor_refuses(status, desired, reported, refused):
    assert judge(False, status, desired, reported, refused) in ("stale", "repeat")


@given(st.booleans(), statuses, states, states, st.booleans())
def test_only_the_desired_state_confirms(newest, status, desired, reported, refused):
    if judge(newest, status, desired, reported, refused) == "confirm":
        assert newest and reported == desired and not refused
        assert status in (*OPEN, "refused")


@given(statuses, states, states, st.booleans())
def test_a_word_said_twice_changes_nothing_the_second_time(status, desired, reported, refused):
    after = {"confirm": "confirmed", "refuse": "refused"}
    verdict = judge(True, status, desired, reported, refused)
    if verdict in after:
        assert judge(True, after[verdict], desired, reported, refused) == "repeat"


@pytest.mark.parametrize(
    ("status", "reported", "refused", "verdict"),
    [
        ("sent", "active", False, "contradict"),
        ("sent", "suspended", True, "contradict"),
        ("sent", "active", True, "refuse"),
        ("refused", "suspended", False, "confirm"),
        ("confirmed", "active", True, "contradict"),
        ("superseded", "suspended", False, "stale"),
    ],
)
def test_what_the_newest_command_hears(status, reported, refused, verdict):
    assert judge(True, status, "suspended", reported, refused) == verdict


@given(states, st.sampled_from([*OPEN, "confirmed"]), states)
def test_the_app_is_not_told_twice_to_do_one_thing(desired, status, confirmed):
    assert not needed(desired, desired, status, confirmed)


@given(states, states, statuses)
def test_another_wish_is_always_told(desired, commanded, status):
    if desired != commanded:
        assert needed(desired, commanded, status, desired)


def test_the_waits_grow_to_a_day_and_stay_there():
    waits = [resend_delay(attempt) for attempt in range(1, 20)]
    assert waits == sorted(waits)
    assert waits[0] == timedelta(minutes=5)
    assert waits[-1] == timedelta(days=1)
    with pytest.raises(ValueError):
        resend_delay(0)
