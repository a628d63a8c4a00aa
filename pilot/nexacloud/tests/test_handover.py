"""What was cut over is no longer billed here, whatever comes when; what is given back is again."""

from __future__ import annotations

import http.client
import itertools
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from typing import Any
from urllib.parse import urlsplit

import pytest

from pilot.nexacloud import billing, dataset, handover, rating
from pilot.nexacloud.receiver import Receiver
from pilot.nexacloud.records import Dataset
from pilot.nexacloud.signatures import lago_signature

SECRET = "a webhook secret"
FIRST, SECOND = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
MARCH, APRIL, MAY = date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)


class Database:
    """The app's two tables in SQLite, whose dialect differs in the sign for a parameter alone."""

    def __init__(self) -> None:
        self._lite = sqlite3.connect(":memory:", check_same_thread=False)
        self._lite.execute("CREATE TABLE subscriptions (id TEXT PRIMARY KEY)")
        self._lite.execute(
            "CREATE TABLE billing_handovers (subscription_id TEXT PRIMARY KEY, billed_from TEXT,"
            " number INTEGER NOT NULL)"
        )
        self._lite.executemany("INSERT INTO subscriptions VALUES (?)", [(FIRST,), (SECOND,)])

    def cursor(self) -> Database:
        self._cursor = self._lite.cursor()
        return self

    def execute(self, statement: str, values: tuple[Any, ...] = ()) -> None:
        self._cursor.execute(statement.replace("%s", "?"), values)

    def fetchall(self) -> list[tuple[str, date]]:
        return [(name, date.fromisoformat(day)) for name, day in self._cursor.fetchall()]

    @property
    def rowcount(self) -> int:
        return self._cursor.rowcount

    def close(self) -> None:
        self._cursor.close()

    def end(self) -> None:
        self._lite.close()


@pytest.fixture
def database() -> Iterator[Database]:
    made = Database()
    yield made
    made.end()


@pytest.fixture(scope="module")
def seed() -> Dataset:
    return dataset.build()


def event(kind: str, number: int, billed_from: date = APRIL, who: str = FIRST) -> dict[str, Any]:
    told = {
        "external_id": who,
        "billed_from": billed_from.isoformat(),
        "cut_over": f"CUT/{number:05}",
        "handover_number": number,
    }
    return {"webhook_type": kind, "object_type": "subscription", "subscription": told}


STORY = [
    event(handover.CUT_OVER, 1),
    event(handover.ROLLED_BACK, 2),
    event(handover.CUT_OVER, 3, MAY),
    event(handover.ROLLED_BACK, 4, MAY),
]


def test_a_cut_over_is_kept_and_a_roll_back_gives_back(database: Database) -> None:
    assert handover.obey(database, STORY[0])
    assert handover.read(database) == {FIRST: APRIL}
    assert handover.obey(database, STORY[1])
    assert handover.read(database) == {}


@pytest.mark.parametrize(("newest", "expected"), [(3, {FIRST: MAY}), (4, {})])
def test_in_any_order_and_however_often_the_newest_word_counts(
    newest: int, expected: dict[str, date]
) -> None:
    for order in itertools.permutations([*STORY[:newest], STORY[0]]):
        database = Database()
        for each in order:
            handover.obey(database, each)
        assert handover.read(database) == expected, [each["subscription"] for each in order]
        database.end()


def test_one_subscription_s_word_is_no_other_s(database: Database) -> None:
    handover.obey(database, STORY[0])
    handover.obey(database, event(handover.ROLLED_BACK, 2, who=SECOND))
    assert handover.read(database) == {FIRST: APRIL}
    assert not handover.obey(database, event(handover.CUT_OVER, 3, who="never heard of"))


def test_other_webhooks_say_nothing_about_who_bills(database: Database) -> None:
    assert not handover.obey(database, {"webhook_type": "invoice.created", "invoice": {}})
    assert handover.read(database) == {}


def test_a_cut_over_without_a_day_is_not_taken_for_a_roll_back(database: Database) -> None:
    handover.obey(database, STORY[0])
    without = event(handover.CUT_OVER, 9)
    without["subscription"]["billed_from"] = None
    with pytest.raises(ValueError):
        handover.obey(database, without)
    assert handover.read(database) == {FIRST: APRIL}


# ------------------------------------------------------------------------- the app's own billing
def test_nothing_is_billed_from_the_day_on_and_everything_before(seed: Dataset) -> None:
    all_invoices, _ = rating.bill(seed, APRIL)
    twice = [row for row in all_invoices if row.invoice_date == MARCH]
    name = next(row.external_subscription_id for row in twice)
    mine = [
        (row.invoice_date, row.total)
        for row in billing.everything(seed, APRIL, {name: APRIL})[0]
        if row.external_subscription_id == name
    ]
    before = [row for row in all_invoices if row.external_subscription_id == name]
    assert [row.invoice_date for row in before] == [MARCH, APRIL]
    assert mine == [(MARCH, before[0].total)]


def test_others_are_billed_as_before(seed: Dataset) -> None:
    everything, held = billing.everything(seed, APRIL)
    own = [row for row in everything if row.service == rating.SERVICE]
    gone = own[0].external_subscription_id
    left, _ = billing.everything(seed, APRIL, {gone: MARCH})
    assert [row for row in everything if row.external_subscription_id != gone] == left
    nobody = dict.fromkeys({row.external_subscription_id for row in (*own, *held)}, MARCH)
    others, still_held = billing.everything(seed, APRIL, nobody)
    assert {row.service for row in others} == {"nexamaps", "nexamembers"}
    assert still_held == []


class Moves:
    """A connection that remembers the updates."""

    def __init__(self) -> None:
        self.ended: dict[str, list[date]] = {}

    def cursor(self) -> Moves:
        return self

    def __enter__(self) -> Moves:
        return self

    def __exit__(self, *error: object) -> None:
        """Nothing to close."""

    def execute(self, statement: str, values: tuple[Any, ...]) -> None:
        self.ended.setdefault(str(values[2]), []).append(values[0])


def test_a_subscription_stays_in_the_period_that_the_app_billed_last(seed: Dataset) -> None:
    name = next(
        row.external_subscription_id
        for row in rating.bill(seed, APRIL)[0]
        if row.invoice_date == MARCH
    )
    free, bound = Moves(), Moves()
    billing.move_on(free, seed, APRIL)
    billing.move_on(bound, seed, APRIL, {name: APRIL})
    assert free.ended[name] == [MARCH, APRIL]
    assert bound.ended[name] == [MARCH]
    assert {key: days for key, days in free.ended.items() if key != name} == {
        key: days for key, days in bound.ended.items() if key != name
    }


def test_what_is_held_keeps_its_period_until_it_can_be_billed(seed: Dataset) -> None:
    moved = Moves()
    billing.move_on(moved, seed, APRIL)
    (held,) = rating.bill(seed, APRIL)[1]
    assert held.external_subscription_id not in moved.ended
    assert len(moved.ended) > 150


# ----------------------------------------------------------------------------------- the receiver
def post(receiver: Receiver, told: dict[str, Any], key: str, secret: str = SECRET) -> int:
    body = json.dumps(told).encode()
    headers = {"X-Lago-Signature": lago_signature(secret, body), "X-Lago-Unique-Key": key}
    address = urlsplit(receiver.url)
    with closing(http.client.HTTPConnection(address.hostname or "", address.port, timeout=5)) as to:
        to.request("POST", address.path, body, headers)
        return to.getresponse().status


def test_only_what_is_signed_is_obeyed(database: Database) -> None:
    with Receiver(SECRET, obey=lambda told: handover.obey(database, told)) as receiver:
        assert post(receiver, STORY[0], "k-1", secret="another") == 401
        assert handover.read(database) == {}
        assert post(receiver, STORY[0], "k-1") == 200
        assert handover.read(database) == {FIRST: APRIL}


def test_what_could_not_be_obeyed_is_answered_with_500_and_obeyed_the_next_time(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    troubles = [OSError("the database is down")]

    def obey(told: dict[str, Any]) -> None:
        if troubles:
            raise troubles.pop()
        handover.obey(database, told)

    with Receiver(SECRET, obey=obey) as receiver:
        assert post(receiver, STORY[0], "k-1") == 500
        assert receiver.events() == []
        assert post(receiver, STORY[0], "k-1") == 200
        assert post(receiver, STORY[0], "k-1") == 200
        assert len(receiver.events()) == 1
    assert handover.read(database) == {FIRST: APRIL}
    assert "the database is down" in capsys.readouterr().err
