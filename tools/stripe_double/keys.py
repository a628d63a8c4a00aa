"""Who may call what: an account's secret key, or a browser with the key anybody can read."""

import re
from typing import Any

from .errors import invalid
from .ledger import Ledger

# What Stripe.js does. With a publishable key an intent needs its own secret beside it.
_IN_A_BROWSER = re.compile(
    r"POST payment_methods"
    r"|(GET|POST) (payment|setup)_intents/(?P<intent>[^/]+)(/confirm|/authenticate)?"
)


def check(ledger: Ledger, authorization: str, call: str, params: dict[str, Any]) -> None:
    """Let a ``call`` (`POST customers`) pass, or answer as Stripe does.

    :raise StripeError: no key, or a publishable key where the secret one is needed
    """
    if authorization.startswith("Bearer sk_test_"):
        return
    key = str(params.get("key", ""))
    if not key.startswith("pk_test_"):
        raise invalid("You did not provide an API key.", 401)
    match = _IN_A_BROWSER.fullmatch(call)
    if not match:
        raise invalid("This API call cannot be made with a publishable API key.", 401)
    if match["intent"]:
        intent = ledger.objects.get(match["intent"], {})
        if intent.get("client_secret") != params.get("client_secret"):
            message = "The client_secret provided does not match the intent."
            raise invalid(message, code="resource_missing", param="client_secret")
