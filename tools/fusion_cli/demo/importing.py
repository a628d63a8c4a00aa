"""Act 1 and 2: the app as it is, and its import as shadow."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from urllib.parse import quote

from .. import console
from . import usage
from .services import open_service
from .world import CLOCK_START, World

USD_PER_CAD = "0.73"
READER = "odoo_billing_ro"
SHOWN_REASONS = 12
COUNTS = ("created", "updated", "unchanged", "skipped", "failed")
DSN_PARAMETER = "fusion_billing.nexacloud_dsn"


def seed_the_app(world: World) -> None:
    """Fill NexaCloud's own database and make the read-only role."""
    console.heading("1. NexaCloud as it is today")
    password = _reader_password(world)
    with console.step("fill the app's database"):
        printed = world.pilot("seed", "--dsn", "", "--reset", "--reader-password", password)
    rows = [line.split() for line in printed.splitlines()]
    console.table(("table", "rows"), [(name, f"{int(count):,}") for name, count in rows])
    cluster = world.cluster
    dsn = (
        f"postgresql://{READER}:{quote(password)}@{cluster.host}:{cluster.port}"
        f"/{world.nexacloud_db}"
    )
    world.odoo.call("ir.config_parameter", "set_param", DSN_PARAMETER, dsn)


def _reader_password(world: World) -> str:
    """The role belongs to the whole cluster: two demos at once must give it one password."""
    return hashlib.sha256(f"{READER} {world.cluster.password}".encode()).hexdigest()[:32]


def prepare_company(world: World) -> None:
    """What an accountant sets once: the US dollar and its rate; webhooks to this machine."""
    odoo = world.odoo
    usd = odoo.ref("base.USD")
    odoo.write("res.currency", usd, active=True)
    odoo.create("res.currency.rate", currency_id=usd, name="2025-11-01", rate=float(USD_PER_CAD))
    odoo.call("ir.config_parameter", "set_param", "fusion_billing.webhook_allow_private", "1")


def import_as_shadow(world: World) -> None:
    """Test the connection, rehearse, import."""
    console.heading("2. Import NexaCloud as shadow")
    service = open_service(world, "nexacloud", "NexaCloud", "America/Toronto")
    world.odoo.write("fusion.billing.service", service.id, test_clock=CLOCK_START)
    for mode, title in (("test", "test the connection"), ("dry_run", "dry run, rolled back"),
                        ("run", "import")):  # fmt: skip
        with console.step(title):
            report = run_import(world, mode)
        show_import(report, reasons=mode == "run")
    batch = usage.AGENT_BATCH
    world.odoo.write("fusion.billing.service", service.id, batch_limit=batch)
    console.note("Nothing bills yet: drafts, no card, charges without a plan.")


def run_import(world: World, mode: str) -> dict:
    """Call the importer as the wizard's buttons do."""
    service = world.services["nexacloud"]
    return world.odoo.call("fusion.billing.service", "import_nexacloud", [service.id], mode)


def show_import(report: dict, *, reasons: bool = True) -> None:
    """Print a row per object, or what a test of the connection found; then the reasons."""
    if report["mode"] == "test":
        rows = [(name, f"{count:,}") for name, count in report["tables"].items()]
        console.table(("table the role can read", "rows"), rows)
        return
    objects = [(name, counts) for name, counts in report.items() if _is_counts(counts)]
    console.table(
        ("object", *COUNTS),
        [(name, *(counts[kind] for kind in COUNTS)) for name, counts in objects],
    )
    lines = report["lines"] if reasons else []
    counts = Counter((line["object"], line["outcome"], _general(line["reason"])) for line in lines)
    for (name, outcome, reason), count in counts.most_common(SHOWN_REASONS):
        console.note(f"{count} {name} {outcome}: {reason}")
    if len(counts) > SHOWN_REASONS:
        console.note(f"and {len(counts) - SHOWN_REASONS} more reasons")


def _general(reason: str) -> str:
    """The reason without the ids and dates that tell one row from the next."""
    return re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d{2}-\d{2}", "…", reason)


def totals(report: dict) -> dict[str, int]:
    """Sum of each count over all objects of a report."""
    objects = [counts for counts in report.values() if _is_counts(counts)]
    return {kind: sum(counts[kind] for counts in objects) for kind in COUNTS}


def _is_counts(value: object) -> bool:
    return isinstance(value, dict) and set(COUNTS) <= value.keys()
