"""Fetch and make what the other commands need, so that they start at once and need no network.

Odoo and its Python environment, a PostgreSQL cluster, the template databases, the accounting
addons and the packages of the JavaScript example. `./fusion test` lets it run beside its first
tests; what they need earlier they make themselves, under the same locks.
"""

import argparse
import contextlib
import subprocess
import sys
from collections.abc import Iterator

from . import accounting, node, paths, postgres, processes, python_env, runtime, templates
from .postgres import Cluster


def main(_args: argparse.Namespace) -> int:
    """Make everything, what is needed first before the rest."""
    python = runtime.ensure(gates=True).python
    cluster = postgres.ensure()
    for layer in ("base", "addon"):
        _template(cluster, layer)
    found = node.find(python)
    if found:
        node.workspace(found, paths.current().repo / "examples" / "nexadesk")
    accounting.ensure()
    _template(cluster, "accounting")
    return 0


@contextlib.contextmanager
def meanwhile() -> Iterator[None]:
    """Let it run beside the block, as a process of its own that says nothing here.

    What it cannot make the block makes again, and says why that fails. Its log: ``prepare.log``.
    """
    python_env.ensure(gates=True)
    at = paths.current()
    with (at.logs / "prepare.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, at.repo / "fusion", "prepare"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            preexec_fn=processes.end_with_parent,
        )
    try:
        yield
    finally:
        processes.stop(process)


def _template(cluster: Cluster, layer: str) -> None:
    with templates.use(cluster, layer):
        pass
