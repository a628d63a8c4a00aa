"""The Python environment: built once per lock file and Python version, under FUSION_HOME."""

import hashlib
import importlib.util
import platform
import shutil
import sys
from pathlib import Path

from . import console, locks, paths, processes
from .errors import NotPrepared

LOCK = "tools/requirements.lock"
GATES_LOCK = "tools/requirements-gates.lock"


def lock_hash(*files: Path) -> str:
    """Return a short hash of what the lock files pin; comments and order do not matter.

    The Python version counts too: compiled wheels belong to one.
    """
    pins = sorted(
        line.split("#")[0].strip()
        for file in files
        for line in file.read_text().splitlines()
        if line.split("#")[0].strip()
    )
    described = "\n".join([platform.python_version(), platform.machine(), *pins])
    return hashlib.sha256(described.encode()).hexdigest()[:12]


def ensure(*, gates: bool = False) -> Path:
    """Return the interpreter of an environment with everything in the lock installed.

    With ``gates`` the linters and test runners are installed on top.
    """
    at = paths.current()
    lock, gates_lock = at.repo / LOCK, at.repo / GATES_LOCK
    folder = at.python / lock_hash(lock)
    python = folder / "bin" / "python"
    ready = folder / "ready"
    gates_ready = folder / f"ready-gates-{lock_hash(gates_lock)}"
    if ready.exists() and (gates_ready.exists() or not gates):
        return python
    with locks.exclusive(at.python / f"{folder.name}.lock", "building the Python environment"):
        if not ready.exists():
            with console.step("Building the Python environment (about a minute, once)"):
                _create(folder)
                install(python, lock)
                ready.touch()
        if gates and not gates_ready.exists():
            with console.step("Installing the linters and test runners (once)"):
                install(python, gates_lock, "-c", lock)
                gates_ready.touch()
    return python


def apart(lock: Path) -> Path:
    """Return the interpreter of an environment that has only what one lock file pins.

    For programs that must not be mixed with ours, such as one under another licence.
    """
    folder = paths.current().python / f"{lock.stem}-{lock_hash(lock)}"
    python = folder / "bin" / "python"
    with locks.exclusive(folder.with_suffix(".lock"), f"installing {lock.stem}"):
        if not (folder / "ready").exists():
            with console.step(f"Installing {lock.stem} (once)"):
                _create(folder)
                install(python, lock, "--require-hashes")
                (folder / "ready").touch()
    return python


def is_ready() -> bool:
    """Tell whether `ensure` would have nothing to do."""
    at = paths.current()
    return (at.python / lock_hash(at.repo / LOCK) / "ready").exists()


def install(python: Path, lock: Path, *options: str | Path) -> None:
    """Let pip install a lock file into the environment of ``python``, or where an option says."""
    at = paths.current()
    log = at.logs / "pip.log"
    # "python -m pip", not the pip script: its first line cannot hold a path with a space.
    command = [
        python,
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--no-input",
        "--no-warn-script-location",
        "-r",
        lock,
        *options,
    ]
    if processes.logged(command, log, env=at.environment()):
        raise NotPrepared(
            f"pip could not install {lock.name}:\n{processes.tail_of(log, 6)}",
            f"Check the network and pip's own configuration; the whole log is {log}.",
        )


def site_packages(python: Path) -> Path:
    """Return the folder that pip installed into."""
    found = sorted((python.parent.parent / "lib").glob("python*/site-packages"))
    if not found:
        raise NotPrepared(
            f"{python.parent.parent} is damaged.", "Run ./fusion reset and try again."
        )
    return found[0]


def _create(folder: Path) -> None:
    missing = [name for name in ("venv", "ensurepip") if not importlib.util.find_spec(name)]
    if missing:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise NotPrepared(
            f"This Python has no {' and no '.join(missing)} module.",
            f"Install it (Debian, Ubuntu: apt-get install python{version}-venv), or start "
            "./fusion with another Python: python3.12 ./fusion ...",
        )
    # A half-built one, left by a run that was killed.
    shutil.rmtree(folder, ignore_errors=True)
    processes.capture([sys.executable, "-m", "venv", folder], env=paths.current().environment())
