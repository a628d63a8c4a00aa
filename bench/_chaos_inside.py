"""Run in an Odoo shell by `chaos.py`. CHAOS_STEPS says what to do, CHAOS_STRIPE where Stripe is."""

import json
import os
import signal
import urllib.parse
import urllib.request

from odoo import Command

STRIPE = os.environ["CHAOS_STRIPE"]
PARAMETER = "fusion_billing.stripe_test_url"


def prepare(env):
    """A new subscription with a card at the double, and its invoice: posted and committed."""
    env["ir.config_parameter"].set_param(PARAMETER, STRIPE)
    provider = env["payment.provider"].search([("code", "=", "stripe")], limit=1)
    if provider.state != "test":
        provider.write(
            {
                "state": "test",
                "stripe_secret_key": "sk_test_chaos",
                "stripe_publishable_key": "pk_test_chaos",
                "stripe_webhook_secret": "whsec_chaos",
            }
        )
    with urllib.request.urlopen(urllib.parse.urljoin(STRIPE, "/_config/card"), b"") as answer:
        card = json.load(answer)
    partner = env["res.partner"].create({"name": "Chaos", "country_id": env.ref("base.ca").id})
    token = env["payment.token"].create(
        {
            "provider_id": provider.id,
            "payment_method_id": env.ref("payment.payment_method_card").id,
            "payment_details": "4242",
            "provider_ref": card["customer"],
            "stripe_payment_method": card["payment_method"],
            "partner_id": partner.id,
        }
    )
    product = env["product.product"].create(
        {"name": "Hosting", "type": "service", "recurring_invoice": True, "list_price": 100}
    )
    order = env["sale.order"].create(
        {
            "partner_id": partner.id,
            "plan_id": env.ref("sale_subscription.subscription_plan_month").id,
            "require_payment": False,
            "payment_token_id": token.id,
            "order_line": [Command.create({"product_id": product.id})],
        }
    )
    order.action_confirm()
    order._create_recurring_invoice()
    env["ir.cron"]._commit_progress()


def charge(env):
    """The job itself, then Odoo's own job for payments."""
    env["sale.order"]._cron_charge_saved_cards()
    env["payment.transaction"]._cron_post_process()
    env["ir.cron"]._commit_progress()


def die_at(env, model: str, method: str):
    """Have this process killed when it comes to this method."""

    def die(*_args, **_kwargs):
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(env.registry[model], method, die)


def look(env):
    """Tell what is in the books of the newest subscription."""
    order = env["sale.order"].search([], order="id desc", limit=1)
    attempts = env["payment.transaction"].search(
        [("charge_invoice_id", "in", order.invoice_ids.ids)], order="id"
    )
    found = {
        "invoices": len(order.invoice_ids),
        "attempts": attempts.mapped("charge_outcome"),
        "payments": len(attempts.payment_id),
        "left to pay": sum(order.invoice_ids.mapped("amount_residual")),
        "exception": order.payment_exception,
        "references": attempts.mapped("reference"),
        "customer": order.payment_token_id.provider_ref,
    }
    with open(os.environ["CHAOS_RESULT"], "w") as file:
        json.dump(found, file)


for step in os.environ["CHAOS_STEPS"].split():
    name, _, place = step.partition("@")
    if name == "die":
        die_at(env, *place.split(":"))  # noqa: F821  the shell's
    else:
        {"prepare": prepare, "charge": charge, "look": look}[name](env)  # noqa: F821
