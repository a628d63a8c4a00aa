"""Kill the job that suspends, and the payment that resumes: one command each, told once."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

REPO = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPO))

from tools.fusion_cli import (  # noqa: E402
    console,
    databases,
    odoo_process,
    paths,
    postgres,
    processes,
    runtime,
)

INSIDE = (REPO / "bench" / "_chaos_enforce_inside.py").read_text()
# Where a process dies: a method, and what is done once it is dead.
SUSPENDING = {
    "before the policy's step": "fusion.billing.enforce:_step_suspend",
    "before the command is written": "fusion.billing.command.desk:_issue",
    "after the command, before the step is noted": "fusion.billing.enforce:_record",
    "after the commit, before the command is numbered": "fusion.billing.command.desk:_publish",
    "numbered, before it is told": "fusion.billing.command.desk:_tell",
    "told, before the commit": "fusion.billing.outbox:_route",
}
RESUMING = {
    "paying, before the case is closed": "fusion.billing.enforce:_close",
    "paying, before the command is written": "fusion.billing.command.desk:_issue",
    "paid, before the command is numbered": "fusion.billing.command.desk:_publish",
    "paid, before the command is told": "fusion.billing.command.desk:_tell",
}
STEP = "fusion.billing.enforce:_step_suspend"
SUSPENDED = {
    "state": "suspended",
    "cases": 1,
    "suspensions": 1,
    "commands": ["suspend"],
    "told": [1],
    "payments": 0,
    "numbers without a gap": True,
}
RESUMED = {
    **SUSPENDED,
    "state": "active",
    "commands": ["suspend", "resume"],
    "told": [1, 1],
    "payments": 1,
}
BOTH_SUSPENDED = {
    **SUSPENDED,
    "cases": 2,
    "suspensions": 2,
    "commands": ["suspend", "suspend"],
    "told": [1, 1],
}


class Chaos:
    """One database, and processes that come to a bad end."""

    def __init__(self, cluster: postgres.Cluster, database: str) -> None:
        self.result = paths.current().run / f"{database}.json"
        self.log = odoo_process.log_of(database)
        ready = runtime.ensure()
        config = odoo_process.configuration(cluster, database, max_cron_threads=0)
        self.command = [*ready.odoo_command(), "shell", "-c", config, "--no-http"]
        self.held = paths.current().run / f"{database}.held"
        self.held.unlink(missing_ok=True)
        self.env = {
            **ready.environment(),
            "CHAOS_RESULT": str(self.result),
            "CHAOS_HELD": str(self.held),
        }

    def start(self, *steps: str) -> subprocess.Popen:
        """Start a process that does these steps."""
        with self.log.open("a") as log:
            process = subprocess.Popen(
                self.command,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                text=True,
                env={**self.env, "CHAOS_STEPS": " ".join(steps)},
                preexec_fn=processes.end_with_parent,
                start_new_session=True,
            )
        process.stdin.write(INSIDE)
        process.stdin.close()
        return process

    def finish(self, *steps: str) -> dict:
        """Do these steps in a process that lives; what it found, if it looked."""
        if code := self.start(*steps).wait():
            raise SystemExit(f"A process ended with {code}: {self.log}")
        looked = any(step.startswith("look") for step in steps)
        return json.loads(self.result.read_text()) if looked else {}

    def killed(self, *steps: str) -> None:
        """Do these steps, of which one is its last."""
        if self.start(*steps).wait() != -signal.SIGKILL:
            raise SystemExit(f"The process did not come to {' '.join(steps)}: {self.log}")

    def suspending(self, place: str) -> dict:
        """kill -9 while the policy suspends; then a next run."""
        self.killed("owing", f"die@{place}", "enforce")
        return self.finish("enforce", "look")

    def resuming(self, place: str) -> dict:
        """kill -9 while a payment resumes; then the payment again, if it was not booked."""
        self.killed("owing", "enforce", f"die@{place}", "pay", "enforce")
        return self.finish("pay", "enforce", "look")

    def two_runs(self) -> dict:
        """Two workers do the same day."""
        self.finish("owing")
        both = [self.start("enforce"), self.start("enforce")]
        codes = [process.wait() for process in both]
        if all(codes):
            raise SystemExit(f"Both ended with {codes}: {self.log}")
        return self.finish("enforce", "look")

    def between_commits(self) -> dict:
        """kill -9 after one subscription's commit and before the next one's step."""
        self.killed("owing", "owing", f"die-at-second@{STEP}", "enforce")
        if (suspensions := self.finish("look-at-two")["suspensions"]) != 1:
            raise SystemExit(f"The killed run left {suspensions} suspensions, not one: {self.log}")
        return self.finish("enforce", "look-at-two")

    def overtaken(self) -> dict:
        """A second run, from beginning to end, while the first one is within a step."""
        first = self.start("owing", f"hold@{STEP}", "enforce")
        for _turn in range(1200):
            if self.held.exists() or first.poll() is not None:
                break
            time.sleep(0.1)
        if not self.held.exists():
            raise SystemExit(f"The first run did not come to {STEP}: {self.log}")
        try:
            self.finish("enforce")
            if self.finish("look")["suspensions"]:
                raise SystemExit(f"The second run took the step of the first: {self.log}")
        finally:
            self.held.unlink()
        if code := first.wait():
            raise SystemExit(f"The first run ended with {code}: {self.log}")
        return self.finish("enforce", "look")


def scenarios(chaos: Chaos) -> dict[str, tuple[Callable[[], dict], dict]]:
    """What is done, and what has to come of it, by name."""
    return {
        **{
            name: (lambda at=at: chaos.suspending(at), SUSPENDED) for name, at in SUSPENDING.items()
        },
        **{name: (lambda at=at: chaos.resuming(at), RESUMED) for name, at in RESUMING.items()},
        "two runs at once": (chaos.two_runs, SUSPENDED),
        "a second run within a step of the first": (chaos.overtaken, SUSPENDED),
        "between the commits of two subscriptions": (chaos.between_commits, BOTH_SUSPENDED),
    }


def run(chosen: int, seed: int) -> list[tuple[str, dict, dict]]:
    """``(name, found, expected)`` of so many scenarios, drawn and ordered by the seed."""
    cluster = postgres.ensure()
    database = databases.allocate(cluster, "fusion_chaos_enforce")
    databases.create(cluster, database)
    try:
        todo = scenarios(Chaos(cluster, database))
        names = random.Random(seed).sample(sorted(todo), min(chosen, len(todo)))
        return [(name, todo[name][0](), todo[name][1]) for name in names]
    finally:
        databases.drop(cluster, database)


def main() -> int:
    """Run every scenario; exit 1 if one of them commands other than once."""
    seed = int(os.environ.get("CHAOS_SEED", 0)) or random.SystemRandom().randrange(1, 10**6)
    console.say(f"CHAOS_SEED={seed}")
    done = run(int(os.environ.get("CHAOS_COUNT", 1000)), seed)
    rows = [[name, *(str(found[key]) for key in SUSPENDED)] for name, found, _ in done]
    console.table(["killed", *SUSPENDED], rows)
    wrong = sum(found != expected for _, found, expected in done)
    console.say(f"{len(done) - wrong} of {len(done)} came out right (seed {seed})")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
