"""The API: pushes per second beside a bare Odoo controller, and webhook deliveries per second."""

import http.client
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

REPO = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPO))

from tools.fusion_cli import console, databases, odoo_process, paths, postgres, runtime, server  # noqa: E402, I001

ADDONS = REPO / "bench" / "addons"
SIZES = {
    "BENCH_ROUNDS": 10,
    "BENCH_REQUESTS": 60,  # of each way in a round
    "BENCH_CALLERS": 2,  # at once, where requests per second are counted
    "BENCH_MESSAGES": 200,
}
API = "/api/billing/v1"
WAYS = {
    "bare": "bare controller, a body of one event",
    "one": "one event",
    "limited": "one event, key with a rate limit",
    "bare 100": "bare controller, a body of 100 events",
    "hundred": "100 events",
}
BESIDE = {"one": "bare", "limited": "bare", "hundred": "bare 100"}


@dataclass
class Bench:
    """A running server and how its pushes are made."""

    port: int
    keys: dict[str, str]
    number: int = 0

    def body(self, way: str) -> bytes:
        """New events of one day, of fifty subscriptions."""
        count = 100 if way in ("hundred", "bare 100") else 1
        first, self.number = self.number, self.number + count
        events = [
            {
                "transaction_id": f"5f0c7d3e-0000-4000-8000-{n:012d}",
                "external_subscription_id": f"sub-{n % 50}",
                "code": "gb",
                "timestamp": 1773154800 + n % 3600,
                "properties": {"gb": "1.25"},
            }
            for n in range(first, first + count)
        ]
        return json.dumps({"events": events} if count > 1 else {"event": events[0]}).encode()

    def push(self, way: str, body: bytes) -> float:
        """Seconds that one push takes, its connection included, as clients make them."""
        path = {"one": f"{API}/events", "limited": f"{API}/events"}.get(way, "/bench/bare")
        path = f"{API}/events/batch" if way == "hundred" else path
        key = self.keys["limited" if way == "limited" else "plain"]
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        start = time.perf_counter()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        said = answer.read()
        connection.close()
        taken = time.perf_counter() - start
        assert answer.status == 200, said
        return taken

    def one_round(self, requests: int, callers: int) -> dict[str, dict]:
        """Each way, one right after the other: its latencies alone, then its speed by callers."""
        found = {}
        for way in WAYS:
            alone = [self.push(way, self.body(way)) for _n in range(requests)]
            bodies = [self.body(way) for _n in range(requests)]
            start = time.perf_counter()
            in_threads(callers, bodies, lambda body, way=way: self.push(way, body))
            found[way] = {"alone": alone, "speed": requests / (time.perf_counter() - start)}
        return found


def in_threads(count: int, items: list, work: Callable) -> None:
    """Do all the work, so many at once; the first error of any is raised."""
    errors: list[BaseException] = []

    def run(mine: list) -> None:
        try:
            for item in mine:
                work(item)
        except BaseException as error:  # noqa: BLE001  raised by the caller's own thread
            errors.append(error)

    threads = [threading.Thread(target=run, args=(items[n::count],)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


class Receiver(BaseHTTPRequestHandler):
    """Confirms everything."""

    def do_POST(self) -> None:  # noqa: N802 - the name is http.server's
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Quiet."""


def inside(cluster: postgres.Cluster, database: str, script: str, **options: object) -> None:
    """Run a part of the measurement in an Odoo shell."""
    ready = runtime.ensure()
    config = odoo_process.configuration(cluster, database, max_cron_threads=0)
    with odoo_process.log_of(database).open("a") as log:
        subprocess.run(
            [*ready.odoo_command(), "shell", "-c", config, "--no-http"],
            input=(REPO / "bench" / script).read_text(),
            stdout=log,
            stderr=log,
            text=True,
            env={**ready.environment(), "BENCH": json.dumps(options)},
            check=True,
        )


def measure(sizes: dict[str, int]) -> dict:
    """Make a database, serve it, push, and then deliver."""
    cluster = postgres.ensure()
    database = databases.allocate(cluster, "fusion_bench_api")
    databases.create(cluster, database)
    path = ",".join(map(str, (*runtime.addons_path(REPO), ADDONS)))
    odoo_process.install(cluster, database, "bench_bare", addons_path=path)
    file = paths.current().run / f"{database}.json"
    inside(cluster, database, "_api_inside.py", keys=str(file))
    keys = json.loads(file.read_text())
    options = {"max_cron_threads": 0, "addons_path": path, "log_level": "warn"}
    with server.start(cluster, database, options=options) as odoo:
        bench = Bench(odoo.port, keys)
        args = sizes["BENCH_REQUESTS"], sizes["BENCH_CALLERS"]
        with console.step(f"{sizes['BENCH_ROUNDS']} rounds"):
            bench.one_round(*args)
            rounds = [bench.one_round(*args) for _n in range(sizes["BENCH_ROUNDS"])]
    receiver = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    with console.step("Delivering"):
        inside(
            cluster,
            database,
            "_deliver_inside.py",
            receiver=f"http://127.0.0.1:{receiver.server_port}",
            rounds=5,
            messages=sizes["BENCH_MESSAGES"],
            result=str(file),
        )
    receiver.shutdown()
    delivered = json.loads(file.read_text())
    file.unlink()
    databases.drop(cluster, database)
    return {"sizes": sizes, "pushes": rounds, "deliveries per second": delivered}


def main() -> int:
    """Print speeds, latencies and ratios; the JSON keeps every round."""
    sizes = {name: int(os.environ.get(name, size)) for name, size in SIZES.items()}
    try:
        found = measure(sizes)
    except subprocess.CalledProcessError as failure:
        console.say(f"It failed: {failure}. The log is in {paths.current().logs}.")
        return 1
    rounds, rows = found["pushes"], []
    for way, name in WAYS.items():
        taken = sorted(t * 1000 for each in rounds for t in each[way]["alone"])
        speed = statistics.median(each[way]["speed"] for each in rounds)
        beside = BESIDE.get(way, way)
        # Each round is compared with its own neighbour: a busy minute slows both.
        ratio = statistics.median(
            statistics.median(each[way]["alone"]) / statistics.median(each[beside]["alone"])
            for each in rounds
        )
        p50, p99 = (taken[round((len(taken) - 1) * part)] for part in (0.5, 0.99))
        rows.append([name, f"{speed:,.0f}", f"{p50:.1f}", f"{p99:.1f}", f"{ratio:.2f}"])
    console.table(["push", "requests/s", "p50 ms", "p99 ms", "times bare"], rows)
    for endpoints, speeds in found["deliveries per second"].items():
        speed = statistics.median(speeds)
        console.say(f"{speed:,.0f} deliveries per second to {endpoints} endpoint(s)")
    target = paths.current().logs / "bench-api.json"
    target.write_text(json.dumps(found, indent=1))
    console.say(f"Every round: {target}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
