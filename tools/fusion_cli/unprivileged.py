"""How to run a program that refuses to run as root, when we are root."""

import functools
import os
import pwd
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from .errors import NotPrepared

_NOBODY = 65534
_NAMESPACE = ["unshare", "--user", f"--map-user={_NOBODY}", f"--map-group={_NOBODY}"]


@dataclass(frozen=True)
class RunAs:
    """What to put before a command, and what to pass to ``subprocess``."""

    wrap: list[str] = field(default_factory=list)
    popen: dict[str, int] = field(default_factory=dict)


def for_folder(folder: Path, program: Path) -> RunAs:
    """Return how to run ``program`` on files in ``folder``.

    An ordinary user just runs it. Root runs it in a user namespace in which root is called nobody:
    files stay root's, so a private home folder is no obstacle. Where namespaces are not allowed,
    it runs as the real user nobody, to whom the folder is then given.
    """
    if os.geteuid() != 0:
        return RunAs()
    if _namespaces_work():
        return RunAs(wrap=_NAMESPACE)
    nobody = pwd.getpwnam("nobody")
    run_as = RunAs(popen={"user": nobody.pw_uid, "group": nobody.pw_gid})
    for path in (folder, *folder.iterdir()):
        os.chown(path, nobody.pw_uid, nobody.pw_gid)
    for path, right in ((program, "-x"), (folder, "-w")):
        if subprocess.run(["test", right, path], cwd="/", **run_as.popen).returncode:
            raise NotPrepared(
                f"PostgreSQL does not run as root, and the user nobody cannot reach {path}.",
                "Run ./fusion as an ordinary user, or set FUSION_HOME to a folder that all users "
                "can reach, or set FUSION_DB_URL to a PostgreSQL of yours.",
            )
    return run_as


@functools.cache
def _namespaces_work() -> bool:
    try:
        return subprocess.run([*_NAMESPACE, "true"], capture_output=True).returncode == 0
    except FileNotFoundError:
        return False
