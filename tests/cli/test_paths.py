"""Where child processes keep their temporary files."""

import os
import tempfile

from tools.fusion_cli import paths


def test_temporary_files_lie_in_home(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "LONGEST_TMP", 4000)
    at = paths.Paths(paths.REPO, tmp_path)

    assert at.environment()["TMPDIR"] == str(tmp_path / "tmp")


def test_a_home_and_a_tmpdir_too_deep_for_a_browsers_socket_give_way_to_a_short_folder(
    tmp_path, monkeypatch
):
    deep = tmp_path / ("d" * 60)
    deep.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(deep))
    monkeypatch.setattr(paths, "SHORT_FOLDERS", (str(tmp_path / "absent"), "/tmp"))

    chosen = paths.Paths(paths.REPO, deep).environment()["TMPDIR"]

    assert chosen == "/tmp"
    assert len(os.fsencode(chosen)) <= paths.LONGEST_TMP
