"""examples/nexamaps: pushed through a bad line by a process that is killed, billed once."""

import math
import signal
import sqlite3
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from contextlib import closing
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tools.fusion_cli import processes

APP = Path(__file__).resolve().parents[2] / "examples" / "nexamaps" / "app.py"
HOURS = 31 * 24
TILES = {place: place * sum(1000 * (1 + hour) + day for day in range(1, 32) for hour in range(24))
         for place in (1, 2)}  # fmt: skip


class BadLine(ThreadingHTTPServer):
    """Stands before the API and spoils one request after the other: refused for now, broken,
    and arrived but never answered."""

    troubles = ("429", "503", "lost")

    def __init__(self, target: str) -> None:
        super().__init__(("127.0.0.1", 0), _Spoiled)
        self.target = target
        self.left = list(self.troubles)
        self.seen: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Spoiled(BaseHTTPRequestHandler):
    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        trouble = self.server.left.pop(0) if self.server.left else ""
        self.server.seen.append(trouble)
        if trouble.isdigit():
            self._answer(int(trouble), b"busy")
            return
        headers = {name: self.headers[name] for name in ("Authorization", "Content-Type")}
        request = urllib.request.Request(self.server.target + self.path, body, headers)
        request.method = "PUT"
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                status, said = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            status, said = error.code, error.read()
        if trouble != "lost":
            self._answer(status, said)

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Retry-After", "0")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.fixture(scope="module")
def service(billing):
    return billing.service("nexamaps", "2026-03-31 20:00:00", uses_seals=True)


@pytest.fixture
def line(service):
    with BadLine(service.api.base) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_it_is_killed_and_repeated_and_billed_once_to_the_cent(service, line, tmp_path):
    env = service.environment() | {"COUNTERS": str(tmp_path / "counters.sqlite")}

    def app(*arguments: str, **changed: str) -> str:
        return processes.capture([sys.executable, APP, *arguments], env=env | changed)

    for _ in range(2):
        app("setup")
    app("count", "2026-03")
    killed_on_the_way(env)
    assert 0 < confirmed(env) < 2 * HOURS
    app("push", BILLING_URL=line.url)
    assert line.seen[: len(line.troubles)] == list(line.troubles)
    assert confirmed(env) == 2 * HOURS
    assert app("push") == ""
    service.at("2026-04-01 15:00:00")
    for _ in range(2):
        sealed = app("seal", "2026-03").splitlines()
    assert sealed == [
        f"maps-cartographe: {TILES[1]} tiles in {HOURS} hours, matched",
        f"maps-hikers: {TILES[2]} tiles in {HOURS} hours, matched",
    ]
    assert [service.bill("2026-04-01"), service.bill("2026-04-01")] == [2, 0]

    # GST and QST on the one, HST on the other.
    assert service.documents() == [
        ("Cartographe inc.", "2026-04-01", *amounts(TILES[1], "0.05", "0.09975")),
        ("Hikers of Ontario", "2026-04-01", *amounts(TILES[2], "0.13")),
    ]


def amounts(tiles: int, *rates: str) -> tuple[str, str]:
    """Return untaxed and total: 15.00 and 0.25 for each package of 1,000 beyond 100,000."""
    untaxed = 15 + Decimal("0.25") * math.ceil((tiles - 100_000) / 1000)
    taxes = sum(round(untaxed * Decimal(rate), 2) for rate in rates)
    return f"{untaxed:.2f}", f"{untaxed + taxes:.2f}"


def killed_on_the_way(env: dict[str, str]) -> None:
    """Start a push and kill -9 it after its second batch."""
    process = subprocess.Popen([sys.executable, APP, "push"], env=env, stdout=subprocess.PIPE)
    for _ in range(2):
        assert process.stdout.readline().startswith(b"pushed")
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)


def confirmed(env: dict[str, str]) -> int:
    with closing(sqlite3.connect(env["COUNTERS"])) as file:
        query = "SELECT count(*) FROM counter WHERE confirmed = sequence"
        return file.execute(query).fetchone()[0]


def test_what_is_wrong_is_not_tried_again(service, tmp_path):
    env = service.environment() | {"COUNTERS": str(tmp_path / "counters.sqlite")}

    done = subprocess.run(
        [sys.executable, APP, "setup"],
        env=env | {"BILLING_KEY": "fbk_wrong"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert done.returncode == 1
    assert "Refused: 401" in done.stderr
