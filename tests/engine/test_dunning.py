"""Nobody is cut off on a closed day, without a warning, below the threshold, or twice."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from engine.dunning import (
    CUTS,
    DECLINES,
    HARD,
    WHAT_NEXT,
    Step,
    business_days,
    classify,
    counted_from,
    due,
    every_day,
    shift,
)
from hypothesis import given
from hypothesis import strategies as st

DAY = timedelta(days=1)
START = date(2026, 5, 1)
OWED, MINIMUM = Decimal(40), Decimal(5)
HOSTING = [
    Step("remind", 1, "mail", mails=True),
    Step("retry-3", 3, "retry", mails=True),
    Step("retry-5", 5, "retry"),
    Step("warn", 10, "retry", mails=True),
    Step("suspend", 11, "suspend", mails=True),
    Step("last", 30, "retry", mails=True),
    Step("end", 40, "terminate", mails=True),
]
days = st.dates(date(2025, 1, 1), date(2027, 12, 31))
holidays = st.frozensets(days, max_size=40)


@st.composite
def calendars(draw):
    """Policies in any order of days, the end last."""
    lines = draw(
        st.lists(
            st.tuples(st.integers(0, 40), st.sampled_from(["mail", "retry", "suspend"])),
            unique=True,
            max_size=8,
        )
    )
    steps = [
        Step(place, day, action, action == "mail" or draw(st.booleans()))
        for place, (day, action) in enumerate(lines)
    ]
    end = max([day for day, _action in lines], default=0) + draw(st.integers(0, 30))
    return [*steps, Step("end", end, "terminate", draw(st.booleans()))]


def play(steps, run_days, *, is_open=every_day, balance=lambda _day: OWED, anchor=START):
    """Run the job on these days; ``[(day, step, whether it was done)]``."""
    done, story = {}, []
    for day in run_days:
        todo = due(steps, anchor, day, done, is_open=is_open, balance=balance(day), minimum=MINIMUM)
        story += [(day, step, True) for step in todo.steps]
        story += [(day, step, False) for step in todo.overtaken]
        done |= {step.key: day for step in [*todo.steps, *todo.overtaken]}
    return story


def every_day_from(start, count):
    return [start + number * DAY for number in range(count)]


def test_the_hosting_calendar_plays_on_its_days():
    story = play(HOSTING, every_day_from(START, 60))
    assert [((day - START).days, step.key) for day, step, _done in story] == [
        (1, "remind"), (3, "retry-3"), (5, "retry-5"), (10, "warn"), (11, "suspend"),
        (30, "last"), (40, "end"),
    ]  # fmt: skip


def test_a_job_that_was_down_for_two_months_warns_first_and_ends_a_month_after_it_suspends():
    story = play(HOSTING, every_day_from(START + 60 * DAY, 60))
    done = [((day - START).days, step.key) for day, step, acted in story if acted]
    assert done == [(60, "warn"), (61, "suspend"), (80, "last"), (90, "end")]


@given(days, holidays)
def test_shifted_days_are_business_days_and_never_earlier(day, closed):
    is_open = business_days(closed)
    moved = shift(day, is_open)
    assert moved >= day
    assert is_open(moved) or (moved == day and not any(map(is_open, every_day_from(day, 31))))
    assert all(not is_open(between) for between in every_day_from(day, (moved - day).days))


@given(calendars(), st.sets(st.integers(0, 150)), holidays)
def test_each_step_comes_once_and_cuts_and_mails_on_business_days_only(steps, runs, closed):
    is_open = business_days(closed)
    story = play(steps, [START + number * DAY for number in sorted(runs)], is_open=is_open)
    keys = [step.key for _day, step, _done in story]
    assert len(keys) == len(set(keys))
    for day, step, acted in story:
        assert day >= START + step.day * DAY
        assert is_open(day) or not (acted and (step.cuts or step.mails))


@given(calendars(), st.sets(st.integers(0, 150)))
def test_a_cut_never_comes_on_the_day_of_a_warning_or_of_another_cut(steps, runs):
    story = play(steps, [START + number * DAY for number in sorted(runs)])
    cuts = {day: step for day, step, _done in story if step.cuts}
    assert len(cuts) == sum(step.cuts for _day, step, _done in story)
    for day, step, acted in story:
        if acted and step.mails and not step.cuts and day in cuts:
            assert step.day >= cuts[day].day


@given(calendars(), st.sets(st.integers(0, 150)))
def test_the_end_keeps_its_distance_to_the_suspension(steps, runs):
    story = play(steps, [START + number * DAY for number in sorted(runs)])
    cuts = [(day, step) for day, step, _done in story if step.cuts]
    for (earlier, first), (later, second) in zip(cuts, cuts[1:], strict=False):
        assert (later - earlier).days >= max(second.day - first.day, 1)


@given(calendars(), st.lists(st.decimals(0, 10, places=2), min_size=150, max_size=150))
def test_nobody_is_cut_below_the_threshold(steps, balances):
    def owed(day):
        return balances[(day - START).days]

    for day, step, _done in play(steps, every_day_from(START, 150), balance=owed):
        assert not step.cuts or owed(day) >= MINIMUM


def test_at_the_threshold_itself_the_policy_acts():
    at = play(HOSTING, every_day_from(START, 12), balance=lambda _day: MINIMUM)
    below = play(HOSTING, every_day_from(START, 12), balance=lambda _day: Decimal("4.99"))
    assert [step.key for _day, step, _done in at if step.cuts] == ["suspend"]
    assert [step.key for _day, step, _done in below if step.cuts] == []


def test_what_waits_for_the_balance_is_told():
    done = {step.key: START + step.day * DAY for step in HOSTING[:4]}
    todo = due(HOSTING, START, START + 11 * DAY, done, balance=Decimal(1), minimum=MINIMUM)
    assert [step.key for step in todo.waits_for_balance] == ["suspend"]
    assert todo.steps == []


@given(calendars(), st.sets(st.integers(0, 150)))
def test_one_letter_and_one_retry_a_day_beside_a_cut(steps, runs):
    story = play(steps, [START + number * DAY for number in sorted(runs)])
    for today in {day for day, _step, _done in story}:
        gentle = [step for day, step, acted in story if day == today and acted and not step.cuts]
        assert sum(step.mails for step in gentle) <= 1
        assert sum(step.action == "retry" for step in gentle) <= 2


@given(days, days, calendars())
def test_a_debt_noticed_late_begins_with_the_first_step(oldest, noticed, steps):
    anchor = counted_from(oldest, noticed, steps)
    first = min(step.day for step in steps)
    assert anchor >= oldest
    assert anchor + first * DAY >= min(noticed, oldest + first * DAY)


# ------------------------------------------------------------------ the table of declines
@pytest.mark.parametrize(
    ("kind", "codes"),
    [
        ("soft", "insufficient_funds generic_decline do_not_honor issuer_not_available "
         "try_again_later reenter_transaction card_velocity_exceeded processing_error"),
        ("customer", "authentication_required"),
        ("new_card", "expired_card incorrect_number invalid_account incorrect_cvc "
         "card_not_supported restricted_card currency_not_supported"),
        ("hard", "lost_card stolen_card pickup_card fraudulent revocation_of_authorization "
         "revocation_of_all_authorizations stop_payment_order transaction_not_allowed "
         "highest_risk_level merchant_blacklist"),
    ],
)  # fmt: skip
def test_each_code_of_the_table_is_in_its_class(kind, codes):
    for code in codes.split():
        assert classify("card_declined", code) == kind
        assert classify(code) == kind
        assert DECLINES[code] == kind


def test_only_soft_declines_are_retried_and_only_hard_ones_put_the_card_away():
    assert [kind for kind, then in WHAT_NEXT.items() if then.retry] == ["soft"]
    assert [kind for kind, then in WHAT_NEXT.items() if then.archive] == [HARD]
    assert not WHAT_NEXT["unknown"].counts


@given(st.sampled_from(["do_not_try_again", "try_again_later", "confirm_card_data", "news", None]))
def test_no_advice_makes_a_stolen_card_chargeable(advice):
    for code in (code for code, kind in DECLINES.items() if kind == HARD):
        assert classify("card_declined", code, advice) == HARD


def test_advice_wins_where_it_may():
    assert classify("card_declined", "generic_decline", "do_not_try_again") == "new_card"
    assert classify("card_declined", "restricted_card", "try_again_later") == "soft"
    assert classify("card_declined", "do_not_honor", "confirm_card_data") == "new_card"
    assert classify("card_declined", "authentication_required", "try_again_later") == "customer"


def test_what_is_no_word_of_the_bank_is_no_decline():
    for code in ("rate_limit", "lock_timeout", "idempotency_key_in_use", None, ""):
        assert classify(code) == "unknown"
    assert classify("card_declined", "a_code_of_next_year") == "soft"


def test_a_cut_is_one_of_two_actions():
    assert CUTS == ("suspend", "terminate")
