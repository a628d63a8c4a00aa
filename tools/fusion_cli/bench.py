"""List the measurements in ``bench/``, or run some of them in the project's environment."""

import argparse
import ast
import subprocess
from pathlib import Path

from . import console, paths, runtime
from .errors import UsageError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("names", nargs="*", help="measurements to run (default: list them)")
    parser.add_argument("--all", action="store_true", help="run all of them")


def main(args: argparse.Namespace) -> int:
    """List or run the scripts; exit 1 when one of them fails."""
    scripts = {
        file.stem: file
        for file in sorted((paths.current().repo / "bench").glob("*.py"))
        if not file.stem.startswith("_")
    }
    unknown = [name for name in args.names if name not in scripts]
    if unknown:
        known = ", ".join(scripts) or "none yet"
        raise UsageError(f"There is no measurement {', '.join(unknown)}.", f"Known: {known}.")
    if not scripts:
        console.say("There are no measurements in bench/ yet.")
        return 0
    chosen = list(scripts) if args.all else args.names
    if not chosen:
        console.table(
            ["name", "what it measures"], [(name, _summary(file)) for name, file in scripts.items()]
        )
        return 0
    return max(_run(name, scripts[name]) for name in chosen)


def _run(name: str, script: Path) -> int:
    ready = runtime.ensure()
    with console.step(f"Measuring {name}"):
        code = subprocess.run([ready.python, script], env=ready.environment()).returncode
    return 1 if code else 0


def _summary(script: Path) -> str:
    return (ast.get_docstring(ast.parse(script.read_text())) or "").split("\n")[0]
