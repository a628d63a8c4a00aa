"""Open an Odoo shell (``env`` is ready) on the database of ``serve``, or on another one."""

import argparse
import subprocess

from . import databases, names, odoo_process, postgres, runtime, serve
from .errors import UsageError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--database", help=f"another database than {serve.DATABASE}")


def main(args: argparse.Namespace) -> int:
    """Hand the terminal to Odoo's shell; what comes on standard input is run as a script."""
    cluster = postgres.ensure()
    database = args.database or names.tagged(cluster, serve.DATABASE)
    if not databases.exists(cluster, database):
        if args.database:
            known = [name for name in databases.all_names(cluster) if name.startswith("fusion_")]
            raise UsageError(f"There is no database {database}.", f"Known: {', '.join(known)}")
        serve.prepare(cluster, database)
    ready = runtime.ensure()
    config = odoo_process.configuration(
        cluster, database, max_cron_threads=0, log_level="warn", **serve.options_for(database)
    )
    command = [*ready.odoo_command(), "shell", "-c", config, "--no-http"]
    return subprocess.run(command, env=ready.environment()).returncode
