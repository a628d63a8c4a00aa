"""Run the static gates: ruff, import-linter, pylint-odoo and the architecture test.

Each gate prints one line; the details follow only where it does not hold.
"""

import argparse

from . import console, gates, python_env


def main(args: argparse.Namespace) -> int:
    """Run all gates; exit 1 when one of them does not hold."""
    python = python_env.ensure(gates=True)
    every = (*gates.LINTERS, gates.ARCHITECTURE)
    console.heading("Checks")
    failed = gates.run_all(every, python)
    console.say(f"{len(every) - failed} gates hold, {failed} do not")
    return 1 if failed else 0
