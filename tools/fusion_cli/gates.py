"""The static gates: what each is called and which command decides it."""

import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from . import console, paths, processes, runtime

# The module's script cannot be used: its first line cannot hold a path with a space.
_IMPORT_LINTER = "import importlinter.cli; importlinter.cli.lint_imports_command()"


@dataclass(frozen=True)
class Gate:
    """One yes-or-no question about the sources; ``arguments`` follow the interpreter."""

    name: str
    arguments: tuple[str, ...]


LINTERS = (
    Gate("ruff check", ("-m", "ruff", "check", ".")),
    Gate("ruff format", ("-m", "ruff", "format", "--check", ".")),
    Gate("import-linter", ("-c", _IMPORT_LINTER, "--no-cache", "--no-logo")),
    Gate("pylint-odoo", ("-m", "pylint", "--rcfile=.pylintrc", "addons", "community")),
)
ARCHITECTURE = Gate("architecture", ("-m", "pytest", "-q", "--tb=short", "tests/architecture"))


def run(gate: Gate, python: Path) -> bool:
    """Answer one gate in one line; what it has to say follows only when it does not hold."""
    at = paths.current()
    started = time.monotonic()
    done = subprocess.run(
        [python, *gate.arguments], cwd=at.repo, env=environment(), capture_output=True, text=True
    )
    took = console.duration(time.monotonic() - started)
    good = done.returncode == 0
    word = console.colour("ok", "green") if good else console.colour("failed", "red")
    console.say(f"  {gate.name:<14} {word} ({took})")
    if not good:
        said = (done.stdout + done.stderr).strip()
        console.say(processes.tail(said, 60) or f"exit code {done.returncode}, no output")
    return good


def run_all(gates: tuple[Gate, ...], python: Path) -> int:
    """Answer gates in order and return how many do not hold."""
    return sum(not run(gate, python) for gate in gates)


def environment() -> dict[str, str]:
    """Return the environment of linters and tests: `engine` and `tools` can be imported."""
    at = paths.current()
    env = at.environment()
    roots = [at.repo, at.repo / "addons" / runtime.ADDON]
    env["PYTHONPATH"] = os.pathsep.join(map(str, roots))
    env["COLUMNS"] = "100"
    return env
