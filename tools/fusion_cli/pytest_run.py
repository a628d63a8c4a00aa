"""Run pytest in the project's environment and count its tests."""

import subprocess
from pathlib import Path

from . import gates, paths, test_lanes
from .tally import Tally, of_pytest

_NO_TEST_MATCHES = 5


def run(name: str, folders: list[Path], python: Path, keyword: str = "") -> Tally:
    """Run the tests in ``folders``, showing pytest's own output, and return the counts.

    The files are shared out over the processors; the tests of one file stay together, in order.
    """
    at = paths.current()
    report = at.logs / f"pytest-{name}.xml"
    report.unlink(missing_ok=True)
    command = [python, "-m", "pytest", "-q", "--tb=short", "-ra", f"--junitxml={report}", *folders]
    if keyword:
        command += ["-k", keyword]
    elif (lanes := test_lanes.processors()) > 1:
        command += [f"--numprocesses={min(lanes, test_lanes.MOST)}", "--dist=loadfile"]
    code = subprocess.run(command, cwd=at.repo, env=gates.environment()).returncode
    if keyword and code == _NO_TEST_MATCHES:
        return Tally()
    return of_pytest(report, code)


def folders(repo: Path) -> list[Path]:
    """Return the folders of all tests that need neither Odoo nor a database."""
    own = sorted(path for path in (repo / "tests").iterdir() if any(path.rglob("test_*.py")))
    pilots = sorted((repo / "pilot").glob("*/tests"))
    return [*(path for path in own if path.name != "e2e"), *pilots]
