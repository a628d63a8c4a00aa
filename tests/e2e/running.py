"""A real Odoo with one service, and callers on real connections of their own."""

import contextlib
import http.client
import json
import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.fusion_cli import databases, odoo_process, paths, postgres, runtime, server

REPO = Path(os.environ.get("FUSION_REPO", Path(__file__).resolve().parents[2]))
INSIDE = REPO / "tests" / "e2e" / "_service_inside.py"
BASE = "/api/billing/v1"


@dataclass
class Running:
    """A server, its database and the key of its service."""

    cluster: postgres.Cluster
    database: str
    port: int
    key: str

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> tuple:
        """``(status, JSON, headers)`` of a request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            headers = {"Authorization": f"Bearer {self.key}", **headers}
            connection.request(method, f"{BASE}{path}", body and json.dumps(body), headers)
            answer = connection.getresponse()
            told = {name.lower(): value for name, value in answer.getheaders()}
            return answer.status, json.loads(answer.read() or b"null"), told
        finally:
            connection.close()

    def sql(self, query: str) -> str:
        return self.cluster.psql(query, self.database)


@contextlib.contextmanager
def database(name: str, **options: Any) -> Iterator[tuple[postgres.Cluster, str, str]]:
    """``(cluster, database, key)``: a database with a service as ``_service_inside`` makes it."""
    cluster = postgres.ensure()
    made = databases.allocate(cluster, name)
    databases.create(cluster, made)
    result = paths.current().run / f"{made}.json"
    ready = runtime.ensure()
    config = odoo_process.configuration(cluster, made, max_cron_threads=0)
    try:
        with odoo_process.log_of(made).open("a") as log:
            subprocess.run(
                [*ready.odoo_command(), "shell", "-c", config, "--no-http"],
                input=INSIDE.read_text(),
                text=True,
                stdout=log,
                stderr=log,
                env=ready.environment()
                | {"SERVICE": json.dumps({**options, "result": str(result)})},
                check=True,
                timeout=300,
            )
        yield cluster, made, json.loads(result.read_text())["key"]
    finally:
        result.unlink(missing_ok=True)
        databases.drop(cluster, made)


@contextlib.contextmanager
def running(name: str, **options: Any) -> Iterator[Running]:
    """A server without crons on such a database."""
    with (
        database(name, **options) as (cluster, made, key),
        server.start(cluster, made, options={"max_cron_threads": 0}) as odoo,
    ):
        yield Running(cluster, made, odoo.port, key)


def at_once(count: int, call: Callable[[int], Any]) -> list[Any]:
    """What ``call(number)`` gives in as many threads that begin together."""
    found: list[Any] = [None] * count
    barrier = threading.Barrier(count)

    def run(number: int) -> None:
        barrier.wait()
        found[number] = call(number)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return found
