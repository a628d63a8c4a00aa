"""Which of the machine's package sources is Debian's, and what is downloaded again."""

import hashlib
import json

import pytest

from tools.fusion_cli import debian, processes
from tools.fusion_cli.errors import NotPrepared

OTHERS = "Node Source|https://node.example/node_20.x\n|https://cloud.example/apt\n"


def answer(monkeypatch, listing: str) -> None:
    monkeypatch.setattr(debian, "_tool", lambda name: name)
    monkeypatch.setattr(processes, "capture", lambda command, **_: listing)


def test_the_source_that_calls_itself_debian_is_taken(monkeypatch):
    answer(monkeypatch, OTHERS + "Debian|http://mirror.example/pub/linux\n")

    assert debian.mirror() == "http://mirror.example/pub/linux"


def test_before_the_first_update_the_address_decides(monkeypatch):
    answer(monkeypatch, OTHERS + "|http://mirror.example/debian/\n")

    assert debian.mirror() == "http://mirror.example/debian/"


def test_the_security_archive_has_no_sid(monkeypatch):
    answer(monkeypatch, "Debian|http://x.example/debian-security\nDebian|http://x.example/debian\n")

    assert debian.mirror() == "http://x.example/debian"


def test_without_debian_the_other_way_is_named(monkeypatch):
    answer(monkeypatch, OTHERS)

    with pytest.raises(NotPrepared) as problem:
        debian.mirror()

    assert "FUSION_ODOO" in problem.value.hint


def test_an_intact_download_is_used_and_a_damaged_one_is_not(tmp_path, monkeypatch):
    (tmp_path / "odoo.deb").write_bytes(b"content")
    digest = hashlib.sha256(b"content").hexdigest()
    manifest = {"odoo-19": {"file": "odoo.deb", "sha256": digest}}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))

    [found] = debian.fetch(["odoo-19"], tmp_path)

    assert (found.file, found.sha256) == (tmp_path / "odoo.deb", digest)

    class FetchedAgainError(Exception):
        pass

    def fetched_again(*_):
        raise FetchedAgainError

    (tmp_path / "odoo.deb").write_bytes(b"other content")
    monkeypatch.setattr(debian, "_private_apt", fetched_again)
    with pytest.raises(FetchedAgainError):
        debian.fetch(["odoo-19"], tmp_path)
