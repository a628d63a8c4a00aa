"""A Stripe on this machine beside a running Odoo, and Odoo set up to use it."""

import contextlib
import secrets
from collections.abc import Iterator
from pathlib import Path

from tools.stripe_double import StripeDouble
from tools.stripe_double.cards import CARDS

from . import console, paths, server
from .errors import UsageError
from .rpc import OdooSession

URL_PARAMETER = "fusion_billing.stripe_test_url"
SECRET_KEY, PUBLISHABLE_KEY = "sk_test_of_the_double", "pk_test_of_the_double"
WEBHOOK = "/payment/stripe/webhook"


@contextlib.contextmanager
def beside(odoo: server.Server, memory: Path | None = None) -> Iterator[StripeDouble]:
    """Run the double for the duration of the block; ``odoo`` takes cards there.

    :param memory: a file by which cards saved in Odoo are known again in the next run
    """
    session = OdooSession(odoo.url, odoo.database, server.LOGIN, server.PASSWORD)
    with StripeDouble(memory=memory) as stripe:
        connect(session, stripe)
        stripe.deliveries.automatic = True
        yield stripe


def connect(odoo: OdooSession, stripe: StripeDouble) -> None:
    """Let the company's Stripe provider use the double: test mode, published, events signed."""
    secret = f"whsec_{secrets.token_hex(16)}"
    stripe.listen(odoo.url + WEBHOOK, secret)
    odoo.call("ir.config_parameter", "set_param", URL_PARAMETER, stripe.url)
    domain = [["code", "=", "stripe"]]
    found = odoo.read("payment.provider", domain, ["state", "is_published"], order="id", limit=1)
    if not found:
        raise UsageError("This database has no Stripe provider.", "Is payment_stripe installed?")
    [provider] = found
    if provider["state"] == "enabled":
        raise UsageError(
            "This database's Stripe provider is live: it is left alone.",
            "Take another database with --database.",
        )
    values = {
        "stripe_secret_key": SECRET_KEY,
        "stripe_publishable_key": PUBLISHABLE_KEY,
        "stripe_webhook_secret": secret,
        "allow_tokenization": True,
    }
    # A change of the state would archive the saved cards.
    if provider["state"] != "test":
        values["state"] = "test"
    odoo.write("payment.provider", provider["id"], **values)
    if not provider["is_published"]:
        odoo.call("payment.provider", "action_toggle_is_published", [provider["id"]])


def say_how_to_pay(stripe: StripeDouble, odoo_url: str) -> None:
    """Print what a person needs: the control page, and what each card does."""
    console.heading("Stripe on this machine")
    console.say(f"  control page     {stripe.root}")
    console.say(f"  save a card      {odoo_url}/my/payment_method")
    console.say("  pay an invoice   its portal page: Preview, then Pay Now")
    console.say("  any date to come, any code; docs/stripe-double.md")
    console.table(("card", "what happens"), [(card.number, card.says) for card in CARDS])


def memory_of(database: str) -> Path:
    """Return the file by which the double of a database knows its cards again."""
    return paths.current().run / f"{database}-stripe.json"
