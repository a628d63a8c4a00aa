"""The command line's own tests need no Odoo, no database and no network."""

from pathlib import Path

import pytest

from tools.fusion_cli import paths


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A FUSION_HOME of one test, with a space in its path."""
    folder = tmp_path / "a home"
    monkeypatch.setenv("FUSION_HOME", str(folder))
    paths.current.cache_clear()
    yield folder
    paths.current.cache_clear()
