"""Push usage with the unmodified Lago client: batches, retries, and what became of each event."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
from lago_python_client.client import Client
from lago_python_client.exceptions import LagoApiError
from lago_python_client.models.event import BatchEvent, Event

from pilot.nexacloud.answers import listen
from pilot.nexacloud.records import UsageEvent

BATCH_LIMIT = 100  # Lago's; the billing system may allow an app more
_TRY_AGAIN = (408, 425, 429)


@dataclass(slots=True)
class Outcome:
    """What the server said: how many of each status, and which events it refused and why."""

    statuses: Counter[str] = field(default_factory=Counter)
    refused: dict[str, str] = field(default_factory=dict)

    def add(self, other: Outcome) -> None:
        """Count `other` in."""
        self.statuses.update(other.statuses)
        self.refused.update(other.refused)


class PushError(Exception):
    """The server cannot be reached or does not let us in. The operator must act, then re-run."""


class Pusher:
    """Sends batches of events until each has an answer. Safe to repeat: ids never change."""

    def __init__(
        self,
        url: str,
        key: str,
        attempts: int = 8,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        # The client joins its "api/v1/" to the URL, which drops a last part without a slash.
        self._client = Client(api_key=key, api_url=url.rstrip("/") + "/")
        self._attempts = attempts
        self._pause = pause

    def push(self, events: Sequence[UsageEvent]) -> Outcome:
        """Send one batch of events; refused ones are taken out and the rest sent again."""
        outcome, left = Outcome(), list(events)
        while left:
            try:
                outcome.statuses.update(self._send(left))
                break
            except LagoApiError as error:
                refused = _refused(error, left)
                if not refused:
                    raise PushError(f"the server refused the batch: {error.response}") from error
                outcome.refused.update(refused)
                outcome.statuses["refused"] += len(refused)
                left = [event for event in left if event.transaction_id not in refused]
        return outcome

    def _send(self, events: Sequence[UsageEvent]) -> Counter[str]:
        """Send one batch, again and again while the trouble is the network's or the server's."""
        batch = BatchEvent(events=[_as_lago(event) for event in events])
        for attempt in range(1, self._attempts + 1):
            try:
                with listen() as answers:
                    self._client.events.batch_create(batch)
                return _dispositions(answers, len(events))
            except httpx.TransportError as error:
                trouble: Exception = error
            except LagoApiError as error:
                if error.status_code == 422:
                    raise
                if error.status_code < 500 and error.status_code not in _TRY_AGAIN:
                    raise PushError(f"HTTP {error.status_code}: {error.detail}") from error
                trouble = error
            if attempt < self._attempts:
                self._pause(min(30.0, 0.25 * 2**attempt) * random.uniform(0.5, 1.0))
        raise PushError(f"no answer after {self._attempts} tries: {trouble!r}") from trouble


def _as_lago(event: UsageEvent) -> Event:
    """Return the event in the client's own type; the metric's code names its property."""
    return Event(
        transaction_id=event.transaction_id,
        external_subscription_id=event.external_subscription_id,
        code=event.code,
        timestamp=event.timestamp,
        properties={event.code: event.value},
    )


def _dispositions(answers: Sequence[httpx.Response], sent: int) -> Counter[str]:
    """Count what became of the events; a server that does not say has simply taken them."""
    found: Counter[str] = Counter()
    body = answers[-1].json() if answers and answers[-1].content else {}
    for event in body.get("events", []) if isinstance(body, dict) else []:
        disposition = event.get("disposition") or {}
        found[disposition.get("status") or "accepted"] += 1
    found["accepted"] += sent - found.total()
    return +found


def _refused(error: LagoApiError, events: Sequence[UsageEvent]) -> dict[str, str]:
    """Return {transaction id: reason} from a 422 whose details are keyed by place in the batch."""
    response = error.response if isinstance(error.response, dict) else {}
    details: dict[str, Any] = response.get("error_details") or {}
    return {
        events[int(place)].transaction_id: str(reason)
        for place, reason in details.items()
        if str(place).isdigit() and int(place) < len(events)
    }
