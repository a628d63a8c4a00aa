"""The table of commands and what happens around each of them."""

import argparse
import importlib
import signal
import sys
from types import ModuleType
from typing import NoReturn

from . import console, locks, paths
from .errors import CliError, UsageError

# name -> (module, one line for `./fusion help`). Each module has `main(args) -> int` and may
# have `add_arguments(parser)`. Modules are imported when they are called, not before.
COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("demo", "bill a month of the NexaCloud pilot on a real Odoo and check every cent"),
    "serve": ("serve", "start Odoo with the addon on a database that is kept"),
    "test": ("test", "run the checks, the engine tests, the Odoo tests and the end-to-end tests"),
    "check": ("check", "run the static gates: ruff, pylint-odoo, import-linter, architecture"),
    "bench": ("bench", "list and run the measurements in bench/"),
    "import": ("import_nexacloud", "import NexaCloud's database into the Odoo of `serve`"),
    "prepare": ("prepare", "fetch and make all that the other commands need"),
    "shell": ("shell", "open an Odoo shell on the database of `serve`"),
    "reset": ("reset", "remove everything this command line has made"),
    "help": ("help", "say what there is, or what one command does"),
}
# These look at the state or remove it, so they are no users of it.
_WITHOUT_HOME = {"help", "reset"}


def run(argv: list[str]) -> int:
    """Run one command line and return its exit code."""
    console.use_plain_streams()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    try:
        return _dispatch(argv)
    except CliError as problem:
        console.error(problem)
        return problem.exit_code
    except KeyboardInterrupt:
        console.say("\nstopped")
        return 130


def parser_of(name: str) -> tuple[argparse.ArgumentParser, ModuleType]:
    """Return the argument parser and the module of a command."""
    if name not in COMMANDS:
        known = ", ".join(COMMANDS)
        raise UsageError(f"There is no command '{name}'.", f"Commands: {known}.")
    module_name, summary = COMMANDS[name]
    module = importlib.import_module(f".{module_name}", __package__)
    parser = argparse.ArgumentParser(
        prog=f"fusion {name}",
        description=module.__doc__ or summary,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    if hasattr(module, "add_arguments"):
        module.add_arguments(parser)
    return parser, module


def _dispatch(argv: list[str]) -> int:
    name, rest = (argv[0], argv[1:]) if argv else ("help", [])
    if name in ("-h", "--help"):
        name = "help"
    parser, module = parser_of(name)
    args = parser.parse_args(rest)
    if name in _WITHOUT_HOME:
        return module.main(args)
    with locks.shared(paths.current().home / "in-use.lock"):
        return module.main(args) or 0


def _leave(number: int, _frame: object) -> NoReturn:
    """End by the normal way, so that servers and the database are stopped."""
    sys.exit(128 + number)
