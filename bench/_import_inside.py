"""Run in an Odoo shell by `import.py`: make the app's database, import twice, write the figures."""

import json
import os
import resource
import time

import psycopg2

from odoo import Command
from odoo.addons.fusion_centralize_billing.importers.mapping import TABLES
from odoo.addons.fusion_centralize_billing.tests.nexacloud_made import make

options = json.loads(os.environ["IMPORT"])
made = make(options["seed"], options["users"])
with psycopg2.connect(options["dsn"]) as app:
    made.load(app)
app.close()
rows = sum(len(made.rows[entity]) for entity in TABLES)
del made

env["ir.config_parameter"].set_param("fusion_billing.nexacloud_dsn", options["dsn"])  # noqa: F821
service = env["fusion.billing.service"].create({"name": "NexaCloud", "code": "bench"})  # noqa: F821
env.cr.commit()  # noqa: F821


def run():
    """The real stage, its report kept, committed."""
    began, computed = time.monotonic(), time.process_time()
    report = service.import_nexacloud("run")
    env.cr.commit()  # noqa: F821
    assert not report["problems"], report["problems"]
    return report, time.monotonic() - began, time.process_time() - computed


def total(report, outcome):
    return sum(report[name][outcome] for name in ("customers", "subscriptions", "deployments"))


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def one_by_one(count):
    """Seconds a partner with its order takes, created as a script would."""
    plan = env["sale.subscription.plan"].search([("x_fc_product_id", "!=", False)], limit=1)  # noqa: F821
    began = time.monotonic()
    for number in range(count):
        partner = env["res.partner"].create(  # noqa: F821
            {"name": f"By hand {number}", "email": f"hand{number}@example.ca", "zip": "M5V 1A1"}
        )
        line = {"product_id": plan.x_fc_product_id.id, "product_uom_qty": 1}
        env["sale.order"].create(  # noqa: F821
            {
                "partner_id": partner.id,
                "plan_id": plan.id,
                "order_line": [Command.create(line)],
            }
        )
        env.flush_all()  # noqa: F821
    env.cr.commit()  # noqa: F821
    return (time.monotonic() - began) / count


before = peak()
first, seconds, computed = run()
used = peak()
second, again, _computed = run()
pair = one_by_one(options["sample"])
pairs = first["customers"]["created"]
figures = {
    "rows": rows,
    "seconds": round(seconds, 1),
    "of these computing in Python": round(computed, 1),
    "rows a second": round(rows / seconds),
    "created": total(first, "created"),
    "failed": total(first, "failed"),
    "seconds of the second run": round(again, 1),
    "created again": total(second, "created"),
    "updated again": total(second, "updated"),
    "peak before, MB": before,
    "peak of the run, MB": used,
    "one by one, pairs a second": round(1 / pair, 1),
    "times as fast as one by one": round(pair * pairs / seconds, 2),
}
with open(options["result"], "w") as file:
    json.dump(figures, file)
