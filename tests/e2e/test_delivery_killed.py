"""A delivery killed with SIGKILL while it runs: every message arrives, same id, same bytes."""

import json
import os
import signal
import subprocess
import threading
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tools.fusion_cli import odoo_process, postgres, runtime

from .running import database

MESSAGES = 30
ANSWERED = 7
# As the cron does it: claims and outcomes are committed as the run goes on.
DELIVER = """
cron = env.ref("fusion_centralize_billing.cron_deliver_webhooks")
progress = env["ir.cron.progress"].create({"cron_id": cron.id})
context = {"cron_id": cron.id, "ir_cron_progress_id": progress.id}
env["fusion.billing.deliver"].with_context(**context)._deliver()
env.cr.commit()
"""


class App:
    """A receiver that answers so many, and leaves the next one hanging until it is told."""

    def __init__(self) -> None:
        self.received: dict[str, set[bytes]] = defaultdict(set)
        self.count = 0
        self.stuck, self.go_on = threading.Event(), threading.Event()
        app = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:  # noqa: N802 - the name is http.server's
                body = self.rfile.read(int(self.headers["Content-Length"]))
                app.received[self.headers["webhook-id"]].add(body)
                app.count += 1
                if app.count > ANSWERED and not app.go_on.is_set():
                    app.stuck.set()
                    app.go_on.wait(60)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: object) -> None:
                """The test's output stays readable."""

        class Server(ThreadingHTTPServer):
            def handle_error(self, request: object, client_address: object) -> None:
                """Whoever was killed has hung up."""

        self.server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/hook"


def deliverer(cluster: postgres.Cluster, made: str) -> subprocess.Popen:
    """A process that delivers as the cron does."""
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
    process.stdin.write(DELIVER)
    process.stdin.close()
    return process


def test_a_delivery_killed_while_it_runs_loses_nothing_and_changes_no_byte():
    app = App()
    with database("fusion_test_killed", webhook_url=app.url, messages=MESSAGES) as (
        cluster,
        made,
        _key,
    ):
        killed = deliverer(cluster, made)
        try:
            assert app.stuck.wait(120), "nothing was delivered"
        finally:
            os.kill(killed.pid, signal.SIGKILL)
            killed.wait(20)
        app.go_on.set()
        states = "select state, count(*) from fusion_billing_webhook_delivery group by state"
        before = dict(line.split("|") for line in cluster.psql(states, made).split())
        assert before == {"pending": str(MESSAGES)}, "what was sent is not recorded yet"

        # The dead one's claim is in the way until it ends by itself; here the time passes.
        claimed = "fusion_billing_webhook_delivery where claimed_until > now() at time zone 'utc'"
        assert int(cluster.psql(f"select count(*) from {claimed}", made)) > 0
        cluster.psql(
            "update fusion_billing_webhook_delivery set claimed_until = claimed_until"
            " - interval '1 hour'",
            made,
        )
        again = deliverer(cluster, made)
        assert again.wait(120) == 0
        after = dict(line.split("|") for line in cluster.psql(states, made).split())
        assert after == {"delivered": str(MESSAGES)}
        rows = cluster.psql(
            "select json_agg(json_build_object('id', event_uuid, 'sequence', sequence,"
            " 'payload', payload) order by sequence) from fusion_billing_webhook",
            made,
        )
    feed = json.loads(rows)
    assert [row["sequence"] for row in feed] == list(range(1, MESSAGES + 1))
    assert app.received == {row["id"]: {row["payload"].encode()} for row in feed}
    assert app.count > MESSAGES, "what was being sent when it was killed is sent again"
