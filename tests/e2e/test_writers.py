"""Eight writers push the same usage in another order each, some are killed, while another bills
and gives the ledger its months.

At the end every event is in the ledger once, and ledger, rollups and invoices say the same.
"""

import json
import os
import random
import subprocess
from decimal import Decimal
from pathlib import Path

from tools.fusion_cli import databases, odoo_process, paths, postgres, runtime

REPO = Path(os.environ.get("FUSION_REPO", Path(__file__).resolve().parents[2]))
INSIDE = REPO / "tests" / "e2e" / "_writers_inside.py"
EVENTS = 480
USAGE = Decimal(EVENTS * (EVENTS - 1) // 2) / 8
PATIENCE = 30


def test_every_event_is_counted_once_and_billed_once_whoever_is_killed() -> None:
    seed = int(os.environ.get("WRITERS_SEED", 0)) or random.SystemRandom().randrange(1, 10**6)
    print(f"WRITERS_SEED={seed}")
    cluster = postgres.ensure()
    database = databases.allocate(cluster, "fusion_test_writers")
    databases.create(cluster, database)
    try:
        found = run(cluster, database, seed)
    finally:
        databases.drop(cluster, database)
    print(found)
    assert found["errors"] == [], seed
    assert found["violations"] == [], seed
    assert found["ledger"][:2] == [EVENTS, EVENTS], seed
    assert found["months"] == ["2026-03-01", "2026-04-01", "2026-05-01"], seed
    assert found["rest"] == [0], seed
    assert found["keys"] == [EVENTS], seed
    assert found["rollup"][0] == EVENTS, seed
    assert Decimal(found["ledger"][2]) == Decimal(found["rollup"][1]) == USAGE, seed
    assert found["late"] == 0, seed
    # Each month of each subscription is rounded once: half a cent each at most.
    assert abs(Decimal(found["invoiced"][0]) - USAGE / 20) <= Decimal("0.03"), seed
    assert found["told"]["connections killed"] > 0, seed
    assert found["seconds"] <= PATIENCE, seed


def run(cluster: postgres.Cluster, database: str, seed: int) -> dict:
    """Run the inside in an Odoo process of its own; return what it found."""
    result = paths.current().run / f"{database}.json"
    result.unlink(missing_ok=True)
    config = odoo_process.configuration(cluster, database, max_cron_threads=0, log_level="critical")
    ready = runtime.ensure()
    log = odoo_process.log_of(database)
    with log.open("a") as file:
        subprocess.run(
            [*ready.odoo_command(), "shell", "-c", config, "--no-http"],
            input=INSIDE.read_text(),
            text=True,
            stdout=file,
            stderr=file,
            env={
                **ready.environment(),
                "WRITERS": json.dumps({"seed": seed, "result": str(result)}),
            },
            check=True,
            timeout=300,
        )
    return json.loads(result.read_text())
