"""What a person sees: help everywhere, sentences for mistakes, exit codes that mean something."""

import argparse
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tools.fusion_cli import cli, console, paths, processes, reset, test
from tools.fusion_cli.errors import CliError, Failed, NotPrepared, UsageError
from tools.fusion_cli.locks import FileLock
from tools.fusion_cli.postgres import Cluster

FUSION = Path(__file__).resolve().parents[2] / "fusion"


def fusion(*arguments: str, **options) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, FUSION, *arguments], capture_output=True, text=True, **options
    )


def test_without_a_command_all_commands_are_listed(tmp_path):
    done = fusion(cwd=tmp_path)

    assert done.returncode == 0
    assert [name for name in cli.COMMANDS if f"  {name} " not in done.stdout] == []
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_command_is_wrong_usage_and_names_the_known_ones():
    done = fusion("frobnicate")

    assert done.returncode == 2
    assert "There is no command 'frobnicate'." in done.stderr
    assert "demo, serve, test" in done.stderr


def test_an_unknown_option_is_wrong_usage(tmp_path):
    assert fusion("serve", "--nope", env={**os.environ, "FUSION_HOME": tmp_path}).returncode == 2


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_explains_itself(name):
    text = cli.parser_of(name)[0].format_help()

    assert f"usage: fusion {name}" in text
    assert len(text.splitlines()) > 4


def test_a_home_that_cannot_be_written_is_explained(monkeypatch, tmp_path, capsys):
    (tmp_path / "file").touch()
    monkeypatch.setenv("FUSION_HOME", str(tmp_path / "file" / "home"))
    paths.current.cache_clear()

    assert cli.run(["bench"]) == 3
    assert "Set FUSION_HOME" in capsys.readouterr().err
    paths.current.cache_clear()


def test_each_kind_of_failure_has_its_exit_code():
    codes = [kind("x").exit_code for kind in (CliError, Failed, UsageError, NotPrepared)]

    assert codes == [1, 1, 2, 3]


def test_reset_refuses_while_another_run_uses_the_home(home):
    lock = FileLock(paths.current().home / "in-use.lock")
    lock.acquire(shared=True)

    with pytest.raises(Failed, match="is in use"):
        reset.main(argparse.Namespace(keep_downloads=False))

    lock.release()


def test_reset_removes_what_is_ours_and_nothing_else(home):
    at = paths.current()
    (at.logs / "x.log").touch()
    (at.downloads / "x.deb").touch()
    (home / "mine.txt").touch()

    reset.main(argparse.Namespace(keep_downloads=True))
    assert sorted(path.name for path in home.iterdir()) == ["downloads", "mine.txt"]

    reset.main(argparse.Namespace(keep_downloads=False))
    assert [path.name for path in home.iterdir()] == ["mine.txt"]


def test_the_password_is_in_no_printed_form_of_the_cluster():
    cluster = Cluster("127.0.0.1", 5432, "odoo", "s3cret/@", Path("psql"))

    assert "s3cret" not in repr(cluster)
    assert cluster.dsn("x") == "postgresql://odoo:s3cret%2F%40@127.0.0.1:5432/x"


def test_a_table_puts_numbers_to_the_right(capsys):
    console.table(["service", "invoices"], [["nexacloud", 7], ["maps", "1,234"]])

    assert capsys.readouterr().out.splitlines() == [
        "  service    invoices",
        "  ---------  --------",
        "  nexacloud         7",
        "  maps          1,234",
    ]


def test_a_child_ends_when_the_command_line_is_killed():
    code = (
        "import subprocess, sys, time\n"
        "from tools.fusion_cli import processes\n"
        "child = subprocess.Popen(['sleep', '60'], preexec_fn=processes.end_with_parent)\n"
        "print(child.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=FUSION.parent, stdout=subprocess.PIPE, text=True
    ) as run:
        child = int(run.stdout.readline())
        watched = os.pidfd_open(child)
        run.send_signal(signal.SIGKILL)
        # Readable when the process is gone.
        assert select.select([watched], [], [], 10)[0] == [watched]
        os.close(watched)


def test_the_last_line_of_a_test_run_is_the_count_alone(home, monkeypatch, capsys):
    monkeypatch.setattr(test, "_plain", lambda keyword: test.Tally(3, 1))
    args = argparse.Namespace(engine=True, odoo=None, e2e=False, keyword="", no_check=False)

    assert test.main(args) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "3 passed, 1 failed"


def test_a_failing_program_is_told_by_its_name_and_last_words():
    with pytest.raises(CliError, match="sh failed .7.: out of luck"):
        processes.capture(["sh", "-c", "echo out of luck >&2; exit 7"])
