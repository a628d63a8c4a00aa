"""A NexaCloud of 10,000 users through the import, twice: rows a second, memory, beside the ORM."""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

REPO = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPO))

from tools.fusion_cli import console, databases, odoo_process, paths, postgres, runtime  # noqa: E402, I001

INSIDE = REPO / "bench" / "_import_inside.py"


def options() -> dict:
    """From the command line or, under `./fusion bench`, from IMPORT_<NAME>."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, value in {"seed": 20261123, "small": 2000, "users": 10_000, "sample": 200}.items():
        given = os.environ.get(f"IMPORT_{name.upper()}", value)
        parser.add_argument(f"--{name}", type=int, default=int(given))
    return vars(parser.parse_args())


def measure(cluster: postgres.Cluster, database: str, chosen: dict, users: int) -> dict:
    """Import so many users in an Odoo process of its own: its peak memory is the import's."""
    source = databases.allocate(cluster, "fusion_import_app")
    databases.plain(cluster, source)
    databases.create(cluster, database)
    result = paths.current().run / f"{database}.json"
    result.unlink(missing_ok=True)
    config = odoo_process.configuration(cluster, database, max_cron_threads=0, log_level="warn")
    ready = runtime.ensure()
    wanted = {**chosen, "users": users, "result": str(result), "dsn": cluster.dsn(source)}
    done = subprocess.run(
        [*ready.odoo_command(), "shell", "-c", config, "--no-http"],
        input=INSIDE.read_text(),
        text=True,
        env={**ready.environment(), "IMPORT": json.dumps(wanted)},
    )
    databases.drop(cluster, source)
    databases.drop(cluster, database)
    if done.returncode or not result.exists():
        raise SystemExit(f"The import of {users} users did not reach its end.")
    return json.loads(result.read_text())


def main() -> int:
    """Print the figures of both sizes; exit 1 when the second run was not empty."""
    chosen = options()
    console.say(", ".join(f"{name} {value}" for name, value in chosen.items()))
    cluster = postgres.ensure()
    database = databases.allocate(cluster, "fusion_import")
    sizes = (chosen["small"], chosen["users"])
    small, large = found = [measure(cluster, database, chosen, users) for users in sizes]
    console.table(
        ["what", *(f"{users:,} users" for users in sizes)],
        [(name, *(f"{size[name]:,}" for size in found)) for name in small],
    )
    ratio = large["peak of the run, MB"] / small["peak of the run, MB"]
    console.say(f"Peak memory, large beside small: {ratio:.2f}")
    again = [size[name] for size in found for name in ("created again", "updated again")]
    return 1 if any(again) else 0


if __name__ == "__main__":
    sys.exit(main())
