"""What a client of Stripe sends, with nothing but the standard library."""

import http.client
import json
from typing import Any
from urllib.parse import urlencode, urlsplit

from tools.stripe_double import StripeDouble


class Client:
    """Speaks to one double; answers are ``(status, body)``."""

    def __init__(self, stripe: StripeDouble) -> None:
        self.stripe = stripe
        self.address = urlsplit(stripe.url).netloc

    def call(self, method: str, path: str, key: str = "", **params: Any) -> tuple[int, Any]:
        """One call; GET parameters go as a body, as Odoo sends them."""
        headers = {"Authorization": "Bearer sk_test_x"} | ({"Idempotency-Key": key} if key else {})
        return self.raw(method, f"/v1/{path}", headers, params)

    def control(self, method: str, path: str, **params: Any) -> tuple[int, Any]:
        return self.raw(method, f"/_config/{path}", {}, params)

    def raw(self, method: str, path: str, headers: dict, params: dict) -> tuple[int, Any]:
        status, content = self.page(method, path, params, headers)
        return status, json.loads(content)

    def page(
        self, method: str, path: str, params: dict | None = None, headers: dict | None = None
    ) -> tuple[int, str]:
        """Ask for a page; nothing is followed."""
        connection = http.client.HTTPConnection(self.address, timeout=30)
        try:
            connection.request(method, path, urlencode(params or {}, doseq=True), headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def charge(self, card: tuple[str, str], key: str = "", **more: Any) -> tuple[int, Any]:
        """Charge a saved card as Odoo does."""
        customer, method = card
        values = {
            "amount": 11300,
            "currency": "cad",
            "customer": customer,
            "payment_method": method,
            "confirm": True,
            "off_session": True,
            "description": "INV/2026/00001",
            "expand[]": "payment_method",
            "shipping[name]": "Ada",
        }
        return self.call("POST", "payment_intents", key, **{**values, **more})
