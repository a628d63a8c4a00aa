"""The app does what it is told, the newest word wins, and each command done is confirmed."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from pilot.nexacloud.enforcement import CommandApi, Enforcer
from pilot.nexacloud.receiver import Receiver
from pilot.nexacloud.signatures import lago_signature
from pilot.nexacloud.states import Command, ServiceStates
from pilot.nexacloud.tests.fake_billing import FakeBilling


@pytest.fixture
def billing() -> Iterator[FakeBilling]:
    with FakeBilling() as billing:
        yield billing


class App:
    """An app with its table; `done` is what it did to its customers' services."""

    def __init__(self, billing: FakeBilling, path: str = ":memory:") -> None:
        self.states = ServiceStates(path)
        self.done: list[tuple[str, str]] = []
        api = CommandApi(billing.url, "fbk_test")
        self.enforcer = Enforcer(self.states, api, lambda *what: self.done.append(what), 0.05)

    def hear(self, event: dict) -> str:
        outcome = self.enforcer.obey(Command.of(event["command"]))
        self.enforcer.settle()
        return outcome


def test_a_command_is_carried_out_and_confirmed(billing: FakeBilling) -> None:
    app = App(billing)
    assert app.states.state("sub/1 ü") == "active"
    assert app.hear(billing.issue("sub/1 ü", "suspended")) == "new"
    assert app.states.state("sub/1 ü") == "suspended"
    assert app.done == [("sub/1 ü", "suspended")]
    assert billing.confirmed == [("c-1", "suspended")]
    assert billing.keys == {"Bearer fbk_test"}
    assert app.states.untold() == []


def test_an_older_command_that_comes_later_is_refused(billing: FakeBilling) -> None:
    app = App(billing)
    older, newer = billing.issue("sub-1", "suspended"), billing.issue("sub-1", "active")
    assert app.hear(newer) == "new"
    assert app.hear(older) == "stale"
    assert app.states.state("sub-1") == "active"
    assert app.done == [("sub-1", "active")]
    assert billing.confirmed == [("c-2", "active")]


def test_numbers_of_different_subscriptions_do_not_overtake_each_other(
    billing: FakeBilling,
) -> None:
    app = App(billing)
    first, second = billing.issue("sub-1", "suspended"), billing.issue("sub-2", "suspended")
    assert [app.hear(second), app.hear(first)] == ["new", "new"]
    assert billing.confirmed == [("c-2", "suspended"), ("c-1", "suspended")]


def test_a_command_told_again_is_confirmed_again(billing: FakeBilling) -> None:
    app = App(billing)
    event = billing.issue("sub-1", "suspended")
    assert [app.hear(event), app.hear(event)] == ["new", "repeated"]
    assert billing.confirmed == [("c-1", "suspended")] * 2


@pytest.mark.parametrize("trouble", [503, 429, "drop"])
def test_what_could_not_be_said_is_said_later(billing: FakeBilling, trouble: int | str) -> None:
    app = App(billing)
    billing.failures = [trouble]
    app.hear(billing.issue("sub-1", "suspended"))
    assert [command.id for command in app.states.untold()] == ["c-1"]
    app.enforcer.settle()
    assert app.states.untold() == []
    assert set(billing.confirmed) == {("c-1", "suspended")}
    assert len(app.done) == 1


def test_a_confirmation_that_was_overtaken_leads_to_the_newest_command(
    billing: FakeBilling,
) -> None:
    app = App(billing)
    event = billing.issue("sub-1", "suspended")
    billing.issue("sub-1", "active")
    app.hear(event)
    app.enforcer.settle()
    assert app.states.state("sub-1") == "active"
    assert billing.confirmed == [("c-2", "active")]
    assert app.states.untold() == []


def test_what_the_billing_system_will_never_take_is_kept_to_be_seen(billing: FakeBilling) -> None:
    app = App(billing)
    billing.failures = [404]
    app.hear(billing.issue("sub-1", "suspended"))
    assert app.states.untold() == []
    assert "HTTP 404" in app.states.trouble()["sub-1"]


def test_after_a_downtime_every_waiting_command_is_read_and_carried_out(
    billing: FakeBilling, tmp_path: Path
) -> None:
    path = str(tmp_path / "services.sqlite")
    app = App(billing, path)
    app.hear(billing.issue("sub-0", "suspended"))
    app.states.close()
    billing.issue("sub-0", "active")
    billing.issue("sub-0", "terminated")
    for number in range(1, 111):
        billing.issue(f"sub-{number}", "suspended")
    app = App(billing, path)
    app.enforcer.catch_up()
    assert app.states.state("sub-0") == "terminated"
    assert app.states.state("sub-110") == "suspended"
    assert len(app.done) == 111
    assert {c["status"] for c in billing.commands.values()} == {"confirmed", "superseded"}


def test_an_app_that_lost_its_table_is_not_misled_by_old_webhooks(billing: FakeBilling) -> None:
    app = App(billing)
    history = [billing.issue("sub-1", state) for state in ("suspended", "active")]
    app.hear(history[1])
    app = App(billing)
    app.enforcer.catch_up()
    assert [app.hear(event) for event in history] == ["stale", "repeated"]
    assert ("sub-1", "suspended") not in app.done


def test_the_list_is_read_on_from_where_it_was_read_to(billing: FakeBilling) -> None:
    app = App(billing)
    billing.issue("sub-1", "suspended")
    app.enforcer.catch_up()
    assert app.states.cursor() == 1
    billing.issue("sub-1", "active")
    app.enforcer.catch_up()
    app.enforcer.catch_up()
    assert app.done == [("sub-1", "suspended"), ("sub-1", "active")]
    assert app.states.cursor() == 2


def post(receiver: Receiver, event: dict, key: str) -> int:
    body = json.dumps(event).encode()
    address = urlsplit(receiver.url)
    headers = {"X-Lago-Signature": lago_signature("secret", body), "X-Lago-Unique-Key": key}
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=5)
    try:
        connection.request("POST", address.path, body, headers)
        return connection.getresponse().status
    finally:
        connection.close()


def test_webhooks_are_obeyed_in_the_background_and_other_events_left_alone(
    billing: FakeBilling,
) -> None:
    app = App(billing)
    missed = billing.issue("sub-9", "suspended")["command"]
    billing.failures = [503]  # the first thing it asks for: it must ask again
    with app.enforcer, Receiver("secret", notice=app.enforcer.notice) as receiver:
        event = billing.issue("sub-1", "suspended")
        assert post(receiver, event, "k-1") == 200
        assert post(receiver, event, "k-1") == 200
        assert post(receiver, {"webhook_type": "invoice.created"}, "k-2") == 200
        app.enforcer.wait()
        assert post(receiver, billing.issue("sub-1", "active"), "k-3") == 200
        app.enforcer.wait()
    assert app.states.state("sub-1") == "active"
    assert app.states.state(missed["external_subscription_id"]) == "suspended"
    assert {command["status"] for command in billing.commands.values()} == {"confirmed"}
    assert app.enforcer.counts["stale"] == 0


def test_a_forged_command_is_not_obeyed(billing: FakeBilling) -> None:
    app = App(billing)
    command = {"id": "x", "number": 9, "external_subscription_id": "sub-1"}
    forged = {
        "webhook_type": "service.command",
        "command": command | {"desired_state": "terminated"},
    }
    with app.enforcer, Receiver("other secret", notice=app.enforcer.notice) as receiver:
        assert post(receiver, forged, "k-1") == 401
        app.enforcer.wait()
    assert app.done == []
    assert app.states.state("sub-1") == "active"


def test_what_could_not_be_done_is_not_confirmed_and_done_when_told_again(
    billing: FakeBilling, capsys: pytest.CaptureFixture[str]
) -> None:
    app = App(billing)
    trouble = [ZeroDivisionError("the hypervisor is away")]

    def act(external_id: str, state: str) -> None:
        if trouble:
            raise trouble.pop()
        app.done.append((external_id, state))

    app.enforcer = Enforcer(app.states, CommandApi(billing.url, "fbk_test"), act)
    billing.issue("sub-1", "suspended")
    app.enforcer.catch_up()
    assert "the hypervisor is away" in capsys.readouterr().err
    assert (app.states.state("sub-1"), billing.confirmed) == ("active", [])
    with app.enforcer:
        app.enforcer.notice({"webhook_type": "service.command", "command": billing.commands[1]})
        app.enforcer.wait()
    assert app.states.state("sub-1") == "suspended"
    assert app.done[0] == ("sub-1", "suspended")
    assert set(billing.confirmed) == {("c-1", "suspended")}
