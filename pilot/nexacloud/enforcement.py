"""Do as the billing system commands, once each, and confirm it.

A webhook is only noted by whoever receives it. A thread of its own carries the commands out and
confirms them; at its start it asks for what it missed, and while the billing system cannot be
reached it keeps what it has to say. A command with a smaller number than the one that was carried
out last is old, whenever it comes: it is dropped.
"""

from __future__ import annotations

import queue
import threading
import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any
from urllib.parse import quote

import httpx

from pilot.nexacloud.states import Command, ServiceStates

_PAGE = 100
_TIMEOUT = 15.0


class CommandApi:
    """The three calls of the billing API that are about commands."""

    def __init__(self, url: str, key: str) -> None:
        """`url` ends in ``/api/billing/v1``; the key may write."""
        self._url = url.rstrip("/")
        self._client = httpx.Client(headers={"Authorization": f"Bearer {key}"}, timeout=_TIMEOUT)

    def confirm(self, command: Command, occurred_at: datetime) -> httpx.Response:
        """Say that the app is in the state that the command asked for."""
        body = {
            "command_id": command.id,
            "state": command.state,
            "occurred_at": occurred_at.isoformat(),
        }
        return self._client.put(
            f"{self._url}/subscriptions/{quote(command.external_id, safe='')}/service_state",
            json={"service_state": body},
        )

    def after(self, number: int) -> list[dict[str, Any]]:
        """Read every command with a larger number, oldest first, each as it stands now."""
        found: list[dict[str, Any]] = []
        while True:
            query = {"after": number, "limit": _PAGE}
            answer = self._client.get(f"{self._url}/commands", params=query)
            answer.raise_for_status()
            body = answer.json()
            found += body["commands"]
            number = body["meta"]["next_after"]
            if body["meta"]["count"] < _PAGE:
                return found


class Enforcer:
    """Carries commands out, one after the other."""

    def __init__(
        self,
        states: ServiceStates,
        api: CommandApi,
        act: Callable[[str, str], None] = lambda external_id, state: None,
        patience: float = 30.0,
    ) -> None:
        """`act` stops or starts the customer's service; it may be called twice for one command.

        `patience`: seconds until what could not be said is said again.
        """
        self.counts: Counter[str] = Counter()
        self._states = states
        self._api = api
        self._act = act
        self._patience = patience
        self._events: queue.Queue[Mapping[str, Any] | None] = queue.Queue()
        self._thread = threading.Thread(target=self._work, daemon=True)

    # ------------------------------------------------------------------- by hand
    def obey(self, command: Command) -> str:
        """Carry one command out: "new", "repeated" or "stale"; what is stale changes nothing."""
        if self._states.number(command.external_id) <= command.number:
            # Before it is recorded: what is recorded will be confirmed.
            self._act(command.external_id, command.state)
        outcome = self._states.take(command)
        self.counts[outcome] += 1
        return outcome

    def settle(self) -> None:
        """Confirm what is not confirmed yet. Trouble with the network or the server: later."""
        for command in self._states.untold():
            try:
                answer = self._api.confirm(command, datetime.now(UTC))
            except httpx.TransportError:
                self.counts["unreachable"] += 1
                return
            self._heard(command, answer)

    def catch_up(self) -> None:
        """Read what was issued since the last time, and carry out the newest of each subscription.

        Confirmed ones as well: an app that lost its table must not take an old webhook, which may
        still come, for news.
        """
        commands = self._api.after(self._states.cursor())
        newest = {command["external_subscription_id"]: command for command in commands}
        for command in newest.values():
            if command["status"] in ("sent", "confirmed"):
                self._try(Command.of(command))
        self.settle()
        if commands:
            self._states.move_cursor(commands[-1]["number"])

    def _try(self, command: Command) -> None:
        """Obey; what cannot be carried out is not confirmed, so that it is told again."""
        try:
            self.obey(command)
        except Exception:
            self.counts["failed"] += 1
            traceback.print_exc()

    def _heard(self, command: Command, answer: httpx.Response) -> None:
        if answer.is_success:
            self._states.tell(command)
            self.counts["confirmed"] += 1
        elif answer.status_code == 409:
            # Overtaken on the way: the answer says by what.
            self._states.tell(command)
            self.counts["superseded"] += 1
            newest = answer.json()["service_state"]["command"]
            if newest and newest["number"] and newest["status"] == "sent":
                self._try(Command.of(newest))
                self._events.put({})
        elif answer.status_code == 429 or answer.status_code >= 500:
            self.counts["unreachable"] += 1
        else:
            self._states.tell(command, f"HTTP {answer.status_code}: {answer.text[:200]}")
            self.counts["refused"] += 1

    # -------------------------------------------------------------- in the background
    def notice(self, event: Mapping[str, Any]) -> None:
        """Take a webhook's body; returns at once."""
        if event.get("webhook_type") == "service.command":
            self._events.put(event)

    def wait(self) -> None:
        """Return when everything noticed so far was dealt with."""
        self._events.join()

    def _work(self) -> None:
        behind = True
        while True:
            behind = behind and not self._caught_up()
            try:
                event = self._events.get(timeout=self._patience)
            except queue.Empty:
                self.settle()
                continue
            try:
                if event is None:
                    return
                if "command" in event:
                    self._try(Command.of(event["command"]))
                self.settle()
            finally:
                self._events.task_done()

    def _caught_up(self) -> bool:
        try:
            self.catch_up()
        except httpx.HTTPError:
            self.counts["unreachable"] += 1
            return False
        return True

    def __enter__(self) -> Enforcer:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._events.put(None)
        self._thread.join()
