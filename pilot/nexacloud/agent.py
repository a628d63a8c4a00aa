"""The usage agent: push every hourly counter that the billing system has not confirmed yet.

    python -m pilot.nexacloud.agent --dsn postgresql://… --url http://host/api/billing/v1 --key …

May be killed at any moment and started again: a row is marked only after the server confirmed it,
and what was sent but not marked is sent again under the same id, which counts it once.
"""

from __future__ import annotations

import argparse
import os
import ssl
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from pilot.nexacloud.invoicing import plain
from pilot.nexacloud.push import BATCH_LIMIT, Outcome, Pusher, PushError
from pilot.nexacloud.records import UsageEvent
from pilot.nexacloud.seed import connect

_FAR = datetime(9999, 1, 1, tzinfo=UTC)

Place = tuple[UUID, int]
_START: Place = (UUID(int=0), 0)


class Row(NamedTuple):
    """A row of usage_counters."""

    id: int
    subscription_id: UUID
    deployment_id: UUID
    metric: str
    hour: datetime
    quantity: Decimal

    @property
    def place(self) -> Place:
        """Return where the row stands in the queue."""
        return self.subscription_id, self.id

    def as_event(self) -> UsageEvent:
        """Return the event of this counter; its id is the counter's own key, never a new one."""
        hour = self.hour.astimezone(UTC)
        return UsageEvent(
            transaction_id=f"nc-{self.deployment_id}-{self.metric}-{hour:%Y%m%d%H}",
            external_subscription_id=str(self.subscription_id),
            code=self.metric,
            timestamp=int(hour.timestamp()),
            value=plain(self.quantity),
        )


class Queue(Protocol):
    """Where the counters wait."""

    def page(self, after: Place, replay: bool, until: datetime) -> list[Row]:
        """Return the next rows beyond `after`, at most a batch; none when at the end."""

    def mark(self, ids: list[int]) -> None:
        """Record durably that the billing system has these rows."""


class PostgresQueue:
    """The app's table usage_counters. Each call is a transaction of its own."""

    def __init__(self, connection: Any, batch: int = BATCH_LIMIT) -> None:
        self._connection = connection
        self._batch = batch

    def page(self, after: Place, replay: bool, until: datetime) -> list[Row]:
        """Read the next batch, one subscription after the other.

        Two workers then hardly ever push usage of one subscription at one time, and the billing
        system need not make one of them wait for the other's daily totals.
        """
        with self._connection, self._connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, subscription_id, deployment_id, metric, hour, quantity"
                " FROM usage_counters WHERE (subscription_id, id) > (%s, %s)"
                " AND (pushed_at IS NULL OR %s) AND hour < %s"
                " ORDER BY subscription_id, id LIMIT %s",
                (*after, replay, until, self._batch),
            )
            return [Row(*row) for row in cursor.fetchall()]

    def mark(self, ids: list[int]) -> None:
        """Stamp the rows and commit."""
        with self._connection, self._connection.cursor() as cursor:
            cursor.execute(
                "UPDATE usage_counters SET pushed_at = clock_timestamp() WHERE id = ANY(%s)",
                (ids,),
            )


class Agent:
    """Reads batches, hands them to workers, and marks what came back confirmed."""

    def __init__(self, queue: Queue, pusher: Pusher, workers: int = 2) -> None:
        self._queue = queue
        self._pusher = pusher
        self._workers = workers

    def run(self, replay: bool = False, until: datetime | None = None) -> Outcome:
        """Push everything unpushed before the hour `until`; with `replay`, the pushed rows too."""
        outcome = Outcome()
        with ThreadPoolExecutor(self._workers) as pool:
            waiting: deque[tuple[list[Row], Future[Outcome]]] = deque()
            try:
                for rows in self._batches(replay, until or _FAR):
                    events = [row.as_event() for row in rows]
                    waiting.append((rows, pool.submit(self._pusher.push, events)))
                    if len(waiting) > 2 * self._workers:
                        outcome.add(self._finish(*waiting.popleft()))
                while waiting:
                    outcome.add(self._finish(*waiting.popleft()))
            finally:
                pool.shutdown(wait=True, cancel_futures=True)
        return outcome

    def _batches(self, replay: bool, until: datetime) -> Iterator[list[Row]]:
        last = _START
        while rows := self._queue.page(last, replay, until):
            last = rows[-1].place
            yield rows

    def _finish(self, rows: list[Row], future: Future[Outcome]) -> Outcome:
        """Wait for a batch and mark its rows, but not the refused ones: they stay to be seen."""
        outcome = future.result()
        refused = outcome.refused
        self._queue.mark([row.id for row in rows if row.as_event().transaction_id not in refused])
        return outcome


def report(outcome: Outcome) -> str:
    """Return the counts by status and the first few refusals."""
    counts = {"accepted": 0, "duplicate": 0} | dict(sorted(outcome.statuses.items()))
    lines = ["pushed: " + ", ".join(f"{count} {status}" for status, count in counts.items())]
    lines += [f"refused: {key}: {why}" for key, why in list(outcome.refused.items())[:20]]
    return "\n".join(lines)


def _skip_authorities() -> None:
    """Spare each request over plain HTTP the loading of every certificate authority.

    The client makes a fresh TLS context a request, TLS or not, and a bundle takes it 20 to 50 ms of
    processor. httpx takes a directory instead, which is read only when a certificate is checked.
    """
    os.environ.pop("SSL_CERT_FILE", None)
    os.environ["SSL_CERT_DIR"] = ssl.get_default_verify_paths().openssl_capath


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line: 0 all confirmed, 1 some events refused, 2 stopped on the way."""
    parser = argparse.ArgumentParser(prog="pilot.nexacloud.agent", description=__doc__)
    parser.add_argument("--dsn", required=True, help="the app's own database")
    parser.add_argument("--url", required=True, help="the billing API, …/api/billing/v1")
    parser.add_argument("--key", required=True, help="the service's API key")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument(
        "--batch", type=int, default=BATCH_LIMIT, help="events per request, as the service allows"
    )
    parser.add_argument("--replay", action="store_true", help="push the confirmed rows again too")
    parser.add_argument("--until", help="only hours that begin before this ISO time (UTC)")
    options = parser.parse_args(arguments)
    until = datetime.fromisoformat(options.until).replace(tzinfo=UTC) if options.until else None
    if options.url.startswith("http://"):
        _skip_authorities()
    with closing(connect(options.dsn)) as connection:
        pusher = Pusher(options.url, options.key)
        agent = Agent(PostgresQueue(connection, options.batch), pusher, options.workers)
        try:
            outcome = agent.run(options.replay, until)
        except PushError as error:
            print(f"stopped: {error}. What was confirmed is marked; run again.", file=sys.stderr)
            return 2
    print(report(outcome))
    return 1 if outcome.refused else 0


if __name__ == "__main__":
    sys.exit(main())
