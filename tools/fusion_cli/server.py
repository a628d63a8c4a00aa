"""A running Odoo: start it, wait until it answers, stop it by its process."""

import contextlib
import http.client
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from . import console, odoo_process, paths, processes, runtime
from .errors import NotPrepared
from .postgres import Cluster

LOGIN = PASSWORD = "admin"  # The login of a fresh Odoo database, on 127.0.0.1 only


class Server:
    """One Odoo process on one database."""

    def __init__(self, process: subprocess.Popen, port: int, database: str, log: Path) -> None:
        self.process = process
        self.port = port
        self.database = database
        self.log = log
        self.url = f"http://127.0.0.1:{port}"

    def wait(self) -> int:
        """Wait until the server ends by itself and return its exit code."""
        return self.process.wait()

    def stop(self) -> None:
        """Stop it, in order if it listens."""
        processes.stop(self.process)


@contextlib.contextmanager
def start(
    cluster: Cluster,
    database: str,
    *,
    port: int | None = None,
    extra_args: Sequence[str] = (),
    options: Mapping[str, object] | None = None,
    log: Path | None = None,
) -> Iterator[Server]:
    """Run Odoo on ``database`` for the duration of the block.

    ``options`` go into the configuration file (``max_cron_threads=0``...), ``extra_args`` on the
    command line. Without ``port`` a free one is taken.
    """
    log = log or paths.current().logs / f"{database}-server.log"
    server = _start(cluster, database, port, extra_args, dict(options or {}), log)
    try:
        yield server
    finally:
        server.stop()


def _start(
    cluster: Cluster,
    database: str,
    port: int | None,
    extra_args: Sequence[str],
    options: dict[str, object],
    log: Path,
) -> Server:
    ready = runtime.ensure()
    with console.step(f"Starting Odoo on {database}"):
        # Between our look and its bind somebody else may take the port.
        for _ in range(1 if port else 3):
            chosen = port or processes.free_port()
            config = odoo_process.configuration(cluster, database, http_port=chosen, **options)
            with log.open("wb") as output:
                process = subprocess.Popen(
                    [*ready.odoo_command(), "-c", config, *extra_args],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    env=ready.environment(),
                    preexec_fn=processes.end_with_parent,
                    # Ctrl-C is ours to handle: it reaches all processes of a terminal.
                    start_new_session=True,
                )
            if _answers(process, chosen):
                return Server(process, chosen, database, log)
            processes.stop(process)
            if "Address already in use" not in processes.tail_of(log, 200):
                break
    raise NotPrepared(
        f"Odoo does not start on port {chosen}:\n{processes.tail_of(log, 12)}",
        f"The whole log is {log}.",
    )


def _answers(process: subprocess.Popen, port: int, patience: float = 180) -> bool:
    """Wait until Odoo answers on its port. False: it ended, or the patience did."""
    deadline = time.monotonic() + patience
    while process.poll() is None and time.monotonic() < deadline:
        try:
            # Straight to the port: urllib would obey a proxy's variables.
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            connection.request("GET", "/web/health")
            if connection.getresponse().status == 200:
                return True
        except (OSError, http.client.HTTPException):
            pass
        time.sleep(0.1)
    return False
