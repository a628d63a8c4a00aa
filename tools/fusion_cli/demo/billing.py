"""Act 8 and 9: bill the month, compare with the apps' own arithmetic, hear the webhooks."""

from __future__ import annotations

import json
import time
from collections import Counter
from decimal import Decimal

from .. import console
from ..errors import Failed
from . import check
from .world import LAST_DAY, World

DELIVERY_PATIENCE = 90


def run(world: World) -> dict:
    """One billing run over the services of the demo; returns its counts and parked lines."""
    odoo = world.odoo
    totals: Counter[str] = Counter()
    parked: list[dict] = []
    for service in world.services.values():
        run_id = odoo.create("fusion.billing.run", service_id=service.id, as_of=LAST_DAY)
        action = odoo.call("fusion.billing.run", "action_run", [run_id])
        done = odoo.read(
            "fusion.billing.run",
            [["id", "=", action["res_id"]]],
            ["invoiced_count", "parked_count"],
        )[0]
        totals["invoiced"] += done["invoiced_count"]
        totals["parked"] += done["parked_count"]
        parked += odoo.read(
            "fusion.billing.run.line",
            [["run_id", "=", action["res_id"]], ["state", "=", "parked"]],
            ["order_id", "reason"],
        )
    return {"invoiced": totals["invoiced"], "parked": parked}


def bill_the_month(world: World) -> None:
    """Run billing as of 1 April and hold every figure against the apps' own."""
    console.heading("8. Bill everything due by 1 April 2026")
    with console.step("billing runs"):
        done = run(world)
    console.note(f"{done['invoiced']} invoices posted")
    for line in done["parked"]:
        console.note(f"parked {line['order_id'][1]}: {line['reason']}")
    found = check.posted_invoices(world.odoo, list(world.services))
    expected = world.repo / "pilot" / "nexacloud" / "expected_invoices.json"
    count = check.compare(found, expected)
    _show_by_province(found, json.loads(expected.read_text(encoding="utf-8")))
    console.say(f"  {count} invoices equal the apps' own arithmetic, to the cent and tax by tax.")


def _show_by_province(found: dict[tuple, dict], expected: list[dict]) -> None:
    """Invoices by service, province and currency, with each tax."""
    rows: dict[tuple, dict[str, Decimal]] = {}
    for row in expected:
        if check.billed_by_the_app(row):
            continue
        entry = found[row["service"], row["external_subscription_id"], row["invoice_date"]]
        group = rows.setdefault((row["service"], row["province"], row["currency"]), {})
        for name in ("untaxed", "total"):
            group[name] = group.get(name, Decimal(0)) + entry[name]
        group["count"] = group.get("count", Decimal(0)) + 1
        for name, amount in entry["taxes"].items():
            group[name] = group.get(name, Decimal(0)) + amount
    taxes = ("GST", "HST", "QST", "PST")
    console.table(
        ("service", "province", "currency", "invoices", "untaxed", *taxes, "total"),
        [
            (*key, int(group["count"]), f"{group['untaxed']:,}",
             *(f"{group[tax]:,}" if tax in group else "" for tax in taxes), f"{group['total']:,}")
            for key, group in sorted(rows.items())
        ],
    )  # fmt: skip


def one_client(world: World) -> None:
    """A client of all three services: one partner, an invoice per service."""
    groups = world.odoo.call(
        "account.move",
        "formatted_read_group",
        [["x_fc_service_id", "!=", False], ["state", "=", "posted"]],
        ["partner_id", "x_fc_service_id"],
        ["__count"],
    )
    services: Counter[tuple] = Counter(tuple(group["partner_id"]) for group in groups)
    partner, count = services.most_common(1)[0]
    if count != len(world.services):
        raise Failed("No client has an invoice of each service.")
    console.heading(f"   One client, one ledger: {partner[1]}")
    moves = world.odoo.read(
        "account.move",
        [["partner_id", "=", partner[0]], ["state", "=", "posted"],
         ["x_fc_service_id", "!=", False]],
        ["name", "x_fc_service_id", "invoice_date", "amount_untaxed", "amount_tax", "amount_total"],
        order="invoice_date, id",
    )  # fmt: skip
    console.table(
        ("invoice", "service", "date", "untaxed", "tax", "total"),
        [
            (move["name"], move["x_fc_service_id"][1], move["invoice_date"],
             f"{move['amount_untaxed']:.2f}", f"{move['amount_tax']:.2f}",
             f"{move['amount_total']:.2f}")
            for move in moves
        ],
    )  # fmt: skip


def hear_the_webhooks(world: World) -> None:
    """Wait until the outbox is empty; what Odoo sent is what the apps verified and kept."""
    console.heading("9. Webhooks the apps received")
    with console.step("deliver (Odoo's own cron, in the background)"):
        _wait_for_delivery(world)
    rows = []
    for service in world.services.values():
        sent = world.odoo.call(
            "fusion.billing.webhook",
            "search_count",
            [["service_id", "=", service.id], ["state", "=", "delivered"]],
        )
        events = service.receiver.events()
        counts = service.receiver.counts
        if len(events) != sent or counts["bad_signature"]:
            raise Failed(f"{service.code}: {sent} webhooks sent, {len(events)} kept: {counts}.")
        kinds = Counter(event["webhook_type"] for event in events)
        rows.append(
            (service.code, sent, len(events), counts["failed_on_purpose"],
             ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items())))
        )  # fmt: skip
    console.table(("app", "sent", "verified and kept", "failed on purpose", "events"), rows)


def _wait_for_delivery(world: World) -> None:
    deadline = time.monotonic() + DELIVERY_PATIENCE
    while True:
        waiting = world.odoo.call(
            "fusion.billing.webhook", "search_count", [["state", "=", "pending"]]
        )
        if not waiting:
            break
        if time.monotonic() > deadline:
            raise Failed(f"{waiting} webhooks were not delivered in {DELIVERY_PATIENCE} s.")
        time.sleep(0.5)
    failed = world.odoo.call("fusion.billing.webhook", "search_count", [["state", "=", "failed"]])
    if failed:
        raise Failed(f"{failed} webhooks failed for good.")
