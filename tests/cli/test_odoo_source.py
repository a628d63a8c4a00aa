"""FUSION_ODOO takes every form of an Odoo 19.0 and refuses everything else with a sentence."""

from pathlib import Path

import pytest

from tools.fusion_cli import odoo_source
from tools.fusion_cli.errors import NotPrepared


def make(folder: Path, version: str = "(19, 0, 0, FINAL, 0, '')") -> Path:
    """Write as much of an Odoo as is looked at."""
    (folder / "odoo").mkdir(parents=True)
    (folder / "odoo" / "release.py").write_text(f"FINAL = 'final'\nversion_info = {version}\n")
    return folder


@pytest.mark.parametrize(
    ("inside", "given"),
    [
        ("", ""),
        ("", "odoo-bin"),
        ("", "odoo"),
        ("usr/lib/python3/dist-packages", ""),
        ("lib/python3.12/site-packages", ""),
    ],
)
def test_a_checkout_a_prefix_and_a_package_folder_are_found(tmp_path, monkeypatch, inside, given):
    root = tmp_path / "my odoo"
    path = make(root / inside)
    (root / "odoo-bin").touch()
    monkeypatch.setenv("FUSION_ODOO", str(root / given))

    assert odoo_source.ensure(Path("python")).path == path


@pytest.mark.parametrize(
    ("version", "shown"),
    [
        ("(18, 0, 0, FINAL, 0, '')", "18.0"),
        ("('saas~19', 1, 0, FINAL, 0, '')", "saas~19.1"),
        ("(20, 0, 0, FINAL, 0, '')", "20.0"),
        ("unreadable", "unknown version"),
    ],
)
def test_another_version_is_refused_with_what_to_do(tmp_path, monkeypatch, version, shown):
    monkeypatch.setenv("FUSION_ODOO", str(make(tmp_path, version)))

    with pytest.raises(NotPrepared) as problem:
        odoo_source.ensure(Path("python"))

    assert shown in problem.value.message
    assert "19.0" in problem.value.message
    assert "FUSION_ODOO" in problem.value.hint


def test_a_folder_without_odoo_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("FUSION_ODOO", str(tmp_path))

    with pytest.raises(NotPrepared, match="no Odoo in"):
        odoo_source.ensure(Path("python"))


def test_a_pull_in_a_checkout_makes_it_another_odoo(tmp_path, monkeypatch):
    checkout = make(tmp_path)
    (checkout / ".git" / "refs").mkdir(parents=True)
    (checkout / ".git" / "HEAD").write_text("ref: refs/19.0\n")
    (checkout / ".git" / "refs" / "19.0").write_text("aaaa\n")
    monkeypatch.setenv("FUSION_ODOO", str(checkout))
    before = odoo_source.ensure(Path("python")).identity
    (checkout / ".git" / "refs" / "19.0").write_text("bbbb\n")

    assert odoo_source.ensure(Path("python")).identity != before
