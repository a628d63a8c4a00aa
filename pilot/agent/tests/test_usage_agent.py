"""The usage agent: each counter arrives once and as it is now, whatever breaks on the way."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest
from fusion_billing_agent.agent import Agent, wait
from fusion_billing_agent.api import Api, Later, Locked
from fusion_billing_agent.cli import main, period
from fusion_billing_agent.config import ConfigError, load
from fusion_billing_agent.seal import totals
from fusion_billing_agent.source import connect
from fusion_billing_agent.store import Store

HERE = Path(__file__).parent


def _beside(name: str):
    spec = importlib.util.spec_from_file_location(name, HERE / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


app = _beside("app_database")
FakeUsageApi = _beside("fake_usage_api").FakeUsageApi


class Setup:
    """An app, an agent with its queue, and the API."""

    def __init__(self, folder: Path, server) -> None:
        self.folder, self.server = folder, server
        self.file = app.make(folder, server.url)
        self.config = load(self.file)
        self.store = Store(self.config.queue)
        self.source = connect(self.config.source)
        self.pauses: list[float] = []
        api = Api(self.config.url, self.config.key)
        self.agent = Agent(self.config, self.store, api, self.pauses.append)

    def count(self, *hours: tuple[int, str]) -> None:
        app.count(self.folder, *hours)

    def ledger(self) -> dict[str, str]:
        return {key[2]: value for key, (_, value) in self.server.counters.items()}


@pytest.fixture
def setup(tmp_path, monkeypatch):
    monkeypatch.setenv("BILLING_KEY", "fbk_test")
    with FakeUsageApi() as server:
        found = Setup(tmp_path, server)
        with closing(found.store), closing(found.source):
            yield found


def test_every_counter_arrives_under_its_own_key_and_a_second_run_sends_nothing(setup):
    setup.count(*[(hour, f"{hour}.5") for hour in range(25)])
    assert (setup.agent.read(setup.source), setup.agent.push()) == (25, 25)
    assert setup.server.requests == 3
    assert setup.server.counters[("sub-1", "bandwidth", "2026-03-01T05Z", "null")] == (1, "0.5")
    assert (setup.agent.read(setup.source), setup.agent.push()) == (0, 0)
    assert setup.server.requests == 3


def test_a_correction_of_an_old_hour_is_seen_whatever_its_time(setup):
    setup.count((5, "1"), (900, "2"))
    setup.agent.read(setup.source)
    setup.agent.push()
    setup.count((5, "0.25"), (-9000, "7"))
    assert setup.agent.read(setup.source) == 2
    setup.agent.push()
    assert sorted(setup.ledger().values()) == ["0.25", "2", "7"]


def test_an_answer_that_is_lost_counts_once_and_the_server_is_given_the_time_it_asks_for(setup):
    setup.count(*[(hour, "1") for hour in range(10)])
    setup.agent.read(setup.source)
    setup.server.troubles = [0, 429, 503]
    assert setup.agent.push_patiently(tries=4) == 10
    assert len(setup.server.counters) == 10
    assert [pause >= 7 for pause in setup.pauses[1:]] == [True, True]


def test_without_network_everything_waits_and_only_the_newest_of_a_counter_is_kept(setup):
    setup.server.shutdown()
    setup.server.server_close()
    for day in range(7):
        setup.count(*[(hour, f"{day}") for hour in range(24)])
        setup.agent.read(setup.source)
        with pytest.raises(Later):
            setup.agent.push()
    assert setup.store.counts() == {"waiting": 24, "aside": 0, "unreadable": 0}
    with FakeUsageApi() as back:
        agent = Agent(setup.config, setup.store, Api(back.url, "fbk_test"))
        assert agent.push() == 24
        assert {value for _, value in back.counters.values()} == {"6"}


def test_a_bad_counter_is_put_aside_with_its_reason_and_the_others_go_on(setup):
    setup.server.bad = {"666"}
    setup.count((1, "1"), (2, "666"), (3, "3"), (4, "many"))
    setup.agent.read(setup.source)
    setup.agent.push()
    assert sorted(setup.ledger().values()) == ["1", "3"]
    assert setup.store.counts() == {"waiting": 0, "aside": 1, "unreadable": 1}
    assert "value_is_invalid" in str(setup.store.reasons())
    setup.count((2, "2"))
    setup.agent.read(setup.source)
    setup.agent.push()
    assert sorted(setup.ledger().values()) == ["1", "2", "3"]


def test_what_was_overtaken_by_a_newer_push_is_done(setup):
    setup.count((1, "1"), (2, "2"))
    setup.server.counters[("sub-1", "bandwidth", "2026-03-01T06Z", "null")] = (99, "50")
    setup.agent.read(setup.source)
    setup.agent.push()
    assert setup.ledger() == {"2026-03-01T06Z": "50", "2026-03-01T07Z": "2"}
    assert setup.store.counts()["waiting"] == 0


def test_a_revision_of_a_running_transaction_is_waited_for(setup):
    class Slow:
        done = False

        def __init__(self, source):
            self.mark, self.after = lambda table: (source.mark(table)[0], 500), source.after

        def settled(self, horizon):
            assert horizon == 500
            return self.done

    setup.count((1, "1"))
    slow = Slow(setup.source)
    assert setup.agent.read(slow) == 0
    setup.count((2, "2"))
    slow.done = True
    assert [setup.agent.read(slow), setup.agent.read(slow)] == [1, 1]


def test_backfill_sends_a_time_again_without_counting_it_twice(setup):
    setup.count(*[(hour, "1") for hour in range(10)])
    setup.agent.read(setup.source)
    setup.agent.push()
    end = app.FIRST + timedelta(hours=4)
    assert setup.agent.backfill(setup.source, app.FIRST, end) == 4
    setup.agent.push()
    assert (setup.server.taken, len(setup.server.counters)) == (14, 10)


def test_totals_are_of_the_services_local_days(setup):
    setup.count((-1, "100"), (0, "1.5"), (24 * 31 - 2, "2"), (24 * 31 - 1, "100"))
    found = totals(setup.config, setup.source, *period("2026-03"))
    [(key, (rows, total))] = found.items()
    assert (key, rows, str(total)) == (("sub-1", "bandwidth"), 2, "3.5")


def test_killed_while_it_pushes_it_goes_on_where_it_was(setup):
    setup.count(*[(hour, f"{hour}") for hour in range(400)])
    command = [sys.executable, "-m", "fusion_billing_agent", "--config", setup.file, "run"]
    environment = os.environ | {"PYTHONPATH": str(HERE.parent), "PYTHONDONTWRITEBYTECODE": "1"}
    for enough in (30, 120):
        with subprocess.Popen(command, env=environment) as process:
            until = time.monotonic() + 30
            while len(setup.server.counters) < enough and time.monotonic() < until:
                time.sleep(0.005)
            process.send_signal(signal.SIGKILL)
        assert len(setup.server.counters) >= enough
    assert main(["--config", str(setup.file), "once"]) == 0
    assert sorted(setup.ledger().values(), key=int) == [str(hour) for hour in range(400)]
    assert setup.store.counts()["waiting"] == 0


def test_a_wrong_key_stops_it_and_loses_nothing(setup):
    setup.count((1, "1"))
    setup.agent.read(setup.source)
    setup.server.troubles = [401]
    with pytest.raises(Locked):
        setup.agent.push()
    assert setup.store.counts()["waiting"] == 1


def test_waits_double_up_to_five_minutes_and_never_undercut_the_server():
    assert 0.5 <= wait(1) <= 1
    assert 150 <= wait(50) <= 300
    assert wait(1, 600) == 600


def test_a_column_name_that_is_none_is_refused(setup):
    text = setup.file.read_text().replace('"quantity", rev', '"1; DROP TABLE x", rev')
    setup.file.write_text(text)
    with pytest.raises(ConfigError, match="no table or column name"):
        load(setup.file)


def test_a_period_is_a_month_or_two_days():
    assert period("2026-12") == (date(2026, 12, 1), date(2027, 1, 1))
    assert period("2026-03-15/2026-04-15") == (date(2026, 3, 15), date(2026, 4, 15))
