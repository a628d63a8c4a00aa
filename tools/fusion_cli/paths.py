"""Where things are. Nothing is written outside ``home``, but for sockets if its path is long."""

import functools
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from .errors import NotPrepared

REPO = Path(__file__).resolve().parents[2]
# What `reset` may remove: the folders and files made by us, by name.
OURS = ("downloads", "odoo", "oca", "python", "postgres", "data", "run", "logs", "tmp", "cache")
MARKER = "made-by-fusion"
LONGEST_TMP = 48
SHORT_FOLDERS = ("/tmp", "/var/tmp", "/dev/shm")


@dataclass(frozen=True)
class Paths:
    """The repository and the one folder that holds all state of its command line."""

    repo: Path
    home: Path

    def __getattr__(self, name: str) -> Path:
        if name not in OURS:
            raise AttributeError(name)
        folder = self.home / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def environment(self) -> dict[str, str]:
        """Return an environment in which child processes keep their caches in ``home`` too."""
        env = dict(os.environ)
        cache = str(self.cache)
        env.update(
            FUSION_REPO=str(self.repo),
            FUSION_HOME=str(self.home),
            PIP_CACHE_DIR=f"{cache}/pip",
            PYTHONPYCACHEPREFIX=f"{cache}/pyc",
            RUFF_CACHE_DIR=f"{cache}/ruff",
            PYLINTHOME=f"{cache}/pylint",
            HYPOTHESIS_STORAGE_DIRECTORY=f"{cache}/hypothesis",
            # Requests to our own servers must not be sent to the company's proxy.
            NO_PROXY=",".join(filter(None, ["127.0.0.1,localhost", env.get("NO_PROXY", "")])),
        )
        env["no_proxy"] = env["NO_PROXY"]
        env["TMPDIR"] = _short_enough(str(self.tmp))
        return env


def _short_enough(folder: str) -> str:
    """Return the folder, or another one for temporary files where its path is too long.

    Browsers put a socket in it, and a socket's path has about 100 bytes.
    """
    for candidate in (folder, tempfile.gettempdir(), *SHORT_FOLDERS):
        if len(os.fsencode(candidate)) <= LONGEST_TMP and os.access(candidate, os.W_OK | os.X_OK):
            return candidate
    return folder


@functools.cache
def current() -> Paths:
    """Return the paths of this process: ``$FUSION_HOME``, or ``.fusion`` in the repository."""
    chosen = os.environ.get("FUSION_HOME")
    home = Path(chosen).expanduser().absolute() if chosen else REPO / ".fusion"
    try:
        home.mkdir(parents=True, exist_ok=True)
        (home / MARKER).touch()
    except OSError as reason:
        raise NotPrepared(
            f"Cannot write in {home}: {reason.strerror}.",
            "Set FUSION_HOME to a folder of your own, for example FUSION_HOME=$HOME/.fusion.",
        ) from reason
    return Paths(REPO, home)
