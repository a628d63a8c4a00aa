"""A quarter of 300 customers with scripted cards: every state and cent as an oracle predicts."""

import argparse
import json
import os
import random
import subprocess
import sys
from pathlib import Path

REPO = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPO))

from tools.fusion_cli import console, databases, odoo_process, paths, postgres, runtime  # noqa: E402, I001

INSIDE = REPO / "bench" / "_quarter_inside.py"


def options() -> dict:
    """From the command line or, under `./fusion bench`, from QUARTER_<NAME>."""
    parser = argparse.ArgumentParser(description=__doc__)
    defaults = {"seed": 0, "customers": 300}
    for name, value in defaults.items():
        given = os.environ.get(f"QUARTER_{name.upper()}", value)
        parser.add_argument(f"--{name}", type=type(value), default=type(value)(given))
    found = vars(parser.parse_args())
    # Drawn anew each time, and said: the same seed gives the same quarter.
    found["seed"] = found["seed"] or random.SystemRandom().randrange(1, 10**6)
    return found


def live(database: str, chosen: dict) -> dict:
    """Live through it in an Odoo process of its own, showing its days."""
    config = odoo_process.configuration(
        postgres.ensure(), database, max_cron_threads=0, log_level="warn"
    )
    result = paths.current().run / f"{database}.json"
    result.unlink(missing_ok=True)
    ready = runtime.ensure()
    done = subprocess.run(
        [*ready.odoo_command(), "shell", "-c", config, "--no-http"],
        input=INSIDE.read_text(),
        text=True,
        env={
            **ready.environment(),
            "QUARTER": json.dumps({**chosen, "result": str(result)}),
        },
    )
    if done.returncode or not result.exists():
        raise SystemExit(f"The quarter of seed {chosen['seed']} did not reach its end.")
    return json.loads(result.read_text())


def main() -> int:
    """Print the seed, the days and a table; exit 1 when anything did not hold."""
    chosen = options()
    console.say(", ".join(f"{name} {value}" for name, value in chosen.items()))
    cluster = postgres.ensure()
    database = databases.allocate(cluster, "fusion_quarter")
    databases.create(cluster, database)
    found = live(database, chosen)
    console.table(["what", "how often"], [(k, str(v)) for k, v in found["figures"].items()])
    broken = found["broken"]
    console.say(f"Checked: {', '.join(found['checks'])}.")
    console.say(f"{len(broken)} violations (seed {chosen['seed']})")
    for line in broken[:20]:
        console.say(f"  {line}")
    if not broken:
        databases.drop(cluster, database)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
