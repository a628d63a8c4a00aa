"""Move the NexaCloud pilot onto a real Odoo, bill its first month there, and check every cent.

Starts PostgreSQL and Odoo, fills the pilot app's own database, imports it as shadow, pushes a
winter of usage, compares three periods with what the app billed, cuts over when they agree,
sells two more services over the API, pushes a month of usage with the unmodified Lago client,
bills it, compares each invoice with the apps' own arithmetic, and hears the webhooks. A
customer whose card goes bad is suspended and resumed. Then Odoo stays up, until Ctrl-C.
"""

from __future__ import annotations

import argparse
import time

from .. import chromium, console
from . import billing, cut_over, dual_run, importing, mistakes, services, unpaid, usage
from .setup import DEMO_PASSWORD, opened
from .world import World

# Where a newcomer should click first: (what, action).
PLACES = (
    ("services, their catalogue and keys", "fusion_centralize_billing.action_service"),
    ("invoices with explained usage lines", "fusion_centralize_billing.action_invoice"),
    ("the dual run, signed", "fusion_centralize_billing.action_reconciliation"),
    ("the cut-over and its receipt", "fusion_centralize_billing.action_cutover"),
    ("usage by subscription and day", "fusion_centralize_billing.action_usage"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the demo."""
    parser.add_argument("--no-serve", action="store_true", help="end after the checks")
    parser.add_argument("--port", type=int, help="port of Odoo (default: a free one)")


def main(args: argparse.Namespace) -> int:
    """Tell the story; any figure that is off by a cent ends it with exit code 1."""
    started = time.monotonic()
    with opened(args.port) as here:
        try:
            _tell(here)
            console.heading(f"Done in {console.duration(time.monotonic() - started)}.")
            if not args.no_serve:
                _stay(here)
        finally:
            here.running.close()
            for service in here.services.values():
                service.receiver.__exit__(None, None, None)
    return 0


def _tell(here: World) -> None:
    importing.seed_the_app(here)
    importing.prepare_company(here)
    importing.import_as_shadow(here)
    cutover = cut_over.begin(here)
    dual_run.push_the_winter(here)
    dual_run.compare_with_the_app(here)
    cut_over.finish(here, cutover)
    services.open_the_others(here)
    usage.push_a_month(here)
    billing.bill_the_month(here)
    billing.one_client(here)
    billing.hear_the_webhooks(here)
    mistakes.make_mistakes(here)
    mistakes.do_it_all_again(here)
    unpaid.stop_and_start_a_service(here)


def _stay(here: World) -> None:
    console.say(f"Odoo is running at {here.url}  (login admin, password {DEMO_PASSWORD})")
    for what, action in PLACES:
        console.say(f"  {here.url}/odoo/action-{action}  {what}")
    console.say(f"  {here.story_url}  one customer's story")
    console.say(f"  PDFs are {chromium.words()}.")
    console.say("Ctrl-C stops it.")
    while True:
        time.sleep(3600)
