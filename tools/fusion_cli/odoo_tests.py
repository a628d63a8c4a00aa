"""Run Odoo's own tests on fresh databases, show progress, and count them.

The addons are installed once, in the template that the databases are copies of; therefore every
test is a post-install one (`test_all_run.py` sees to it).
"""

import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from . import (
    chromium,
    console,
    databases,
    odoo_process,
    paths,
    postgres,
    processes,
    runtime,
    test_lanes,
)
from .tally import Tally, of_odoo, skipped_tests

TAGS = f"/fusion_centralize_billing,/sale_subscription,/account_accountant,/{chromium.ADDON}"
_STARTING = re.compile(r" odoo\.addons\.(\w+)\.tests\.\w+(?:\.\w+)*: Starting (\w+)\.(\w+)")
_RECORD = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d+ \d+ (\w+) ")
_FAILED = re.compile(r": (FAIL|ERROR): ")


def run(tags: str = TAGS) -> Tally:
    """Run the tests in fresh databases and return the counts.

    All tests run in several lanes at a time (see ``test_lanes``), chosen ones in one.
    """
    cluster = postgres.ensure()
    shares = test_lanes.share(tags, paths.current().repo) if tags == TAGS else [tags]
    lanes = [(_database(cluster), share) for share in shares]
    started: list[subprocess.Popen] = []
    with ThreadPoolExecutor(len(lanes)) as pool:
        running = [pool.submit(_lane, cluster, *lane, started) for lane in lanes]
        try:
            return sum((lane.result() for lane in running), Tally())
        finally:  # Ctrl-C reaches only this thread, and the pool waits for the others
            for process in started:
                processes.stop(process)


def _database(cluster: postgres.Cluster) -> str:
    return databases.create(cluster, databases.allocate(cluster, "fusion_test"))


def _lane(
    cluster: postgres.Cluster, database: str, tags: str, started: list[subprocess.Popen]
) -> Tally:
    """Run the tests of ``tags`` in ``database`` and drop it, unless something failed."""
    log = paths.current().logs / f"{database}.log"
    process = _start(cluster, database, tags)
    started.append(process)
    code = _watch(process, log)
    said = log.read_text(errors="replace")
    tally = of_odoo(said, code)
    if tally.failed:
        _explain(said, code)
        console.say(f"  The whole log is {log}; the database {database} is kept.")
    else:
        databases.drop(cluster, database)
    return tally


def _start(cluster: postgres.Cluster, database: str, tags: str) -> subprocess.Popen:
    ready = runtime.ensure()
    config = odoo_process.configuration(
        cluster, database, max_cron_threads=0, http_port=processes.free_port()
    )
    return subprocess.Popen(
        [*ready.odoo_command(), "-c", config, "--test-tags", tags, "--stop-after-init"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=ready.environment(),
        preexec_fn=processes.end_with_parent,
        start_new_session=True,
    )


def _watch(process: subprocess.Popen, log: Path) -> int:
    """Write what the tests say to ``log``, show the progress, return the exit code."""
    try:
        with log.open("w") as file:
            progress = _Progress()
            for line in process.stdout:
                file.write(line)
                progress.see(line)
            progress.flush()
    finally:
        processes.stop(process)
    return process.wait()


class _Progress:
    """One line per test class, as soon as it is over."""

    def __init__(self) -> None:
        self._class: tuple[str, str] | None = None
        self._count = 0

    def see(self, line: str) -> None:
        found = _STARTING.search(line)
        if found:
            if found.group(1, 2) != self._class:
                self.flush()
                self._class, self._count = found.group(1, 2), 0
            self._count += 1
        elif _FAILED.search(line):
            console.say(console.colour("  " + line.split(": ", 1)[-1].strip(), "red"))

    def flush(self) -> None:
        if self._class:
            console.say(f"  {self._class[0]} {self._class[1]}: {self._count}")
        self._class = None


def _explain(log: str, code: int) -> None:
    """Print each failure with its traceback, and what kept tests from running."""
    shown = _records(log)
    for line in skipped_tests(log):
        console.say(f"  not run: {line}")
    if shown:
        console.say("\n".join(shown))
    elif not skipped_tests(log):
        console.say(f"Odoo ended with {code}:\n{processes.tail(log)}")


def _records(log: str) -> list[str]:
    """Return the log's records of level ERROR and worse, tracebacks included."""
    result: list[str] = []
    inside = False
    for line in log.splitlines():
        start = _RECORD.match(line)
        if start:
            inside = start.group(1) in ("ERROR", "CRITICAL")
        if inside:
            result.append(line)
    return result
