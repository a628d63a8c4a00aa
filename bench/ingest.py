"""Usage ingestion: events per second beside the bare INSERT … SELECT and Odoo's ORM, as ratios.

All ways end with their commit and write the same rows to the same ledger, with all its indexes.
Ours starts from the items the API hands over and ends with a disposition for each: texts, hashes,
deduplication, subscription and metric, judgement, ledger, rollups, billed periods. The bare ones
are one INSERT … SELECT on the server, ledger and keys alone: "bare" reads events as they come
(JSON and instants as text) with subscription, metric, day, value and id beside them, so that it
makes columns and hashes; "ready" reads rows that are ready to the last hash. Ready is a limit
that nothing which receives events can reach; it is printed so that nobody has to guess it.
"""

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

REPO = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPO))

from tools.fusion_cli import console, databases, odoo_process, paths, postgres, runtime  # noqa: E402, I001

INSIDE = REPO / "bench" / "_ingest_inside.py"
# Events a batch, rounds, events already there, and events the ORM makes one by one in a round.
SIZES = {
    "BENCH_BATCH": "1000",
    "BENCH_ROUNDS": "15",
    "BENCH_THERE": "100000",
    "BENCH_SINGLE": "100",
}
NAMES = {
    "bare": "bare INSERT … SELECT of events into our ledger",
    "ready": "bare INSERT … SELECT of ready rows into our ledger",
    "flat": "bare INSERT … SELECT into one table as Odoo makes it",
    "ours": "our batch",
    "replayed": "our batch, replayed",
    "one by one": "Odoo's ORM, search + create",
    "orm batch": "Odoo's ORM, search + create in a batch",
}
WANTED = {"ours to flat": 0.6, "ours to bare": 0.6, "ours to one by one": 30}
# Shown, not asked for.
SHOWN = ("ours to ready",)


def measure() -> dict:
    """Make a database, and run the rounds in it."""
    cluster = postgres.ensure()
    database = databases.allocate(cluster, "fusion_bench_ingest")
    databases.create(cluster, database)
    config = odoo_process.configuration(cluster, database, max_cron_threads=0)
    result = paths.current().logs / "bench-ingest.json"
    ready = runtime.ensure()
    sizes = {name: os.environ.get(name, size) for name, size in SIZES.items()}
    said = f"{sizes['BENCH_ROUNDS']} rounds of batches of {sizes['BENCH_BATCH']}"
    with console.step(said), odoo_process.log_of(database).open("a") as log:
        subprocess.run(
            [*ready.odoo_command(), "shell", "-c", config, "--no-http"],
            input=INSIDE.read_text(),
            stdout=log,
            stderr=log,
            text=True,
            env={**ready.environment(), **sizes, "BENCH_RESULT": str(result)},
            check=True,
        )
    databases.drop(cluster, database)
    return {"sizes": sizes, "events per second": json.loads(result.read_text())}


def main() -> int:
    """Print speeds and ratios; the JSON keeps every round."""
    try:
        found = measure()
    except subprocess.CalledProcessError as failure:
        console.say(f"It failed: {failure}. The log is in {paths.current().logs}.")
        return 1
    speeds = found["events per second"]
    rows = []
    for way, name in NAMES.items():
        # Each round is compared with its own neighbour: a busy minute slows both.
        ratio = statistics.median(a / b for a, b in zip(speeds[way], speeds["bare"], strict=True))
        speed = statistics.median(speeds[way])
        rows.append([name, f"{speed:,.0f}", f"{max(speeds[way]):,.0f}", f"{ratio:.3f}"])
    console.table(["way", "events/s", "best round", "times bare"], rows)
    found["ratios"] = {}
    for wanted in (*WANTED, *SHOWN):
        way, other = wanted.split(" to ")
        pairs = zip(speeds[way], speeds[other], strict=True)
        ratio = round(statistics.median(a / b for a, b in pairs), 2)
        found["ratios"][wanted] = ratio
        least = f" (wanted {WANTED[wanted]})" if wanted in WANTED else ""
        console.say(f"{wanted}: {ratio}{least}")
    target = paths.current().logs / "bench-ingest.json"
    target.write_text(json.dumps(found, indent=1))
    console.say(f"Every round: {target}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
