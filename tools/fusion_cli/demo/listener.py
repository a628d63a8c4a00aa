"""The pilot's receiver as a process of its own, with the app's database: it obeys cut-overs."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import tempfile
import threading
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

from .. import processes
from ..errors import Failed
from .world import World


class Listener:
    """``python -m pilot.nexacloud.receiver --dsn``; looks like `pilot.nexacloud.receiver.Receiver`.

    The command line needs no driver of PostgreSQL; what obeys does.
    """

    def __init__(self, world: World, secret: str) -> None:
        """Start it; it ends with the demo."""
        self.counts: Counter[str] = Counter()
        folder = Path(world.running.enter_context(tempfile.TemporaryDirectory()))
        self._events = folder / "webhooks.sqlite"
        command = [
            world.python, "-m", "pilot.nexacloud.receiver", "--secret", secret, "--dsn", "",
            "--store", self._events,
        ]  # fmt: skip
        self._process = subprocess.Popen(
            [str(part) for part in command],
            env=world.pilot_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            preexec_fn=processes.end_with_parent,
        )
        world.running.callback(self._stop)
        line = self._process.stdout.readline()
        if not line.startswith("listening on "):
            raise Failed("The app's receiver did not start.")
        self.url = line.split()[-1]
        self._thread = threading.Thread(target=self._count, daemon=True)
        self._thread.start()

    def events(self) -> list[dict[str, Any]]:
        """Every event kept so far, each once, in the order of arrival."""
        with closing(sqlite3.connect(self._events, timeout=10)) as database:
            rows = database.execute("SELECT body FROM received_webhooks ORDER BY place")
            return [json.loads(body) for (body,) in rows.fetchall()]

    def _count(self) -> None:
        """Its lines are ``<status> <outcome> <key>``."""
        for line in self._process.stdout:
            self.counts[line.split()[1]] += 1

    def _stop(self) -> None:
        processes.stop(self._process)
        self._thread.join()
        self._process.stdout.close()

    def __exit__(self, *error: object) -> None:
        """Stopped already, with the rest of what runs."""
