"""Each database name is held by one run; a dead run holds nothing."""

import subprocess
import sys
from pathlib import Path

import pytest

from tools.fusion_cli import names
from tools.fusion_cli.errors import CliError
from tools.fusion_cli.postgres import Cluster

REPO = Path(__file__).resolve().parents[2]
CLAIM = "from tools.fusion_cli import names; print(names.claim('fusion_demo'), flush=True); input()"


@pytest.fixture(autouse=True)
def nothing_held():
    yield
    for name in list(names._held):
        names.free(name)


def other_run() -> subprocess.Popen:
    """Start another process that claims fusion_demo and holds it until its input ends."""
    run = subprocess.Popen(
        [sys.executable, "-c", CLAIM],
        cwd=REPO,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    run.claimed = run.stdout.readline().strip()
    return run


def test_the_first_free_name_is_taken(home):
    assert [names.claim("fusion_demo") for _ in range(3)] == [
        "fusion_demo",
        "fusion_demo_2",
        "fusion_demo_3",
    ]


def test_a_freed_name_is_taken_again(home):
    names.claim("fusion_demo")
    names.claim("fusion_demo")
    names.free("fusion_demo")

    assert names.claim("fusion_demo") == "fusion_demo"


def test_two_runs_get_two_names(home):
    with other_run() as run:
        assert run.claimed == "fusion_demo"
        assert names.claim("fusion_demo") == "fusion_demo_2"
        run.kill()


def test_a_killed_run_leaves_its_name_free(home):
    with other_run() as run:
        run.kill()
        run.wait()

        assert names.claim("fusion_demo") == "fusion_demo"


@pytest.mark.parametrize("bad", ["", "Fusion", "a-b", "1st", 'x"; drop database y; --', "a" * 50])
def test_a_name_that_needs_quotes_is_refused(home, bad):
    with pytest.raises(CliError, match="cannot be the name of a database"):
        names.claim(bad)


def test_on_a_shared_server_each_home_has_names_of_its_own(home):
    ours = Cluster("db", 5432, "fusion", "", Path("psql"), external=False)
    shared = Cluster("db", 5432, "fusion", "", Path("psql"), external=True)

    assert names.tagged(ours, "fusion_demo") == "fusion_demo"
    assert names.tagged(shared, "fusion_demo") != "fusion_demo"
    assert names.tagged(shared, "fusion_demo") == names.tagged(shared, "fusion_demo")
