"""An app of the pilot as a process of its own: hears webhooks, obeys commands, confirms them."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import tempfile
from collections import Counter
from contextlib import closing
from pathlib import Path

from .. import processes
from ..errors import Failed
from .world import World


class App:
    """``python -m pilot.nexacloud.receiver``, with its two SQLite files to look into."""

    def __init__(self, world: World, secret: str, key: str) -> None:
        """Start it; it ends with the demo."""
        folder = Path(world.running.enter_context(tempfile.TemporaryDirectory()))
        self._events, self._states = folder / "webhooks.sqlite", folder / "services.sqlite"
        api = f"{world.url}/api/billing/v1"
        command = [
            world.python, "-m", "pilot.nexacloud.receiver", "--secret", secret, "--url", api,
            "--key", key, "--store", self._events, "--states", self._states,
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
            raise Failed("The app did not start.")
        self.url = line.split()[-1]

    def state(self, external_id: str) -> str:
        """What the app itself says that this customer gets."""
        query = "SELECT state FROM service_states WHERE external_id = ?"
        found = self._read(self._states, query, external_id)
        return found[0][0] if found else "active"

    def received(self) -> Counter[str]:
        """Verified webhooks by type; commands as `service.command suspend` and so on."""
        counts: Counter[str] = Counter()
        query = "SELECT webhook_type, body FROM received_webhooks"
        for kind, body in self._read(self._events, query):
            command = json.loads(body).get("command") if kind == "service.command" else None
            counts[f"{kind} {command['command']}" if command else kind] += 1
        return counts

    @staticmethod
    def _read(path: Path, query: str, *values: str) -> list[tuple]:
        with closing(sqlite3.connect(path, timeout=10)) as database:
            return database.execute(query, values).fetchall()

    def _stop(self) -> None:
        processes.stop(self._process)
        self._process.stdout.close()
