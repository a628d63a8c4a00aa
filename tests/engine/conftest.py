"""Engine tests need no Odoo, no database and no network; `engine` comes from PYTHONPATH."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).parents[2]

# Same examples on every machine and every run; a slow machine is no failure, neither where an
# example runs nor where it is made.
settings.register_profile(
    "fusion",
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("fusion")


@pytest.fixture(scope="session")
def golden_file() -> Callable[[str], dict[str, Any]]:
    """One file of tests/golden."""

    def load(name: str) -> dict[str, Any]:
        return json.loads((ROOT / "tests" / "golden" / f"{name}.json").read_text())

    return load


@pytest.fixture(scope="session")
def golden(golden_file: Callable[[str], dict[str, Any]]) -> Callable[[str], list[dict[str, Any]]]:
    """Cases of one file in tests/golden."""
    return lambda name: golden_file(name)["cases"]
