"""The agent counts everything once, whatever breaks on the way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from pilot.nexacloud.agent import Agent, Place, Row
from pilot.nexacloud.push import Pusher, PushError
from pilot.nexacloud.tests.fake_lago import FakeLago

SUBSCRIPTION = UUID("11111111-1111-4111-8111-111111111111")
DEPLOYMENT = UUID("22222222-2222-4222-8222-222222222222")
FIRST_HOUR = datetime(2026, 3, 1, 5, tzinfo=UTC)


class MemoryQueue:
    """The table in memory; after `crash_after` batches are marked, the process dies."""

    def __init__(self, count: int) -> None:
        self.rows = [
            Row(number + 1, SUBSCRIPTION, DEPLOYMENT, "bandwidth_gb",
                FIRST_HOUR + timedelta(hours=number), Decimal("0.250000") + number)
            for number in range(count)
        ]  # fmt: skip
        self.marked: set[int] = set()
        self.crash_after: int | None = None

    def page(self, after: Place, replay: bool, until: datetime) -> list[Row]:
        waiting = [
            row
            for row in self.rows
            if row.place > after and (replay or row.id not in self.marked) and row.hour < until
        ]
        return waiting[:100]

    def mark(self, ids: list[int]) -> None:
        if self.crash_after == 0:
            raise KeyboardInterrupt
        if self.crash_after is not None:
            self.crash_after -= 1
        self.marked.update(ids)


def agent_for(queue: MemoryQueue, lago: FakeLago, attempts: int = 4) -> Agent:
    return Agent(queue, Pusher(lago.url, "fbk_test", attempts, pause=lambda seconds: None))


def test_every_counter_arrives_once_in_batches_of_at_most_a_hundred() -> None:
    queue = MemoryQueue(250)
    with FakeLago() as lago:
        outcome = agent_for(queue, lago).run()
    assert outcome.statuses == {"accepted": 250}
    assert sorted(len(body["events"]) for body in lago.requests) == [50, 100, 100]
    assert lago.authorizations == {"Bearer fbk_test"}
    assert len(queue.marked) == 250


def test_an_event_carries_the_counter_as_decimal_text_under_its_metric() -> None:
    with FakeLago() as lago:
        agent_for(MemoryQueue(1), lago).run()
    (event,) = lago.events.values()
    assert event["transaction_id"] == f"nc-{DEPLOYMENT}-bandwidth_gb-2026030105"
    assert event["external_subscription_id"] == str(SUBSCRIPTION)
    assert event["code"] == "bandwidth_gb"
    assert int(event["timestamp"]) == int(FIRST_HOUR.timestamp())
    assert event["properties"] == {"bandwidth_gb": "0.25"}


def test_the_id_does_not_depend_on_the_time_zone_the_hour_is_read_in() -> None:
    row = MemoryQueue(1).rows[0]
    elsewhere = row._replace(hour=row.hour.astimezone(ZoneInfo("America/St_Johns")))
    assert elsewhere.as_event() == row.as_event()


def test_a_second_run_pushes_nothing() -> None:
    queue = MemoryQueue(120)
    with FakeLago() as lago:
        agent_for(queue, lago).run()
        before = len(lago.requests)
        outcome = agent_for(queue, lago).run()
        assert len(lago.requests) == before
    assert outcome.statuses.total() == 0


def test_a_replay_is_answered_as_duplicates() -> None:
    queue = MemoryQueue(120)
    with FakeLago() as lago:
        agent_for(queue, lago).run()
        outcome = agent_for(queue, lago).run(replay=True)
    assert outcome.statuses == {"duplicate": 120}
    assert len(lago.events) == 120


def test_until_leaves_later_hours_unpushed() -> None:
    queue = MemoryQueue(48)
    with FakeLago() as lago:
        agent_for(queue, lago).run(until=FIRST_HOUR + timedelta(hours=24))
    assert len(lago.events) == 24


def test_an_agent_killed_between_sending_and_marking_resumes_without_counting_twice() -> None:
    queue = MemoryQueue(900)
    with FakeLago() as lago:
        queue.crash_after = 2
        with pytest.raises(KeyboardInterrupt):
            agent_for(queue, lago).run()
        assert len(queue.marked) == 200
        sent_unmarked = len(lago.events) - 200
        queue.crash_after = None
        outcome = agent_for(queue, lago).run()
    assert sent_unmarked > 0
    assert outcome.statuses == {"accepted": 700 - sent_unmarked, "duplicate": sent_unmarked}
    assert len(lago.events) == 900
    assert len(queue.marked) == 900


def test_an_answer_lost_on_the_way_back_is_asked_for_again() -> None:
    queue = MemoryQueue(10)
    with FakeLago(failures=["drop", 503, 500]) as lago:
        outcome = agent_for(queue, lago).run()
    assert outcome.statuses == {"duplicate": 10}
    assert len(queue.marked) == 10


def test_a_server_that_stays_down_stops_the_agent_with_nothing_marked() -> None:
    queue = MemoryQueue(10)
    with FakeLago(failures=[503] * 4) as lago, pytest.raises(PushError, match="after 4 tries"):
        agent_for(queue, lago).run()
    assert queue.marked == set()


def test_a_wrong_key_is_not_tried_again() -> None:
    queue = MemoryQueue(10)
    with FakeLago(failures=[401] * 4) as lago, pytest.raises(PushError, match="401"):
        agent_for(queue, lago).run()
    assert lago.failures == [401] * 3


def test_a_conflicting_event_is_left_out_and_the_rest_of_its_batch_still_arrives() -> None:
    queue = MemoryQueue(10)
    wrong = queue.rows[3].as_event().transaction_id
    with FakeLago() as lago:
        lago.conflicts = {wrong}
        outcome = agent_for(queue, lago).run()
    assert outcome.statuses == {"accepted": 9, "refused": 1}
    assert list(outcome.refused) == [wrong]
    assert queue.marked == {row.id for row in queue.rows} - {queue.rows[3].id}
