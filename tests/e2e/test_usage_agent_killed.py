"""The usage agent, killed over and over, its server away for a while: every counter counts once."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.fusion_cli import databases, odoo_process, paths, postgres, server

from .running import REPO, Running, database

HOURS = 40
ROWS = 25 * HOURS  # of so many deployments
SCHEMA = """
CREATE TABLE usage_counters (
    id bigserial PRIMARY KEY, subscription_id text, deployment_id int, metric text,
    hour timestamptz, quantity numeric(18, 6), UNIQUE (deployment_id, metric, hour));
"""
FILL = f"""
INSERT INTO usage_counters (subscription_id, deployment_id, metric, hour, quantity)
SELECT 'sub-1', d, 'bandwidth_gb', timestamptz '2026-03-01 05:00Z' + h * interval '1 hour',
       (d * 1000 + h) / 1000.0
FROM generate_series(1, {ROWS // HOURS}) d, generate_series(0, {HOURS - 1}) h;
"""
CORRECT = "UPDATE usage_counters SET quantity = quantity + 0.5 WHERE id % 7 = 0"
SUM = "select count(*), sum(quantity)::numeric(18,6) from usage_counters"
COUNTED = """
select count(*), coalesce(sum(value), 0)::numeric(18,6) from fusion_billing_usage_counter
where state = 'accepted'"""
CONFIG = """
source = "{dsn}"
url = "http://127.0.0.1:{port}/api/billing/v1"
key_env = "BILLING_KEY"
interval_seconds = 0.05
batch = 20
[[tables]]
table = "usage_counters"
columns = {{ subscription = "subscription_id", metric = "metric", time = "hour", quantity = "quantity", revision = "revision" }}
properties = {{ deployment_id = "deployment_id" }}
"""  # noqa: E501 - one line, as TOML wants it


def agent(config: Path, key: str, *command: str) -> subprocess.Popen:
    """The agent's command line, in a process of its own."""
    log = paths.current().logs / "fusion_test_agent_run.log"
    env = {**os.environ, "BILLING_KEY": key, "PYTHONPATH": str(REPO / "pilot" / "agent")}
    with log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "fusion_billing_agent", "--config", config, *command],
            stdout=output,
            stderr=output,
            env=env,
        )


@contextmanager
def killed_in_the_end(process: subprocess.Popen) -> Iterator[None]:
    try:
        yield
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait(20)


def until(holds: Callable[[], bool], patience: float = 120) -> None:
    end = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < end, "it does not get on"
        time.sleep(0.05)


def sell(odoo: Running) -> None:
    """One metric, one plan that asks 0.01 for each, one customer and their subscription."""
    metric = {"name": "GB", "code": "bandwidth_gb", "aggregation_type": "sum_agg",
              "field_name": "gb"}  # fmt: skip
    status, made, _headers = odoo.call("POST", "/billable_metrics", {"billable_metric": metric})
    assert status == 200, made
    charge = {"billable_metric_id": made["billable_metric"]["lago_id"], "charge_model": "standard",
              "properties": {"amount": "0.01"}}  # fmt: skip
    plan = {"name": "Pro", "code": "pro", "interval": "monthly", "amount_cents": 0,
            "amount_currency": "CAD", "pay_in_advance": False, "charges": [charge]}  # fmt: skip
    customer = {"external_id": "cust-1", "name": "Ann Roy", "country": "CA", "state": "ON"}
    subscription = {"external_id": "sub-1", "external_customer_id": "cust-1", "plan_code": "pro",
                    "subscription_at": "2026-03-01T05:00:00Z"}  # fmt: skip
    for path, body in (
        ("/plans", {"plan": plan}),
        ("/customers", {"customer": customer}),
        ("/subscriptions", {"subscription": subscription}),
    ):
        status, told, _headers = odoo.call("POST", path, body)
        assert status == 200, told


def test_every_counter_counts_once_whoever_is_killed(tmp_path: Path) -> None:
    with database("fusion_test_agent") as (cluster, made, key):
        app = databases.plain(cluster, databases.allocate(cluster, "fusion_test_agent_app"))
        try:
            revision = (REPO / "pilot" / "nexacloud" / "usage_revision.sql").read_text()
            cluster.psql(SCHEMA + revision + FILL, app)
            _killed_and_away(cluster, made, app, key, tmp_path / "agent.toml")
        finally:
            databases.drop(cluster, app)


def _killed_and_away(
    cluster: postgres.Cluster, made: str, app: str, key: str, config: Path
) -> None:
    def counted() -> tuple[int, str]:
        count, total = cluster.psql(COUNTED, made).strip().split("|")
        return int(count), total

    options = {"max_cron_threads": 0}
    with server.start(cluster, made, options=options) as odoo:
        port = odoo.port
        sell(Running(cluster, made, port, key))
        config.write_text(CONFIG.format(dsn=cluster.dsn(app), port=port))
        for goal in (60, 200, 400):  # killed in the middle of a batch, three times
            with killed_in_the_end(agent(config, key, "run")):
                until(lambda goal=goal: counted()[0] >= goal)
        assert 400 <= counted()[0] < ROWS
    with killed_in_the_end(agent(config, key, "run")):
        cluster.psql(CORRECT, app)  # while the billing system is away, the app goes on
        time.sleep(2)
        with server.start(cluster, made, port=port, options=options):
            wanted = cluster.psql(SUM, app).strip().split("|")
            until(lambda: counted() == (int(wanted[0]), wanted[1]))
            again = agent(config, key, "backfill", "--from", "2026-03-01", "--to", "2026-04-01")
            assert again.wait(120) == 0, "nothing waits and nothing was put aside"
            assert counted() == (ROWS, wanted[1]), "all of it once more changes nothing"
    rollup = "select sum(total)::numeric(18,6) from fusion_billing_usage where source = 'counter'"
    assert cluster.psql(rollup, made).strip() == wanted[1]
    twice = "select count(*) from fusion_billing_usage_counter_push"
    corrected = int(cluster.psql("select count(*) from usage_counters where id % 7 = 0", app))
    assert ROWS <= int(cluster.psql(twice, made)) <= ROWS + corrected
    odoo_process.log_of(made).unlink(missing_ok=True)
