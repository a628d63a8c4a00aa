"""Run in an Odoo shell by `simulation.py`: live through the years, write what came of it."""

import json
import os
from datetime import date

from odoo.addons.fusion_centralize_billing.tests.simulation.checks import CHECKS
from odoo.addons.fusion_centralize_billing.tests.simulation.days import simulate

options = json.loads(os.environ["SIMULATION"])
began = os.times().elapsed  # the clocks of `time` stand still in a simulated day


def told(world, found):
    """A line a month; a month is durable as a real one would be."""
    world.env.cr.commit()
    invoices = world.env["account.move"].search_count([])
    print(
        f"  {world.today}  {len(world.running()):4} running  {invoices:6} invoices  "
        f"{len(found):3} violations  {os.times().elapsed - began:6.0f} s",
        flush=True,
    )
    for line in found[:10]:
        print(f"    {line}", flush=True)


world, broken = simulate(
    env,  # noqa: F821  the shell gives it
    options["seed"],
    options["subscriptions"],
    date.fromisoformat(options["start"]),
    options["days"],
    told,
)
moves = env["account.move"]  # noqa: F821
figures = {
    "subscriptions": world.number,
    "running at the end": len(world.running()),
    "invoices": moves.search_count([("move_type", "=", "out_invoice")]),
    "credit notes": moves.search_count([("move_type", "=", "out_refund")]),
    **{name: count for name, count in sorted(world.done.items()) if name != "subscribed"},
    "seconds": round(os.times().elapsed - began),
}
with open(options["result"], "w") as file:
    json.dump({"figures": figures, "checks": CHECKS, "broken": broken}, file)
