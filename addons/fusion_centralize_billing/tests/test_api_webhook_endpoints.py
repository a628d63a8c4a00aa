"""/webhook_endpoints and the public key, in Lago's shape."""

import base64

from odoo.tests import tagged

from ..engine import encode
from .api_common import BASE, ApiCase

URL = "https://app.example.com/hook"


@tagged("post_install", "-at_install")
class TestApiWebhookEndpoints(ApiCase):
    def post(self, **values):
        return self.call("POST", "/webhook_endpoints", {"webhook_endpoint": values})

    def made(self, **values) -> dict:
        status, body = self.post(**{"webhook_url": URL, **values})
        self.assertEqual(status, 200, body)
        return body["webhook_endpoint"]

    def test_an_endpoint_has_every_key_of_lago_and_jwt_unless_asked_otherwise(self):
        made = self.made()
        endpoint = self.service.endpoint_ids
        self.assertEqual(
            made,
            {
                "lago_id": encode("webhook_endpoint", endpoint.id),
                "lago_organization_id": encode("service", self.service.id),
                "webhook_url": URL,
                "signature_algo": "jwt",
                "name": None,
                "event_types": None,
                "created_at": made["created_at"],
            },
        )
        self.assertFalse(endpoint.main)
        self.assertFalse(self.service.webhook_url)

    def test_event_types_are_all_some_or_none(self):
        for number, (sent, stored) in enumerate(
            ((None, None), (["*"], None), ([], []), (["invoice.created"], ["invoice.created"]))
        ):
            made = self.made(webhook_url=f"{URL}/{number}", event_types=sent)
            self.assertEqual(made["event_types"], stored)
        self.assert_invalid(
            self.post(webhook_url=URL, event_types=["invoice.exploded"]),
            event_types=["value_is_invalid"],
        )

    def test_wrong_fields_are_named_all_at_once(self):
        self.assert_invalid(
            self.post(webhook_url="ftp://app", signature_algo="rot13"),
            webhook_url=["value_is_invalid"],
            signature_algo=["value_is_invalid"],
        )
        self.assert_invalid(self.post(name="Ours"), webhook_url=["value_is_mandatory"])
        status, _body = self.call("POST", "/webhook_endpoints", {})
        self.assertEqual(status, 400)

    def test_an_address_is_there_once_and_there_are_ten_of_them(self):
        self.made()
        self.assert_invalid(self.post(webhook_url=URL), webhook_url=["value_already_exist"])
        for number in range(9):
            self.made(webhook_url=f"{URL}/{number}")
        sentence = "Maximum number of webhook endpoints was reached"
        self.assert_invalid(self.post(webhook_url=f"{URL}/eleven"), base=[sentence])
        self.assertEqual(len(self.service.endpoint_ids), 10)

    def test_it_is_shown_listed_changed_and_removed(self):
        made = self.made(name="Ours", event_types=["fee.created"])
        path = f"/webhook_endpoints/{made['lago_id']}"
        self.assertEqual(self.call("GET", path), (200, {"webhook_endpoint": made}))
        status, listed = self.call("GET", "/webhook_endpoints")
        self.assertEqual((status, listed["webhook_endpoints"]), (200, [made]))
        self.assertEqual(listed["meta"]["total_count"], 1)
        change = {"webhook_endpoint": {"signature_algo": "hmac", "event_types": ["*"]}}
        changed = made | {"signature_algo": "hmac", "event_types": None}
        self.assertEqual(self.call("PUT", path, change), (200, {"webhook_endpoint": changed}))
        self.assertEqual(self.call("DELETE", path), (200, {"webhook_endpoint": changed}))
        self.assert_not_found(self.call("GET", path), "webhook_endpoint_not_found")

    def test_one_that_was_switched_off_is_listed_and_a_new_address_enables_it(self):
        made = self.made()
        endpoint = self.service.endpoint_ids
        endpoint._disable("gone")
        status, listed = self.call("GET", "/webhook_endpoints")
        self.assertEqual((status, len(listed["webhook_endpoints"])), (200, 1))
        path = f"/webhook_endpoints/{made['lago_id']}"
        self.call("PUT", path, {"webhook_endpoint": {"webhook_url": f"{URL}/new"}})
        self.assertEqual((endpoint.active, endpoint.disabled_reason), (True, False))

    def test_another_services_endpoint_is_404_like_nothing(self):
        made = self.made()
        _other, key = self.make_service("other")
        for method in ("GET", "PUT", "DELETE"):
            body = {"webhook_endpoint": {"name": "mine"}} if method == "PUT" else None
            for lago_id in (made["lago_id"], encode("webhook_endpoint", 2**40), "x"):
                answer = self.call(method, f"/webhook_endpoints/{lago_id}", body, key=key)
                self.assert_not_found(answer, "webhook_endpoint_not_found")
        self.assertEqual(self.service.endpoint_ids.url, URL)

    def test_the_public_key_is_the_same_in_json_and_as_text(self):
        status, body = self.call("GET", "/webhooks/json_public_key")
        self.assertEqual((status, list(body)), (200, ["webhook"]))
        text = body["webhook"]["public_key"]
        self.assertEqual({len(line) for line in text.splitlines()[:-1]}, {60})
        pem = base64.b64decode(text)
        self.assertTrue(pem.startswith(b"-----BEGIN PUBLIC KEY-----\n"))
        plain = self.url_open(
            f"{BASE}/webhooks/public_key", headers={"Authorization": f"Bearer {self.key}"}
        )
        self.assertEqual(plain.text, text)
        self.assertEqual(plain.headers["Content-Type"], "text/plain; charset=utf-8")
        self.assertEqual(self.call("GET", "/webhooks/json_public_key", key=None)[0], 401)
