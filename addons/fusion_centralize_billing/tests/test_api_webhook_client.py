"""The unmodified lago-python-client manages endpoints and reads the public key."""

import base64
from typing import Any
from unittest import skipUnless

from odoo.tests import tagged

from .api_common import BASE, ApiCase

try:
    from lago_python_client import Client
    from lago_python_client.exceptions import LagoApiError
    from lago_python_client.models import WebhookEndpoint
except ImportError:  # a test dependency only: an installation without it runs all other tests
    Client = None


@skipUnless(Client, "lago-python-client is not installed")
@tagged("post_install", "-at_install")
class TestApiWebhookClient(ApiCase):
    def client(self) -> Any:
        """It sends no cookies, so the test cursor is open to any request meanwhile."""
        self.env.flush_all()
        allowed = self.allow_requests(all_requests=True)
        allowed.__enter__()
        self.addCleanup(allowed.__exit__, None, None, None)
        return Client(self.key, api_url=f"{self.base_url()}{BASE}/")

    def test_endpoints_are_created_listed_changed_and_removed(self) -> None:
        endpoints = self.client().webhook_endpoints
        sent = WebhookEndpoint(
            webhook_url="https://app.example.com/hook",
            signature_algo="hmac",
            name="Ours",
            event_types=["customer.created"],
        )
        made = endpoints.create(sent)
        self.assertEqual(
            (made.webhook_url, made.signature_algo, made.name, made.event_types),
            ("https://app.example.com/hook", "hmac", "Ours", ["customer.created"]),
        )
        self.assertEqual(endpoints.find(made.lago_id), made)
        self.assertEqual(endpoints.find_all({"per_page": 5})["webhook_endpoints"], [made])
        sent.event_types = None
        sent.name = "Theirs"
        changed = endpoints.update(sent, made.lago_id)
        self.assertEqual((changed.name, changed.event_types), ("Theirs", ["customer.created"]))
        self.assertEqual(endpoints.destroy(made.lago_id).lago_id, made.lago_id)
        with self.assertRaises(LagoApiError) as gone:
            endpoints.find(made.lago_id)
        self.assertEqual(gone.exception.response["code"], "webhook_endpoint_not_found")

    def test_the_public_key_decodes_to_a_pem(self) -> None:
        pem = self.client().webhooks.public_key()
        self.assertEqual(pem.splitlines()[0], b"-----BEGIN PUBLIC KEY-----")
        self.assertTrue(base64.b64decode(b"".join(pem.splitlines()[1:-1])))
