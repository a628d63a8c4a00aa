"""Start Odoo with the addon on a database that is kept between runs, until Ctrl-C."""

import argparse
import json
from pathlib import Path

from . import console, databases, odoo_process, paths, postgres, runtime, server, templates

DATABASE = "fusion_serve"


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


def main(args: argparse.Namespace) -> int:
    """Serve until the server is stopped."""
    cluster = postgres.ensure()
    database = databases.allocate(cluster, DATABASE, keep=True)
    prepare(cluster, database, layer=args.layer, fresh=args.fresh)
    with server.start(cluster, database, port=args.port) as odoo:
        console.heading(f"Odoo answers at {odoo.url}")
        console.say(f"  login     {server.LOGIN}, password {server.PASSWORD}")
        console.say(f"  database  {database} (kept; ./fusion serve --fresh begins anew)")
        console.say(f"  log       {odoo.log}")
        console.say("  Ctrl-C stops it.")
        return odoo.wait()


def prepare(
    cluster: postgres.Cluster, database: str, *, layer: str = "addon", fresh: bool = False
) -> None:
    """Create the database if it is not there, and bring it up to the addon's present code."""
    key = templates.addon_key() if layer == "addon" else templates.base_key()
    if fresh or not databases.exists(cluster, database):
        databases.create(cluster, database, layer=layer)
    elif layer == "addon" and _built_from(database) != key:
        with console.step(f"The addons have changed: updating {database}"):
            # The stand-ins' dependents, so the addon too, are updated with them.
            odoo_process.install(cluster, database, runtime.OUR_ADDONS, update=True)
    _note(database).write_text(json.dumps({"key": key}))


def _note(database: str) -> Path:
    return paths.current().run / f"{database}.json"


def _built_from(database: str) -> str:
    return json.loads(_note(database).read_text())["key"] if _note(database).exists() else ""
