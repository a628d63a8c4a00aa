"""Act 5: the cut-over. Locked until it is proved, rehearsed, done, on paper, and obeyed."""

from __future__ import annotations

import json
import time

from .. import chromium, console
from ..errors import Failed
from . import check, importing
from .world import LAST_DAY, World

MODEL = "fusion.billing.cutover"
LINE = "fusion.billing.cutover.line"
FIELDS = ["state", "lock", "warning", "order_count", "blocked_count", "receipt_hash", "name"]
SHOWN = 6
PATIENCE = 90
OBEYED = "SELECT count(*) FROM billing_handovers WHERE billed_from IS NOT NULL"
BILLED = f"SELECT count(*) FROM invoices WHERE invoice_date > '{check.CUT_OVER}'"


def begin(world: World) -> int:
    """Take every subscription along and try: before the dual run it is locked."""
    service = world.services["nexacloud"]
    cutover = world.odoo.create(MODEL, service_id=service.id)
    world.odoo.call(MODEL, "action_add_all", [cutover])
    with console.step("rehearse the cut-over before anything is proved"):
        found = _rehearse(world, cutover)
    if not found["lock"]:
        raise Failed("The cut-over was unlocked before a single period was compared.")
    console.note("locked: " + " ".join(found["lock"].splitlines()))
    return cutover


def finish(world: World, cutover: int) -> None:
    """Import once more, rehearse, take out what is held, cut over, print the receipt."""
    console.heading("5. Cut over, as of 1 March 2026")
    with console.step("import what the app's night changed, and rehearse"):
        changed = importing.totals(importing.run_import(world, "run"))
        found = _rehearse(world, cutover)
    console.note(f"{changed['updated']} subscriptions had moved on to their next period")
    held = _lines(world, cutover, ["obstacle", "!=", False])
    for line in held:
        console.note(f"held {line['external_id']}: {line['obstacle']}")
    orders = [line["order_id"][0] for line in held]
    world.odoo.call(MODEL, "write", [cutover], {"order_ids": [[3, order] for order in orders]})
    with console.step("take them out, and rehearse"):
        found = _rehearse(world, cutover)
    if found["lock"]:
        raise Failed(f"The cut-over is still locked: {found['lock']}")
    lines = sorted(_lines(world, cutover), key=lambda line: -line["clean_periods"])
    console.table(
        ("first invoice", "customer", "clean", "would be", ""),
        [
            (line["first_invoice_on"], line["partner_id"][1],
             f"{line['clean_periods']} of {line['needed_periods']}", f"{line['total']:.2f}",
             line["currency_id"][1])
            for line in lines[:SHOWN]
        ],
    )  # fmt: skip
    with console.step("cut over"):
        world.odoo.call(MODEL, "action_cut_over", [cutover])
    _show_done(world, cutover, len(lines))
    _app_stops_billing(world, len(lines))


def _show_done(world: World, cutover: int, count: int) -> None:
    found = _read(world, cutover)
    own = [["x_fc_cutover_id", "=", cutover], ["state", "=", "sale"]]
    live = world.odoo.search("sale.order", own)
    told = world.odoo.search(
        "fusion.billing.webhook", [["webhook_type", "=", "subscription.cut_over"]]
    )
    if not (found["state"] == "done" and len(live) == len(told) == count):
        raise Failed(f"{count} rehearsed, {len(live)} confirmed, {len(told)} told.")
    console.note(f"{count} subscriptions are billed here from their next period on")
    console.note(f"receipt {found['name']}, SHA-256 {found['receipt_hash']}")
    if chromium.find():
        report = "fusion_centralize_billing.report_cutover"
        content = world.odoo.fetch(f"/report/pdf/{report}/{cutover}")
        if not content.startswith(b"%PDF"):
            raise Failed("The receipt is no PDF.")
        console.note(f"printed: {len(content):,} bytes, {world.url}/report/pdf/{report}/{cutover}")


def _app_stops_billing(world: World, count: int) -> None:
    """The app has heard; its nightly job, run for all of March, finds nobody to bill."""
    with console.step("the app hears of it, and its own nightly job runs through March"):
        deadline = time.monotonic() + PATIENCE
        while (obeyed := int(world.cluster.psql(OBEYED, world.nexacloud_db))) != count:
            if time.monotonic() > deadline:
                raise Failed(f"The app gave up {obeyed} of {count} subscriptions.")
            time.sleep(0.2)
        world.pilot("billing", "--dsn", "", "--store", "--until", LAST_DAY)
    billed = int(world.cluster.psql(BILLED, world.nexacloud_db))
    file = world.repo / "pilot" / "nexacloud" / "expected_invoices.json"
    rows = json.loads(file.read_text(encoding="utf-8"))
    ours = sum(row["service"] == "nexacloud" and not check.billed_by_the_app(row) for row in rows)
    if billed or not ours:
        raise Failed(f"The app billed {billed} invoices after the cut-over.")
    console.note(f"the app bills {billed} of {ours} invoices due by {LAST_DAY}: {count} cut over")


def _rehearse(world: World, cutover: int) -> dict:
    world.odoo.call(MODEL, "action_rehearse", [cutover])
    return _read(world, cutover)


def _read(world: World, cutover: int) -> dict:
    return world.odoo.read(MODEL, [["id", "=", cutover]], FIELDS)[0]


def _lines(world: World, cutover: int, *domain: list) -> list[dict]:
    names = ["external_id", "order_id", "partner_id", "obstacle", "first_invoice_on", "total",
             "currency_id", "clean_periods", "needed_periods"]  # fmt: skip
    return world.odoo.read(LINE, [["cutover_id", "=", cutover], *domain], names, order="id")
