"""Run the checks, the engine tests, the Odoo tests and the end-to-end tests.

Without an option all of them run. The last line counts: N passed, M failed.
"""

import argparse
import contextlib
import time

from . import console, gates, odoo_tests, paths, prepare, pytest_run, python_env, runtime
from .tally import Tally


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--engine", action="store_true", help="only what needs no Odoo (seconds)")
    parser.add_argument(
        "--odoo",
        nargs="?",
        const=odoo_tests.TAGS,
        metavar="TAGS",
        help="only the Odoo tests, or those of these --test-tags, such as /sale_subscription",
    )
    parser.add_argument("--e2e", action="store_true", help="only the end-to-end tests")
    parser.add_argument(
        "-k",
        dest="keyword",
        default="",
        metavar="EXPRESSION",
        help="of the pytest tests only those that match",
    )
    parser.add_argument("--no-check", action="store_true", help="leave the static gates out")


def main(args: argparse.Namespace) -> int:
    """Run what was asked for; exit 1 when anything failed."""
    started = time.monotonic()
    everything = not (args.engine or args.odoo or args.e2e)
    tally = Tally()
    with prepare.meanwhile() if everything else contextlib.nullcontext():
        if everything and not args.no_check and not args.keyword:
            tally += _checks()
        if everything or args.engine:
            tally += _plain(args.keyword)
        if args.odoo or (everything and not args.keyword):
            tally += _odoo(args.odoo or odoo_tests.TAGS)
        if everything or args.e2e:
            tally += _end_to_end(args.keyword)
    if not tally.passed and not tally.failed:
        console.say("No test matches.")
        tally = Tally(0, 1)
    console.say(f"\nin {console.duration(time.monotonic() - started)}")
    console.say(str(tally))
    return 1 if tally.failed else 0


def _checks() -> Tally:
    console.heading("Checks")
    python = python_env.ensure(gates=True)
    failed = gates.run_all(gates.LINTERS, python)
    return Tally(len(gates.LINTERS) - failed, failed)


def _plain(keyword: str) -> Tally:
    console.heading("Tests without Odoo")
    python = python_env.ensure(gates=True)
    return pytest_run.run("plain", pytest_run.folders(paths.current().repo), python, keyword)


def _odoo(tags: str) -> Tally:
    console.heading("Tests in Odoo")
    runtime.ensure()
    return odoo_tests.run(tags)


def _end_to_end(keyword: str) -> Tally:
    console.heading("End-to-end tests")
    python = runtime.ensure(gates=True).python
    return pytest_run.run("e2e", [paths.current().repo / "tests" / "e2e"], python, keyword)
