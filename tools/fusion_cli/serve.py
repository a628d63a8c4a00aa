"""Start Odoo with the addon on a database that is kept between runs, until Ctrl-C."""

import argparse
import contextlib
import json
from pathlib import Path

from . import (
    accounting,
    chromium,
    console,
    databases,
    fake_stripe,
    odoo_process,
    paths,
    postgres,
    runtime,
    server,
    templates,
)
from .errors import UsageError

DATABASE = "fusion_serve"
ACCOUNTING_DATABASE = "fusion_serve_accounting"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--port", type=int, help="the port to answer on (default: a free one)")
    parser.add_argument("--fresh", action="store_true", help="begin with a new database")
    parser.add_argument(
        "--layer",
        choices=("addon", "base"),
        default="addon",
        help="'base' leaves the billing addon out",
    )
    parser.add_argument(
        "--with-accounting",
        action="store_true",
        help="add OCA's bank matching, dunning and ledgers (AGPL-3, fetched; docs/accounting.md)",
    )
    parser.add_argument(
        "--fake-stripe",
        action="store_true",
        help="take cards at a Stripe on this machine (docs/stripe-double.md)",
    )
    parser.add_argument("--database", help=f"another database than {DATABASE}")


def main(args: argparse.Namespace) -> int:
    """Serve until the server is stopped."""
    layer = _layer(args)
    base = ACCOUNTING_DATABASE if layer == "accounting" else DATABASE
    cluster = postgres.ensure()
    database = databases.allocate(cluster, args.database or base, keep=True)
    prepare(cluster, database, layer=layer, fresh=args.fresh)
    with contextlib.ExitStack() as running:
        odoo = running.enter_context(
            server.start(cluster, database, port=args.port, options=options_for(database))
        )
        console.heading(f"Odoo answers at {odoo.url}")
        console.say(f"  login     {server.LOGIN}, password {server.PASSWORD}")
        console.say(f"  database  {database} (kept; --fresh begins anew)")
        console.say(f"  log       {odoo.log}")
        console.say(f"  PDFs      {chromium.words()}")
        if layer == "accounting":
            console.heading("Accounting: where to click")
            accounting.say_where_to_click(odoo.url)
        _stripe(running, odoo, args)
        console.say("  Ctrl-C stops it.")
        return odoo.wait()


def _stripe(running: contextlib.ExitStack, odoo: server.Server, args: argparse.Namespace) -> None:
    memory = fake_stripe.memory_of(odoo.database)
    if args.fake_stripe:
        stripe = running.enter_context(fake_stripe.beside(odoo, memory))
        fake_stripe.say_how_to_pay(stripe, odoo.url)
    elif memory.exists():
        console.say("  Stripe    is not there in this run: --fake-stripe starts it.")


def prepare(
    cluster: postgres.Cluster, database: str, *, layer: str = "addon", fresh: bool = False
) -> None:
    """Create the database if it is not there, and bring it up to the addons' present code."""
    key = templates.key_of(layer)
    if fresh or not databases.exists(cluster, database):
        fake_stripe.memory_of(database).unlink(missing_ok=True)
        databases.create(cluster, database, layer=layer)
    else:
        _update(cluster, database, layer, key)
    _note(database).write_text(json.dumps({"layer": layer, "key": key}))


def options_for(database: str) -> dict[str, str]:
    """Return the options of an Odoo on this database."""
    return _options(_noted(database).get("layer", ""))


def _update(cluster: postgres.Cluster, database: str, layer: str, key: str) -> None:
    noted = _noted(database)
    if noted.get("layer", layer) != layer:
        raise UsageError(
            f"The database {database} was made with the layer '{noted['layer']}', not '{layer}'.",
            "Take another one with --database, or make it anew with --fresh.",
        )
    if layer == "base" or noted.get("key") == key:
        return
    with console.step(f"The addons have changed: updating {database}"):
        # The stand-ins' dependents, so the addon too, are updated with them.
        added = f",{accounting.MODULES}" if layer == "accounting" else ""
        modules = runtime.OUR_ADDONS + added
        odoo_process.install(cluster, database, modules, update=True, **_options(layer))
        if chromium.find():  # maybe since this database was made
            odoo_process.install(cluster, database, chromium.ADDON, **_options(layer))


def _options(layer: str) -> dict[str, str]:
    return accounting.options() if layer == "accounting" else {}


def _layer(args: argparse.Namespace) -> str:
    if args.with_accounting and args.layer == "base":
        raise UsageError("--with-accounting needs the billing addon: leave --layer base out.")
    return "accounting" if args.with_accounting else args.layer


def _noted(database: str) -> dict[str, str]:
    """Return what a database was made with; nothing for one that we did not make."""
    note = _note(database)
    return json.loads(note.read_text()) if note.exists() else {}


def _note(database: str) -> Path:
    return paths.current().run / f"{database}.json"
