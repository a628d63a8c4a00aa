"""What the demo's steps share: the running parts and where to reach them."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .. import processes
from ..errors import Failed
from ..postgres import Cluster
from .rpc import BillingApi, OdooSession

# Every date of the demo comes from the pilot's data; the machine's clock decides nothing.
CLOCK_START = "2026-03-01 15:00:00"
CLOCK_END = "2026-04-01 15:00:00"
LAST_DAY = "2026-04-01"


@dataclass
class Service:
    """A billing service of the demo, with its app's receiver of webhooks."""

    code: str
    id: int
    key: str
    api: BillingApi
    receiver: Any


@dataclass
class World:
    """The running demo. Steps add to it in the order of the story."""

    repo: Path
    python: Path
    environment: dict[str, str]
    cluster: Cluster
    nexacloud_db: str
    odoo_db: str
    url: str
    odoo: OdooSession
    services: dict[str, Service] = field(default_factory=dict)
    running: ExitStack = field(default_factory=ExitStack)  # what ends with the demo
    story_url: str = ""

    def pilot_environment(self) -> dict[str, str]:
        """Environment of a pilot program: its database by libpq's variables, no password shown."""
        env = {**os.environ, **self.environment, **self.cluster.environment(self.nexacloud_db)}
        env["PYTHONPATH"] = str(self.repo)
        return env

    def pilot(self, module: str, *arguments: str) -> str:
        """Run ``python -m pilot.nexacloud.<module>`` to its end and return what it printed."""
        command = [self.python, "-m", f"pilot.nexacloud.{module}", *arguments]
        return processes.capture(command, env=self.pilot_environment())

    def pilot_killed(self, module: str, *arguments: str, when: str) -> int:
        """Start a pilot program and kill -9 it once the SQL count `when` is above 0; the count."""
        command = [self.python, "-m", f"pilot.nexacloud.{module}", *arguments]
        process = subprocess.Popen(
            command,
            env=self.pilot_environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=processes.end_with_parent,
        )
        try:
            self._wait_for(process, when)
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
        return int(self.cluster.psql(when, self.nexacloud_db))

    def _wait_for(self, process: subprocess.Popen, count: str) -> None:
        deadline = time.monotonic() + 60
        while process.poll() is None and not int(self.cluster.psql(count, self.nexacloud_db)):
            if time.monotonic() > deadline:
                raise Failed("The usage agent pushed nothing in a minute.")
            time.sleep(0.1)

    def move_clock(self, instant: str, *codes: str) -> None:
        """Set the test clock of services (all by default) to `instant`, UTC."""
        for code in codes or tuple(self.services):
            self.odoo.write("fusion.billing.service", self.services[code].id, test_clock=instant)


def counted(text: str) -> dict[str, int]:
    """Counts by word from a pilot's line such as ``pushed: 40 accepted, 2 duplicate``."""
    return {word: int(count) for count, word in re.findall(r"(\d+) ([a-z_]+)", text)}
