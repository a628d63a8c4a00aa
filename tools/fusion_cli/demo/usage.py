"""Act 7: a month of usage through the API, with an agent that is killed on the way."""

from __future__ import annotations

from pilot.nexacloud import other_services

from .. import console
from ..errors import Failed
from .world import CLOCK_END, CLOCK_START, World, counted

PUSHED = "SELECT count(*) FROM usage_counters WHERE pushed_at IS NOT NULL"
PUSHED_NOW = PUSHED + f" AND hour >= '{CLOCK_START}+00'"
COUNTERS = "SELECT count(*) FROM usage_counters"
BATCH = 100
AGENT_BATCH = 500  # an operator allows NexaCloud's agent more than Lago's 100 per request


def push_a_month(world: World) -> None:
    """NexaCloud pushes hourly counters with the Lago client, NexaMaps daily ones over HTTP."""
    console.heading("7. A month of usage, pushed by the apps")
    world.move_clock(CLOCK_END)
    agent = agent_arguments(world)
    with console.step("NexaCloud's agent pushes hourly counters with lago-python-client"):
        confirmed = world.pilot_killed("agent", *agent, when=PUSHED_NOW)
        console.note(f"kill -9 after {confirmed:,} counters were confirmed; started again")
        resumed = counted(world.pilot("agent", *agent))
    total = int(world.cluster.psql(COUNTERS, world.nexacloud_db))
    if int(world.cluster.psql(PUSHED, world.nexacloud_db)) != total:
        raise Failed("The agent ended without pushing every counter.")
    maps = _push_maps(world)
    console.table(
        ("app", "counters", "pushed before the kill", "then accepted", "of them duplicate"),
        [
            ("NexaCloud", f"{total:,}", f"{confirmed:,}", f"{resumed.get('accepted', 0):,}",
             resumed.get("duplicate", 0)),
            ("NexaMaps", f"{sum(maps.values()):,}", 0, f"{maps.get('accepted', 0):,}",
             maps.get("duplicate", 0)),
        ],
    )  # fmt: skip
    _check_ledger(world, "nexacloud", total)


def push_again(world: World) -> tuple[int, int]:
    """Push everything once more; (accepted, duplicate) over both apps."""
    again = counted(world.pilot("agent", *agent_arguments(world), "--replay"))
    maps = _push_maps(world)
    return tuple(again.get(kind, 0) + maps.get(kind, 0) for kind in ("accepted", "duplicate"))


def ledger_fingerprint(world: World) -> str:
    """Rows of the ledger and of the rollups with their sums, exact."""
    return world.cluster.psql(
        "SELECT (SELECT count(*) FROM fusion_billing_usage_event),"
        " (SELECT sum(value) FROM fusion_billing_usage_event),"
        " (SELECT count(*) FROM fusion_billing_usage),"
        " (SELECT sum(total) FROM fusion_billing_usage)",
        world.odoo_db,
    )


def agent_arguments(world: World) -> list[str]:
    """How NexaCloud's agent is started."""
    service = world.services["nexacloud"]
    batch = str(AGENT_BATCH)
    return ["--dsn", "", "--url", service.api.base, "--key", service.key, "--batch", batch]


def _push_maps(world: World) -> dict[str, int]:
    api = world.services["nexamaps"].api
    found: dict[str, int] = {}
    events = [
        {
            "transaction_id": event.transaction_id,
            "external_subscription_id": event.external_subscription_id,
            "code": event.code,
            "timestamp": event.timestamp,
            "properties": {event.code: event.value},
        }
        for event in other_services.usage()
    ]
    for first in range(0, len(events), BATCH):
        answer = api.post("/events/batch", {"events": events[first : first + BATCH]})
        for event in answer["events"]:
            status = event["disposition"]["status"]
            found[status] = found.get(status, 0) + 1
    return found


def _check_ledger(world: World, code: str, counters: int) -> None:
    """The app's own count must be the ledger's, in spite of the kill."""
    service = world.services[code]
    rows = int(
        world.cluster.psql(
            f"SELECT count(*) FROM fusion_billing_usage_event WHERE service_id = {service.id}",
            world.odoo_db,
        )
    )
    if rows != counters:
        raise Failed(f"{code}: the app has {counters} counters, the ledger has {rows}.")
