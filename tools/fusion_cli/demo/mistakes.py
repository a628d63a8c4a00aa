"""Act 10 and 11: what happens to bad requests, and that everything may be done twice."""

from __future__ import annotations

import json

from .. import console
from ..errors import Failed
from . import billing, importing, usage
from .rpc import BillingApi
from .world import World


def make_mistakes(world: World) -> None:
    """A wrong key, an unknown metric and a malformed body: refused, parked, refused."""
    console.heading("10. What mistakes get")
    service = world.services["nexamaps"]
    before = usage.ledger_fingerprint(world)
    wrong = BillingApi(world.url, service.key[:-1] + ("A" if service.key[-1] != "A" else "B"))
    rows = []
    status, answer = wrong.raw("GET", "/plans")
    rows.append(("wrong key", status, answer["error"]))
    _expect(status == 401, "A wrong key was not refused.")
    broken = {"event": {"transaction_id": 7, "timestamp": "yesterday", "properties": []}}
    status, answer = service.api.raw("POST", "/events", json.dumps(broken).encode())
    rows.append(("malformed event", status, json.dumps(answer.get("error_details"))))
    _expect(status == 422 and len(answer["error_details"]) > 1, "Each bad field must be named.")
    _expect(usage.ledger_fingerprint(world) == before, "A refused request left a row behind.")
    event = {
        "transaction_id": "demo-unknown-metric",
        "external_subscription_id": "nexamaps-sub-001",
        "code": "teleports",
        "properties": {"teleports": "3"},
    }
    answer = service.api.post("/events", {"event": event})
    disposition = answer["event"]["disposition"]
    rows.append(("unknown metric", 200, f"{disposition['status']}: {disposition['reason']}"))
    _expect(disposition["status"] == "parked", "An unknown metric was not parked.")
    console.table(("mistake", "HTTP", "answer"), rows)


def do_it_all_again(world: World) -> None:
    """Import, push and bill a second time: nothing new anywhere."""
    console.heading("11. Everything once more")
    before = usage.ledger_fingerprint(world)
    with console.step("import, push and bill again"):
        again = importing.totals(importing.run_import(world, "run"))
        accepted, duplicates = usage.push_again(world)
        invoiced = billing.run(world)["invoiced"]
    console.table(
        ("import created", "updated", "pushes accepted", "duplicate", "invoices"),
        [(again["created"], again["updated"], accepted, f"{duplicates:,}", invoiced)],
    )
    _expect(not again["created"] and not again["updated"], "The second import changed something.")
    _expect(not accepted, "A push was counted twice.")
    _expect(usage.ledger_fingerprint(world) == before, "The ledger or the rollups changed.")
    _expect(not invoiced, "A period was invoiced twice.")


def _expect(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Failed(otherwise)
