"""Recurring invoices per second: ours, Odoo's and two of OCA's, in one process, as ratios."""

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
NAMES = {
    "subscription_oca": "OCA subscription_oca: its cron without mail, then one action_post",
    "single": "Odoo: one create + action_post an invoice, no subscription",
    "stepwise": "our run, invoices left to Odoo: one create, action_post each",
    "contract": "OCA contract: its cron, then one action_post",
    "ours": "our run",
    "pattern": "our run, pattern posting on",
}
OTHERS = ("contract", "subscription_oca")
# Invoices a round, of the slow ways and the fastest too, rounds, and invoices a batch of ours:
# small enough for a shared machine.
SIZES = {
    "BENCH_COUNT": "100",
    "BENCH_SLOW_COUNT": "25",
    "BENCH_PATTERN_COUNT": "500",
    "BENCH_ROUNDS": "5",
    "BENCH_BATCH": "100",
}


def extras() -> Path:
    """Install the addons compared with into a folder of their own; return its addons folder."""
    folder = paths.current().cache / f"bench-{python_env.lock_hash(LOCK)}"
    done = folder / "ready"
    if not done.exists():
        pip = [runtime.ensure().python, "-m", "pip", "install", "--quiet", "--no-deps"]
        options = ["--disable-pip-version-check", "--require-hashes", "--upgrade"]
        with console.step("Installing the OCA addons compared with (once)"):
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

    with console.step(f"Installing {' and '.join(OTHERS)} in a database of its own"):
        odoo("-c", str(config), "-i", ",".join(OTHERS), "--stop-after-init", "--no-http")
    with console.step(f"{sizes['BENCH_ROUNDS']} rounds of {sizes['BENCH_COUNT']} invoices each"):
        odoo("shell", "-c", str(config), "--no-http", stdin=INSIDE.read_text())
    databases.drop(cluster, database)
    return {"sizes": sizes, "rounds": json.loads(result.read_text())}


def ratios(speeds: dict[str, dict[str, list]]) -> dict:
    """``{way: {lines: (times contract by the clock, by computing time)}}``.

    Each round is compared with its own neighbour: a busy minute slows both. The median counts.
    """
    return {
        way: {
            lines: [
                statistics.median(a / b for a, b in zip(*pair, strict=True))
                for pair in zip(zip(*rounds, strict=True), zip(*base, strict=True), strict=True)
            ]
            for lines, base in speeds["contract"].items()
            for rounds in [speeds[way][lines]]
        }
        for way in speeds
    }


def main() -> int:
    """Print the ratios; the JSON keeps every round."""
    try:
        found = measure()
    except subprocess.CalledProcessError as failure:
        console.say(f"It failed: {failure}. The log is in {paths.current().logs}.")
        return 1
    speeds = found["rounds"]
    found["ratios to contract"] = ratios(speeds)
    heads = ["lines", "way", "invoices/s", "times contract", "by CPU"]
    rows = []
    for lines in speeds["contract"]:
        for way, name in NAMES.items():
            speed = statistics.median(per_second for per_second, _per_cpu in speeds[way][lines])
            pair = found["ratios to contract"][way][lines]
            rows.append([lines, name, f"{speed:.1f}", *map("{:.2f}".format, pair)])
    console.table(heads, rows)
    target = paths.current().logs / "bench-invoicing.json"
    target.write_text(json.dumps(found, indent=1))
    console.say(f"Every round: {target}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
