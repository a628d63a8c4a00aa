"""A background import killed with SIGKILL half-way: run again, all is there, and once."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable

from tools.fusion_cli import databases, odoo_process, postgres, runtime

USERS = 1200
SETUP = """
import psycopg2
from odoo.addons.fusion_centralize_billing.tests.nexacloud_made import make
made = make(7, {users})
app = psycopg2.connect({dsn!r})
made.load(app)
app.commit()
env["ir.config_parameter"].set_param("fusion_billing.nexacloud_dsn", {dsn!r})
service = env["fusion.billing.service"].create({{"name": "NexaCloud", "code": "nexacloud"}})
env["fusion.billing.import.run"]._queue(service, "nexacloud", "run")
env.cr.commit()
"""
# As the scheduler does it.
IMPORT = """
cron = env.ref("fusion_centralize_billing.cron_import")
progress = env["ir.cron.progress"].create({"cron_id": cron.id})
context = {"cron_id": cron.id, "ir_cron_progress_id": progress.id}
env["fusion.billing.import.run"].with_context(**context)._cron_import()
env.cr.commit()
"""
COUNTED = {
    "links": "fusion_billing_account_link",
    "orders": "sale_order where x_fc_external_id is not null",
    "deployments": "fusion_billing_deployment",
    "plans": "sale_subscription_plan",
    "contacts": "res_partner where email like 'user%@example%'",
    "lines of reports": "fusion_billing_import_line",
}


def shell(cluster: postgres.Cluster, made: str, script: str) -> subprocess.Popen:
    """An Odoo process of its own that runs the script."""
    ready = runtime.ensure()
    config = odoo_process.configuration(cluster, made, max_cron_threads=0)
    with odoo_process.log_of(made).open("a") as log:
        process = subprocess.Popen(
            [*ready.odoo_command(), "shell", "-c", config, "--no-http"],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            text=True,
            env=ready.environment(),
        )
    process.stdin.write(script)
    process.stdin.close()
    return process


def until(holds: Callable[[], bool], process: subprocess.Popen) -> None:
    """Wait until something holds while the process runs."""
    end = time.monotonic() + 120
    while not holds():
        assert process.poll() is None, "it ended before it could be killed"
        assert time.monotonic() < end, "it does not get on"
        time.sleep(0.02)


def test_an_import_killed_half_way_leaves_nothing_and_is_finished_by_the_next_run() -> None:
    cluster = postgres.ensure()
    source = databases.plain(cluster, databases.allocate(cluster, "fusion_test_killed_app"))
    made = databases.create(cluster, databases.allocate(cluster, "fusion_test_killed_import"))
    try:
        script = SETUP.format(users=USERS, dsn=cluster.dsn(source))
        assert shell(cluster, made, script).wait(120) == 0
        _killed_and_finished(cluster, made, source)
    finally:
        databases.drop(cluster, made)
        databases.drop(cluster, source)


def _killed_and_finished(cluster: postgres.Cluster, made: str, source: str) -> None:
    def counts() -> dict[str, int]:
        return {
            name: int(cluster.psql(f"select count(*) from {table}", made))
            for name, table in COUNTED.items()
        }

    def told(column: str) -> str:
        return cluster.psql(f"select {column} from fusion_billing_import_run", made).strip()

    before = counts()
    stage = "select stage from fusion_billing_import_progress"
    killed = shell(cluster, made, IMPORT)
    try:
        until(lambda: "subscriptions" in cluster.psql(stage, made), killed)
    finally:
        os.kill(killed.pid, signal.SIGKILL)
        killed.wait(20)
    assert told("state") == "waiting", "the run says that it is not done"
    assert counts() == before, "nothing half-written"

    assert shell(cluster, made, IMPORT).wait(300) == 0
    assert told("state") == "done"
    after = counts()
    figures = json.loads(told("counts"))
    sizes = {
        name: int(cluster.psql(f"select count(*) from {name}", source))
        for name in ("users", "subscriptions", "deployments")
    }
    assert after["links"] == figures["customers"]["created"] == sizes["users"] == USERS
    assert after["orders"] == figures["subscriptions"]["created"]
    skipped = figures["subscriptions"]["skipped"]
    assert after["orders"] + skipped == sizes["subscriptions"]
    assert after["deployments"] == figures["deployments"]["created"]
    assert after["deployments"] + figures["deployments"]["skipped"] == sizes["deployments"]
    doubled = (
        "select count(*) from (select lower(trim(email)) from res_partner"
        " where email like 'user%@example%' group by 1 having count(*) > 1) as twice"
    )
    assert int(cluster.psql(doubled, made)) == 0
