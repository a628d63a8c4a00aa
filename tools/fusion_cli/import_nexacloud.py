"""Import NexaCloud's database into the Odoo of ``serve``: test, dry run or run.

The same as the wizard under Fusion Billing, Import from NexaCloud. What is imported stays in
shadow: nothing is confirmed, posted or charged. The read-only connection comes from --dsn, from
$FUSION_NEXACLOUD_DSN (no password on the command line), or from Odoo's system parameter
fusion_billing.nexacloud_dsn if it is set already.
"""

import argparse
import os

from . import console, names, postgres, serve, server
from .demo.importing import DSN_PARAMETER, show_import
from .demo.rpc import OdooSession

MODES = {"test": "test", "dry-run": "dry_run", "run": "run"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("mode", choices=MODES, help="test reads nothing but the schema; dry-run "
                        "rolls everything back; run imports")  # fmt: skip
    parser.add_argument("--service", default="nexacloud", help="code of the billing service")
    parser.add_argument("--dsn", default=os.environ.get("FUSION_NEXACLOUD_DSN"))


def main(args: argparse.Namespace) -> int:
    """Return 0 if every row was taken, 1 if one failed or the source could not be read."""
    cluster = postgres.ensure()
    database = names.tagged(cluster, serve.DATABASE)
    serve.prepare(cluster, database)
    with server.start(cluster, database, options={"max_cron_threads": 0}) as running:
        odoo = OdooSession(running.url, database, server.LOGIN, server.PASSWORD)
        if args.dsn:
            odoo.call("ir.config_parameter", "set_param", DSN_PARAMETER, args.dsn)
        service_id = _service(odoo, args.service)
        with console.step(f"{args.mode} of {args.service}"):
            report = odoo.call(
                "fusion.billing.service", "import_nexacloud", [service_id], MODES[args.mode]
            )
    for sentence in [*report["problems"], *report["warnings"]]:
        console.say(f"  {sentence}")
    show_import(report)
    return 0 if report["ok"] else 1


def _service(odoo: OdooSession, code: str) -> int:
    """The id of the service; a new one, in shadow, where there is none."""
    found = odoo.search("fusion.billing.service", [["code", "=", code]])
    if found:
        return found[0]
    console.note(f"The service {code} is new: created, in shadow.")
    return odoo.create("fusion.billing.service", code=code, name=code.capitalize())
