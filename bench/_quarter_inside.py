"""Run in an Odoo shell by `quarter.py`: live through the quarter, write what came of it."""

import json
import logging
import os
from collections import Counter

from odoo.addons.fusion_centralize_billing.tests.quarter.checks import CHECKS, broken
from odoo.addons.fusion_centralize_billing.tests.quarter.company import Quarter, StripeDouble
from odoo.addons.fusion_centralize_billing.tests.quarter.scripts import crowd

# Declines are what this is about.
logging.getLogger("odoo.addons.payment.models.payment_provider").setLevel(logging.CRITICAL)
options = json.loads(os.environ["QUARTER"])
began = os.times().elapsed


def told(quarter):
    """A day is durable as a real one would be; every tenth is told."""
    quarter.env.cr.commit()
    if quarter.today.day % 10 == 0:
        states = Counter(customer.states[quarter.today] for customer in quarter.customers)
        shown = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
        print(f"  {quarter.today}  {shown}  {os.times().elapsed - began:.0f} s", flush=True)


with StripeDouble() as stripe:
    quarter = Quarter(
        env,  # noqa: F821  the shell gives it
        stripe,
        crowd(options["seed"], options["customers"]),
    )
    quarter.live(told)
    found = list(broken(quarter))
    took = [intent["amount"] for intent in stripe.intents(status="succeeded")]
    back = [refund["amount"] for refund in stripe.ledger.all("refund")]
    moves = quarter.env["account.move"]
    final = Counter(customer.states[quarter.today] for customer in quarter.customers)
    figures = {
        "customers": len(quarter.customers),
        **{f"{state} at the end": count for state, count in sorted(final.items())},
        "invoices": moves.search_count([("move_type", "=", "out_invoice")]),
        "credit notes": moves.search_count([("move_type", "=", "out_refund")]),
        "charges asked of Stripe": len(stripe.intents()),
        "taken by Stripe, cents": sum(took),
        "given back, cents": sum(back),
        "by bank, cents": sum(customer.life.banked for customer in quarter.customers),
        "mails": quarter.env["mail.mail"].search_count([]),
        "commands to the app": quarter.env["fusion.billing.command"].search_count([]),
        "seconds": round(os.times().elapsed - began),
    }
with open(options["result"], "w") as file:
    json.dump({"figures": figures, "checks": CHECKS, "broken": found}, file)
