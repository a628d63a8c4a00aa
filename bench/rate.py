"""Rating: its time from ten thousand to ten million events of the same subscriptions and days."""

import json
import os
import subprocess
import sys
from pathlib import Path

REPO = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPO))

from tools.fusion_cli import console, databases, odoo_process, paths, postgres, runtime  # noqa: E402, I001

INSIDE = REPO / "bench" / "_rate_inside.py"
# Ledger sizes; subscriptions, each with a rollup a day; ratings measured at each size.
SIZES = {
    "BENCH_EVENTS": "10000,100000,1000000,10000000",
    "BENCH_SUBSCRIPTIONS": "100",
    "BENCH_ROUNDS": "9",
}


def measure() -> dict:
    """Make a database, and grow its ledger."""
    cluster = postgres.ensure()
    database = databases.allocate(cluster, "fusion_bench_rate")
    databases.create(cluster, database)
    config = odoo_process.configuration(
        cluster, database, max_cron_threads=0, limit_time_real=0, log_level="warn"
    )
    result = paths.current().logs / "bench-rate.json"
    ready = runtime.ensure()
    sizes = {name: os.environ.get(name, size) for name, size in SIZES.items()}
    said = f"Rating over ledgers of {sizes['BENCH_EVENTS']} events"
    try:
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
    finally:
        databases.drop(cluster, database)
    return {"sizes": sizes, "ledgers": json.loads(result.read_text())}


def main() -> int:
    """Print the time at each size, and how often that over an empty ledger it is."""
    try:
        found = measure()
    except subprocess.CalledProcessError as failure:
        console.say(f"It failed: {failure}. The log is in {paths.current().logs}.")
        return 1
    ledgers = found["ledgers"]
    rows = [
        [
            f"{ledger['events']:,}",
            f"{ledger['rollups']:,}",
            f"{ledger['megabytes']:,}",
            f"{ledger['rating'] * 1000:.1f}",
            f"{ledger['to empty']:.2f}",
            f"{ledger['summing'] * 1000:.1f}",
            f"{ledger['summing'] / ledgers[0]['summing']:.1f}",
        ]
        for ledger in ledgers
    ]
    head = ["events", "rollups", "MB", "rating ms", "times empty", "Σ events ms", "times first"]
    console.table(head, rows)
    target = paths.current().logs / "bench-rate.json"
    target.write_text(json.dumps(found, indent=1))
    console.say(f"Every figure: {target}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
