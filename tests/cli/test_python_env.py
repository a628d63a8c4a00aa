"""The environment is rebuilt when what is pinned changes, and only then."""

import importlib.util
import platform

import pytest

from tools.fusion_cli import paths, python_env
from tools.fusion_cli.errors import NotPrepared


def hash_of(tmp_path, text: str) -> str:
    file = tmp_path / "lock"
    file.write_text(text)
    return python_env.lock_hash(file)


def test_comments_blank_lines_and_order_do_not_change_the_hash(tmp_path):
    plain = hash_of(tmp_path, "a==1\nb==2\n")

    assert hash_of(tmp_path, "# why\n\nb==2  # pinned\na==1\n") == plain


def test_another_version_changes_the_hash(tmp_path):
    assert hash_of(tmp_path, "a==1\n") != hash_of(tmp_path, "a==2\n")


def test_another_python_changes_the_hash(tmp_path, monkeypatch):
    before = hash_of(tmp_path, "a==1\n")
    monkeypatch.setattr(platform, "python_version", lambda: "3.99.0")

    assert hash_of(tmp_path, "a==1\n") != before


@pytest.mark.parametrize("lock", [python_env.LOCK, python_env.GATES_LOCK])
def test_every_line_of_the_lock_pins_one_version(lock):
    lines = (paths.REPO / lock).read_text().splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]

    assert len(pins) > 10
    assert [line for line in pins if line.count("==") != 1] == []


def test_both_locks_pin_no_package_twice():
    names = [
        line.split("==")[0].lower()
        for lock in (python_env.LOCK, python_env.GATES_LOCK)
        for line in (paths.REPO / lock).read_text().splitlines()
        if "==" in line and not line.startswith("#")
    ]

    assert sorted(names) == sorted(set(names))


def test_a_python_without_venv_is_told_which_package_is_missing(home, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)

    with pytest.raises(NotPrepared) as problem:
        python_env._create(home / "python" / "x")

    assert "no venv and no ensurepip" in problem.value.message
    assert "-venv" in problem.value.hint
