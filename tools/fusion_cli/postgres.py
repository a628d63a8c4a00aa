"""A PostgreSQL: ``$FUSION_DB_URL``, or one embedded cluster per FUSION_HOME.

All runs that use one FUSION_HOME share its cluster. Each holds `users.lock` shared; the last one
to leave gets it exclusively and stops the cluster. After a `kill -9` the cluster stays up, the
next run uses it, and its end stops it.
"""

import atexit
import functools
import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, quote, unquote, urlsplit

from . import embedded_postgres, locks, paths, processes, python_env
from .errors import CliError, NotPrepared


@dataclass(frozen=True)
class Cluster:
    """A server on which we may create databases."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    psql_program: Path
    external: bool = False
    maintenance: str = "postgres"
    sslmode: str = "prefer"

    def dsn(self, database: str) -> str:
        """Return a libpq URL. It holds the password: never print it or put it on a command line."""
        secret = f":{quote(self.password, safe='')}" if self.password else ""
        query = f"?sslmode={self.sslmode}" if self.external else ""
        host = f"[{self.host}]" if ":" in self.host else quote(self.host, safe="")
        user = quote(self.user, safe="")
        return f"postgresql://{user}{secret}@{host}:{self.port}/{database}{query}"

    def environment(self, database: str | None = None) -> dict[str, str]:
        """Return libpq's variables, for a child process's environment."""
        env = {
            "PGHOST": self.host,
            "PGPORT": str(self.port),
            "PGUSER": self.user,
            "PGDATABASE": database or self.maintenance,
            "PGSSLMODE": self.sslmode,
        }
        return {**env, "PGPASSWORD": self.password} if self.password else env

    def psql(self, sql: str, database: str | None = None) -> str:
        """Run statements one by one and return what they print, unaligned, fields by ``|``."""
        command = [self.psql_program, "-XqAt", "-v", "ON_ERROR_STOP=1"]
        env = {**os.environ, **self.environment(database), "PGCONNECT_TIMEOUT": "10"}
        return processes.capture(command, env=env, stdin=sql).strip()


@functools.cache
def ensure() -> Cluster:
    """Return a running PostgreSQL; the embedded one is stopped when its last user ends."""
    binaries = embedded_postgres.binaries(python_env.ensure())
    url = os.environ.get("FUSION_DB_URL")
    if url:
        return _external(url, binaries / "psql")
    folder = paths.current().postgres
    users = locks.FileLock(folder / "users.lock")
    with locks.exclusive(folder / "start.lock", "starting PostgreSQL"):
        users.acquire(shared=True)
        server = embedded_postgres.Server(folder, binaries)
        port = server.start()
    atexit.register(_leave, users, server)
    return Cluster(
        "127.0.0.1",
        port,
        embedded_postgres.USER,
        server.password(),
        binaries / "psql",
        sslmode="disable",
    )


def _leave(users: locks.FileLock, server: embedded_postgres.Server) -> None:
    with locks.exclusive(server.folder / "start.lock"):
        if users.acquire(wait=False):
            server.stop()
        users.release()


def _external(url: str, psql: Path) -> Cluster:
    parts = urlsplit(url)
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    if parts.scheme not in ("postgres", "postgresql"):
        raise NotPrepared(
            "FUSION_DB_URL is not a PostgreSQL URL.",
            "It looks like postgresql://user:password@host:5432/postgres.",
        )
    cluster = Cluster(
        host=query.get("host") or unquote(parts.hostname or "") or "127.0.0.1",
        port=parts.port or int(query.get("port", 5432)),
        user=unquote(parts.username or "") or query.get("user", ""),
        password=unquote(parts.password or "") or query.get("password", ""),
        psql_program=psql,
        external=True,
        maintenance=parts.path.strip("/") or "postgres",
        sslmode=query.get("sslmode", "prefer"),
    )
    _check_external(cluster)
    return cluster


def _check_external(cluster: Cluster) -> None:
    if cluster.user in ("", "postgres"):
        raise NotPrepared(
            "FUSION_DB_URL must name a user, and not postgres: Odoo refuses that one.",
            "Make one: createuser --createdb --createrole --pwprompt fusion",
        )
    try:
        may = cluster.psql(
            "select rolcreatedb or rolsuper from pg_roles where rolname = current_user"
        )
    except (CliError, subprocess.SubprocessError) as reason:
        raise NotPrepared(
            f"FUSION_DB_URL does not work: {reason}",
            "Correct it, or unset it to use the embedded PostgreSQL.",
        ) from reason
    if may != "t":
        raise NotPrepared(
            f"The user {cluster.user} may not create databases.",
            f"As the server's administrator: ALTER ROLE {cluster.user} CREATEDB;",
        )
