"""Where things are. Nothing is ever written outside ``home``."""

import functools
import os
from dataclasses import dataclass
from pathlib import Path

from .errors import NotPrepared

REPO = Path(__file__).resolve().parents[2]
# What `reset` may remove: the folders and files made by us, by name.
OURS = ("downloads", "odoo", "oca", "python", "postgres", "data", "run", "logs", "tmp", "cache")
MARKER = "made-by-fusion"


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
        # Browsers put a socket in TMPDIR, and a socket's path has about 100 bytes.
        if len(str(self.tmp)) <= 48:
            env["TMPDIR"] = str(self.tmp)
        return env


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
