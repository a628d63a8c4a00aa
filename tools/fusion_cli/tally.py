"""Counts of tests, from whatever ran them."""

import re
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path

_ODOO_RESULT = re.compile(r"(\d+) failed, (\d+) error\(s\) of (\d+) tests")


@dataclass(frozen=True)
class Tally:
    """How many tests passed and failed."""

    passed: int = 0
    failed: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.passed + other.passed, self.failed + other.failed)

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed"


def of_pytest(report: Path, exit_code: int) -> Tally:
    """Count the tests of a JUnit file. A skipped test has not shown anything: it counts as failed.

    A run that broke before it had a result (a wrong import, no test found) is one failure.
    """
    failed = passed = 0
    if report.exists():
        for suite in ElementTree.parse(report).getroot().iter("testsuite"):
            bad = sum(int(suite.get(kind, 0)) for kind in ("failures", "errors", "skipped"))
            failed += bad
            passed += int(suite.get("tests", 0)) - bad
    if not failed and (exit_code or not passed):
        failed = 1
    return Tally(passed, failed)


def of_odoo(log: str, exit_code: int) -> Tally:
    """Count the tests of an Odoo log.

    >>> of_odoo("... 1 failed, 0 error(s) of 12 tests when loading database 'x'", 1)
    Tally(passed=11, failed=1)

    Odoo ends with 0 when there was no test, and when tours were skipped for want of a browser or
    of websocket-client: both are failures here.
    """
    results = _ODOO_RESULT.findall(log)
    if not results:
        return Tally(0, 1)
    failures, errors, tests = map(int, results[-1])
    skipped = len(skipped_tests(log))
    failed = failures + errors + skipped
    passed = max(tests - failed, 0)
    if not failed and (exit_code or not passed):
        failed = 1
    return Tally(passed, failed)


def skipped_tests(log: str) -> list[str]:
    """Return the lines in which Odoo says that it skipped a test."""
    return [line.split(": ", 1)[-1] for line in log.splitlines() if re.search(r": skipped ", line)]
