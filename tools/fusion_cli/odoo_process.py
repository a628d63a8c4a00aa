"""Odoo's configuration file and its one-off processes: install, update, script."""

import atexit
import os
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

from . import paths, processes, runtime
from .errors import Failed
from .postgres import Cluster


def configuration(cluster: Cluster, database: str, **options: object) -> Path:
    """Write and return a configuration file for one process on one database.

    Secrets go here (mode 600) and not on the command line, where everybody sees them.
    """
    at = paths.current()
    values = {
        "db_host": cluster.host,
        "db_port": cluster.port,
        "db_user": cluster.user,
        "db_password": cluster.password or False,
        "db_sslmode": cluster.sslmode,
        "db_name": database,
        "dbfilter": f"^{database}$",
        "list_db": False,
        "admin_passwd": secrets.token_urlsafe(24),
        "addons_path": ",".join(map(str, runtime.addons_path(at.repo))),
        "data_dir": at.data,
        "http_interface": "127.0.0.1",
        "workers": 0,
        "without_demo": True,
        **options,
    }
    folder = at.run / "odoo"
    folder.mkdir(exist_ok=True)
    _remove_stale(folder)
    path = folder / f"{database}-{os.getpid()}.conf"
    lines = [f"{name} = {value}" for name, value in values.items() if value not in ("", None)]
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write("\n".join(["[options]", *lines]) + "\n")
    atexit.register(path.unlink, missing_ok=True)
    return path


def install(
    cluster: Cluster, database: str, modules: str, *, update: bool = False, **options: object
) -> None:
    """Install (or update) modules in a database. ``options`` go into the configuration file."""
    option = "-u" if update else "-i"
    _run(cluster, database, [option, modules, "--stop-after-init", "--no-http"], options)


def script(cluster: Cluster, database: str, file: Path, **options: object) -> None:
    """Run a Python file in an Odoo shell, in which ``env`` is given."""
    _run(cluster, database, ["--no-http"], options, command=("shell",), stdin=file.read_text())


def log_of(database: str) -> Path:
    """Return the log of a database's one-off processes."""
    return paths.current().logs / f"{database}.log"


def _run(
    cluster: Cluster,
    database: str,
    arguments: Sequence[str],
    options: Mapping[str, object],
    *,
    command: Sequence[str] = (),
    stdin: str | None = None,
) -> None:
    ready = runtime.ensure()
    log = log_of(database)
    config = configuration(cluster, database, **{"max_cron_threads": 0, **options})
    start = log.stat().st_size if log.exists() else 0
    code = processes.logged(
        [*ready.odoo_command(), *command, "-c", config, *arguments],
        log,
        env=ready.environment(),
        stdin=stdin,
    )
    with log.open(errors="replace") as content:
        content.seek(start)
        said = content.read()
    # `odoo -i` of a module that cannot be found only logs it, and ends with 0.
    wrong = [
        line
        for line in said.splitlines()
        if " ERROR " in line or " CRITICAL " in line or "invalid module names" in line
    ]
    if code or wrong:
        shown = processes.tail(said) if code else "\n".join(wrong[:5])
        raise Failed(
            f"Odoo could not prepare the database {database}:\n{shown}", f"The whole log is {log}."
        )


def _remove_stale(folder: Path) -> None:
    """Remove the files of processes that are gone; they hold a password."""
    for file in folder.glob("*.conf"):
        owner = file.stem.rsplit("-", 1)[-1]
        if owner.isdigit() and not _alive(int(owner)):
            file.unlink(missing_ok=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
