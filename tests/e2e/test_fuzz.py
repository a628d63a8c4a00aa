"""Schemathesis asks a running server whatever the OpenAPI document allows, and what it does not.

Nothing may be answered with a 500, an undeclared status or a body of another shape, and when it is
over, the books are right.
"""

import json
import os
import re
import subprocess
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tools.fusion_cli import databases, odoo_process, paths, postgres, runtime, server

from ._fuzz_document import seeded

REPO = Path(os.environ.get("FUSION_REPO", Path(__file__).resolve().parents[2]))
INSIDE = REPO / "tests" / "e2e" / "_fuzz_inside.py"
BASE = "/api/billing/v1"
SEED = "20260310"
EXAMPLES = "8"
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
)
# A route that a fuzzed request hardly ever gets right is no loss; most of them must be reached.
REACHED = 40


@dataclass
class Fuzzed:
    """What schemathesis said, what the server answered, what the books look like."""

    code: int
    said: str
    answers: list[tuple[str, str, int]]
    books: dict


def inside(cluster: postgres.Cluster, database: str, **step: object) -> dict:
    """Run a step of `_fuzz_inside.py` in an Odoo shell and return what it found."""
    result = paths.current().run / f"{database}.json"
    result.unlink(missing_ok=True)
    config = odoo_process.configuration(cluster, database, max_cron_threads=0, log_level="critical")
    ready = runtime.ensure()
    with odoo_process.log_of(database).open("a") as log:
        subprocess.run(
            [*ready.odoo_command(), "shell", "-c", config, "--no-http"],
            input=INSIDE.read_text(),
            text=True,
            stdout=log,
            stderr=log,
            env={**ready.environment(), "FUZZ": json.dumps({**step, "result": str(result)})},
            check=True,
            timeout=300,
        )
    return json.loads(result.read_text())


def schemathesis(url: str, ids: dict) -> subprocess.CompletedProcess:
    """Let it loose on the document, in which there are names of things that exist."""
    with urllib.request.urlopen(f"{url}{BASE}/openapi.json", timeout=60) as answer:
        document = seeded(json.load(answer), ids)
    file = paths.current().run / "fuzz-openapi.json"
    file.write_text(json.dumps(document))
    ready = runtime.ensure(gates=True)
    return subprocess.run(
        [
            *(ready.python, "-m", "schemathesis.cli", "run", file),
            *("--url", f"{url}{BASE}", "-H", f"Authorization: Bearer {ids['key']}"),
            *("--checks", ",".join(CHECKS), "--phases", "fuzzing", "--warnings", "off"),
            *("--seed", SEED, "--max-examples", EXAMPLES, "--generation-allow-x00", "false"),
            *("--generation-database", "none", "--continue-on-failure", "--no-shrink"),
            "--no-color",
        ],
        cwd=paths.current().run,
        env={**ready.environment(), "COLUMNS": "120"},
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )


def answered(log: Path, key: str) -> list[tuple[str, str, int]]:
    """``(method, path, status)`` of every request to the API that the server logged."""
    line = re.compile(rf'"([A-Z]+) {BASE}(/\S*) HTTP/1.1" (\d+)')
    text = log.read_text(errors="replace")
    assert key not in text
    return [(method, path, int(status)) for method, path, status in line.findall(text)]


@pytest.fixture(scope="module")
def fuzzed() -> Iterator[Fuzzed]:
    """One run of it all on a database of its own."""
    cluster = postgres.ensure()
    database = databases.allocate(cluster, "fusion_test_fuzz")
    databases.create(cluster, database)
    try:
        ids = inside(cluster, database, step="make")
        with server.start(cluster, database, options={"max_cron_threads": 0}) as running:
            done = schemathesis(running.url, ids)
        answers = answered(running.log, ids["key"])
        books = inside(cluster, database, step="look", service=ids["service"])
        yield Fuzzed(done.returncode, done.stdout + done.stderr, answers, books)
    finally:
        databases.drop(cluster, database)


def test_no_500_no_undeclared_status_no_body_of_another_shape(fuzzed: Fuzzed) -> None:
    print(fuzzed.said[-600:])
    assert fuzzed.code == 0, fuzzed.said[-8000:]
    assert not [answer for answer in fuzzed.answers if answer[2] >= 500]


def test_requests_got_past_the_404s(fuzzed: Fuzzed) -> None:
    assert len(fuzzed.answers) > 500
    done = {
        (method, path.split("?")[0]) for method, path, status in fuzzed.answers if status == 200
    }
    assert len(done) >= REACHED, sorted(done)
    for method in ("GET", "POST", "PUT", "DELETE"):
        assert any(each == method for each, _path in done), method


def test_the_books_are_right_after_all_that(fuzzed: Fuzzed) -> None:
    assert fuzzed.books["violations"] == []
    assert fuzzed.books["subscriptions"] > 10
