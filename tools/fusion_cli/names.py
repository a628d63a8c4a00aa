"""Database names: each is held by one run, a free one is always found."""

import atexit
import hashlib
import re
from pathlib import Path

from . import locks, paths
from .errors import CliError
from .postgres import Cluster

# Locks of this process; dropped by the kernel when it ends.
_held: dict[str, locks.FileLock] = {}


def tagged(cluster: Cluster, name: str) -> str:
    """Return ``name`` as it is called on this cluster.

    On a server that others use too, ours carry a mark of this FUSION_HOME: a database of
    another clone must never look like a leftover of ours.
    """
    if not cluster.external:
        return name
    mark = hashlib.sha256(str(paths.current().home).encode()).hexdigest()[:6]
    return f"{name}_{mark}"


def claim(base: str, folder: Path | None = None) -> str:
    """Hold and return the first free of ``base``, ``base_2``, ``base_3``, ...

    Nobody else gets it while this process lives, also in another clone with this FUSION_HOME.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,40}", base):
        raise CliError(f"'{base}' cannot be the name of a database: use a-z, 0-9 and _.")
    folder = folder or paths.current().run / "names"
    for number in range(1, 100):
        name = base if number == 1 else f"{base}_{number}"
        if name in _held:
            continue
        lock = locks.FileLock(folder / f"{name}.lock")
        if lock.acquire(wait=False):
            _held[name] = lock
            return name
        lock.release()
    raise CliError(f"99 databases called {base} are in use. End some of the runs.")


@atexit.register
def _free_all() -> None:
    for name in list(_held):
        free(name)


def free(name: str) -> None:
    """Give a claimed name back."""
    if name in _held:
        _held.pop(name).release()
