"""Run in an Odoo shell by `api.py`: delivers messages to a receiver; writes rounds of speeds."""

import json
import os
import time
from pathlib import Path

options = json.loads(os.environ["BENCH"])


def main(env) -> None:
    """As the cron does it: claims and outcomes are committed as they come."""
    service = env["fusion.billing.service"].search([("code", "=", "bench")])
    cron = env.ref("fusion_centralize_billing.cron_deliver_webhooks")
    progress = env["ir.cron.progress"].create({"cron_id": cron.id})
    deliver = env["fusion.billing.deliver"].with_context(
        cron_id=cron.id, ir_cron_progress_id=progress.id
    )
    rounds, made = {}, []
    for endpoints in (1, 10):
        while len(made) < endpoints:
            url = f"{options['receiver']}/{len(made)}"
            made.append(
                env["fusion.billing.webhook.endpoint"].create(
                    {"service_id": service.id, "url": url}
                )
            )
        speeds = []
        for number in range(options["rounds"] + 1):
            for message in range(options["messages"] // endpoints):
                env["fusion.billing.outbox"]._emit(
                    service, "customer.updated", "customer", {"number": message, "x": "y" * 900}
                )
            env.cr.commit()
            start = time.perf_counter()
            tried = deliver._deliver()
            env.cr.commit()
            assert tried == options["messages"] // endpoints * endpoints, tried
            if number:  # the first one warms up
                speeds.append(tried / (time.perf_counter() - start))
        rounds[str(endpoints)] = speeds
    Path(options["result"]).write_text(json.dumps(rounds))


main(env)  # noqa: F821
