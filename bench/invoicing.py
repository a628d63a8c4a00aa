"""Recurring invoices per second: our run, plain Odoo and OCA `contract`, in one run, as ratios."""

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

REPO = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPO))

from tools.fusion_cli import (  # noqa: E402
    console,
    databases,
    odoo_process,
    paths,
    postgres,
    python_env,
    runtime,
)

LOCK = REPO / "bench" / "requirements.lock"
INSIDE = REPO / "bench" / "_invoicing_inside.py"
NAMES = {"contract": "OCA contract, its cron", "plain": "plain Odoo", "ours": "our run"}
# Invoices a round, rounds, and invoices a batch of ours: small enough for a shared machine.
SIZES = {"BENCH_COUNT": "100", "BENCH_ROUNDS": "5", "BENCH_BATCH": "100"}


def extras() -> Path:
    """Install the addons compared with into a folder of their own; return its addons folder."""
    folder = paths.current().cache / f"bench-{python_env.lock_hash(LOCK)}"
    done = folder / "ready"
    if not done.exists():
        pip = [runtime.ensure().python, "-m", "pip", "install", "--quiet", "--no-deps"]
        options = ["--disable-pip-version-check", "--require-hashes", "--upgrade"]
        with console.step("Installing OCA contract for the comparison (once)"):
            subprocess.run([*pip, *options, "--target", folder, "-r", LOCK], check=True)
        done.touch()
    return folder / "odoo" / "addons"


def measure() -> dict:
    """Make a database, install what is compared, and run the rounds in it."""
    cluster = postgres.ensure()
    database = databases.allocate(cluster, "fusion_bench_invoicing")
    databases.create(cluster, database)
    addons = [*runtime.addons_path(REPO), extras()]
    config = odoo_process.configuration(
        cluster, database, max_cron_threads=0, addons_path=",".join(map(str, addons))
    )
    log = odoo_process.log_of(database)
    result = paths.current().logs / "bench-invoicing.json"
    ready = runtime.ensure()
    sizes = {name: os.environ.get(name, size) for name, size in SIZES.items()}
    env = {
        **ready.environment(),
        **sizes,
        "BENCH_FOLDER": str(REPO / "bench"),
        "BENCH_RESULT": str(result),
    }

    def odoo(*arguments: str, stdin: str = "") -> None:
        with log.open("a") as file:
            subprocess.run(
                [*ready.odoo_command(), *arguments],
                input=stdin,
                stdout=file,
                stderr=file,
                text=True,
                env=env,
                check=True,
            )

    with console.step("Installing contract in a database of its own"):
        odoo("-c", str(config), "-i", "contract", "--stop-after-init", "--no-http")
    with console.step(f"{sizes['BENCH_ROUNDS']} rounds of {sizes['BENCH_COUNT']} invoices each"):
        odoo("shell", "-c", str(config), "--no-http", stdin=INSIDE.read_text())
    databases.drop(cluster, database)
    return {"sizes": sizes, "invoices per second": json.loads(result.read_text())}


def main() -> int:
    """Print the ratios; the JSON keeps every round."""
    try:
        found = measure()
    except subprocess.CalledProcessError as failure:
        console.say(f"It failed: {failure}. The log is in {paths.current().logs}.")
        return 1
    speeds = found["invoices per second"]
    rows = []
    found["ratios to contract"] = {}
    for lines, base in speeds["contract"].items():
        for way, name in NAMES.items():
            # Each round is compared with its own neighbour: a busy minute slows both.
            ratios = [a / b for a, b in zip(speeds[way][lines], base, strict=True)]
            ratio = statistics.median(ratios)
            found["ratios to contract"].setdefault(way, {})[lines] = round(ratio, 2)
            speed = statistics.median(speeds[way][lines])
            rows.append([lines, name, f"{speed:.1f}", f"{ratio:.2f}"])
    console.table(["lines", "way", "invoices/s", "times contract"], rows)
    target = paths.current().logs / "bench-invoicing.json"
    target.write_text(json.dumps(found, indent=1))
    console.say(f"Every round: {target}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
