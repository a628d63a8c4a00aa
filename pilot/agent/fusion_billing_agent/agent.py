"""Read, keep, push: each step durable before the next, each safe to repeat."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from .api import Answer, Api, Later
from .config import Config, Table
from .counter import Counter, from_row
from .source import Row, Source
from .store import Store

SLOWEST = 300.0  # seconds between two tries


class Agent:
    """Everything that `run`, `once` and `backfill` do."""

    def __init__(
        self,
        config: Config,
        store: Store,
        api: Api,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._config = config
        self._store = store
        self._api = api
        self._pause = pause

    def read(self, source: Source) -> int:
        """Take what is new in the app's tables into the queue; return how many rows."""
        return sum(self._read(source, table) for table in self._config.tables)

    def backfill(self, source: Source, start: datetime, end: datetime) -> int:
        """Queue the rows of ``[start, end)`` again. What is known there is not counted twice."""
        taken = 0
        for table in self._config.tables:
            rows = list(source.between(table, start, end))
            self._take(table, rows)
            taken += len(rows)
        return taken

    def push(self) -> int:
        """Push one batch after the other until nothing waits; return how many were confirmed.

        :raise Later: the server cannot be reached; what was confirmed is settled
        """
        confirmed = 0
        while batch := self._store.waiting(self._config.batch):
            confirmed += self._send(batch)
        return confirmed

    def push_patiently(self, tries: int) -> int:
        """Push; wait longer after each failure, as long as the server asks for at the least."""
        for attempt in range(1, tries + 1):
            try:
                return self.push()
            except Later as later:
                if attempt == tries:
                    raise
                self._pause(wait(attempt, later.after))
        return 0

    def _read(self, source: Source, table: Table) -> int:
        taken = 0
        revision, mark, horizon = self._store.position(table.name)
        if mark <= revision:
            mark, horizon = source.mark(table)
            self._store.take(table.name, [], (revision, mark, horizon))
        if not source.settled(horizon):
            return 0
        while rows := source.after(table, revision, mark):
            revision = rows[-1][4]
            self._take(table, rows, (revision, mark, horizon))
            taken += len(rows)
        self._store.take(table.name, [], (mark, mark, None))
        return taken

    def _take(
        self, table: Table, rows: Iterable[Row], place: tuple[int, int, int | None] | None = None
    ) -> None:
        counters, bad = [], []
        for row in rows:
            try:
                counters.append(from_row(table, row))
            except (ValueError, TypeError) as error:
                bad.append((f"revision {row[4]}", str(error)))
        self._store.take(table.name, counters, place, bad)

    def _send(self, batch: list[Counter]) -> int:
        """Push a batch; what it is refused for is put aside and the others go again."""
        answer = self._api.put("/usage/batch", {"usages": [counter.wire() for counter in batch]})
        if answer.ok:
            self._store.settle(batch)
            return len(batch)
        details = _details(answer, len(batch))
        if details:
            done = [batch[n] for n, codes in details.items() if _overtaken(codes)]
            aside = [(batch[n], str(c)) for n, c in details.items() if not _overtaken(c)]
            self._store.settle(done, aside)
            return len(done)
        if len(batch) == 1:
            self._store.settle([], [(batch[0], f"HTTP {answer.status}: {answer.body}"[:500])])
            return 0
        # Refused as a whole, for a reason that names none of them: each half tells more.
        middle = len(batch) // 2
        return self._send(batch[:middle]) + self._send(batch[middle:])


def wait(attempt: int, asked: float | None = None) -> float:
    """Seconds until the next try: doubling with jitter, at least what the server asked for."""
    own = min(SLOWEST, 0.5 * 2 ** min(attempt, 12)) * random.uniform(0.5, 1.0)
    return max(own, asked or 0.0)


def _details(answer: Answer, sent: int) -> dict[int, Any]:
    found = answer.body.get("error_details")
    places = found.items() if isinstance(found, dict) else ()
    return {int(n): codes for n, codes in places if n.isdigit() and int(n) < sent}


def _overtaken(codes: Any) -> bool:
    """A newer revision is there already: nothing is left to do."""
    return codes == {"sequence": ["value_is_out_of_order"]}
