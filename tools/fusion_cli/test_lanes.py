"""Share Odoo's tests out over processes, each with a database of its own.

The first lanes name their test classes and the last one takes whatever they did not name, so
that no test can fall between two lanes, however its class came about.
"""

import ast
import os
from pathlib import Path

from . import runtime

# The tests wait for PostgreSQL and the browser about as long as they compute; more lanes than
# processors only make the tests with a time limit of their own slower.
MOST = 3
# A test takes about 0.4 s. These take as long as so many.
LONG = {"TestApiRefused": 95, "TestSimulation": 60, "TestQuarter": 55}
# A test of these takes twice as long as others: a browser, or a whole import.
SLOW = {"TestPrint", "TestBrowser", "TestImportLago", "TestImportShapes", "TestPatternRows"}


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def share(tags: str, repo: Path, lanes: int | None = None) -> list[str]:
    """Return the ``--test-tags`` of each lane; together they are exactly ``tags``."""
    lanes = lanes or min(MOST, processors())
    weights = _weights([root / addon for root in runtime.addons_path(repo) for addon in _of(tags)])
    named: list[list[str]] = [[] for _ in range(lanes)]
    loads = [0] * lanes
    for name, weight in sorted(weights.items(), key=lambda item: (-item[1], item[0])):
        lightest = loads.index(min(loads))
        named[lightest].append(name)
        loads[lightest] += weight
    first = [",".join(sorted(lane)) for lane in named[:-1] if lane]
    taken = "".join(f",-{tag}" for lane in first for tag in lane.split(","))
    return [*first, f"{tags}{taken}"]


def _of(tags: str) -> list[str]:
    return [tag.strip("/") for tag in tags.split(",")]


def _weights(addons: list[Path]) -> dict[str, int]:
    """Return the tags of the addons' test classes with what they take, counted in tests."""
    found: dict[str, int] = {}
    for path in sorted(path for addon in addons for path in addon.glob("tests/test_*.py")):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef):
                tests = [item for item in node.body if getattr(item, "name", "").startswith("test")]
                tag = f"/{path.parts[-3]}:{node.name}"
                if tests:
                    weight = LONG.get(node.name) or len(tests) * (1 + (node.name in SLOW))
                    found[tag] = found.get(tag, 0) + weight
    return found
