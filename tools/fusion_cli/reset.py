"""Remove everything this command line has made: databases, Odoo, the Python environment."""

import argparse
import os
import shutil

from . import console, databases, embedded_postgres, locks, names, paths, postgres, python_env
from .errors import CliError, Failed


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--keep-downloads", action="store_true", help="keep the downloaded packages"
    )


def main(args: argparse.Namespace) -> int:
    """Remove our folders in FUSION_HOME, unless another run uses them."""
    at = paths.current()
    lock = locks.FileLock(at.home / "in-use.lock")
    try:
        if not lock.acquire(wait=False):
            raise Failed(f"{at.home} is in use by another ./fusion.", "End that run first.")
        _end_databases(at)
        with console.step(f"Removing what ./fusion made in {at.home}"):
            _remove(at, {"downloads"} if args.keep_downloads else set())
    finally:
        lock.release()
    return 0


def _remove(at: paths.Paths, kept: set[str]) -> None:
    for name in paths.OURS:
        if name not in kept and (at.home / name).exists():
            shutil.rmtree(at.home / name)
    for file in (paths.MARKER, "in-use.lock"):
        (at.home / file).unlink(missing_ok=True)
    # A folder that was somebody's before us, or still holds something, stays.
    if not any(at.home.iterdir()):
        at.home.rmdir()


def _end_databases(at: paths.Paths) -> None:
    """Drop ours on a server that is not ours; stop a server of ours that a killed run left."""
    if os.environ.get("FUSION_DB_URL") and python_env.is_ready():
        try:
            cluster = postgres.ensure()
        except CliError as problem:
            console.note(f"Databases on FUSION_DB_URL were not dropped: {problem.message}")
            return
        mark = names.tagged(cluster, "")
        for name in databases.all_names(cluster):
            if name.endswith(mark) or f"{mark}_" in name:
                databases.drop(cluster, name)
    if (at.postgres / "data" / "postmaster.pid").exists():
        for python in at.python.glob("*/bin/python"):
            embedded_postgres.Server(at.postgres, embedded_postgres.binaries(python)).stop()
            return
