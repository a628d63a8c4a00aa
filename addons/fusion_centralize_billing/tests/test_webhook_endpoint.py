import base64
import json
from datetime import timedelta

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from freezegun import freeze_time

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, new_test_user, tagged

from ..engine import Invalid, signature
from ..pipeline.webhook_jwt import public_key
from .test_deliver import NOW, STAMP, DeliverCase

MANAGER = "fusion_centralize_billing.group_fusion_billing_manager"


def decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


@tagged("post_install", "-at_install")
class TestWebhookEndpoint(DeliverCase):
    """Several endpoints of one service."""

    def second(self, **values):
        receiver = self.listen(self.make_service("spare"))
        return receiver, self.endpoint(receiver.url, **values)

    def test_every_endpoint_gets_the_same_bytes_with_the_same_id_and_number(self):
        receiver, _endpoint = self.second()
        webhook = self.emit(total=1)
        self.assertEqual(self.deliver._deliver(), 2)
        [one], [other] = self.receiver.received, receiver.received
        self.assertEqual(one.body, other.body)
        for header in ("webhook-id", "x-fusion-sequence", "webhook-signature"):
            self.assertEqual(one.headers[header], other.headers[header])
        self.assertEqual(webhook.state, "delivered")

    def test_one_that_fails_keeps_the_message_pending_and_the_other_has_it_once(self):
        receiver, endpoint = self.second()
        receiver.answer(500, 200)
        webhook = self.emit()
        self.deliver._deliver()
        self.assertEqual(webhook.state, "pending")
        with freeze_time(NOW + timedelta(hours=1)):
            self.assertEqual(self.deliver._deliver(), 1)
        self.assertEqual((len(self.receiver.received), len(receiver.received)), (1, 2))
        self.assertEqual(webhook.state, "delivered")
        self.assertFalse(endpoint.failing_since)

    def test_an_endpoint_gets_the_types_it_asked_for(self):
        receiver, endpoint = self.second(all_events=False, event_types="customer.created")
        webhook = self.emit()
        self.deliver._deliver()
        self.assertEqual((len(self.receiver.received), len(receiver.received)), (1, 0))
        self.env["fusion.billing.outbox"]._emit(self.service, "customer.created", "customer", {})
        self.deliver._deliver()
        self.assertEqual((len(self.receiver.received), len(receiver.received)), (2, 1))
        self.assertNotIn(endpoint, webhook.delivery_ids.endpoint_id)

    def test_what_nobody_wants_is_said_to_have_no_receiver(self):
        self.service.endpoint_ids.all_events = False
        webhook = self.emit()
        self.assertEqual(self.deliver._deliver(), 0)
        self.assertEqual(webhook.state, "unheard")
        found = webhook.search([("service_id", "=", self.service.id), ("state", "=", "unheard")])
        self.assertEqual(found, webhook)

    def test_an_endpoint_made_later_gets_nothing_of_before(self):
        self.emit()
        self.deliver._deliver()
        receiver, _endpoint = self.second()
        self.assertEqual(self.deliver._deliver(), 0)
        self.assertEqual(receiver.received, [])

    def test_states_are_found_as_they_are_shown(self):
        self.receiver.answer(500)
        waiting = self.emit()
        self.deliver._deliver()
        self.receiver.answer(200)
        delivered = self.emit()
        self.deliver._deliver()
        failed = self.emit()
        self.deliver._deliver()
        failed.delivery_ids.state = "failed"
        webhooks = self.env["fusion.billing.webhook"]
        mine = [("service_id", "=", self.service.id)]
        for state, webhook in (("pending", waiting), ("delivered", delivered), ("failed", failed)):
            self.assertEqual(webhook.state, state)
            self.assertEqual(webhooks.search([*mine, ("state", "=", state)]), webhook)
        self.assertEqual(webhooks.search([*mine, ("state", "!=", "pending")]), failed + delivered)

    def test_the_services_address_is_its_main_endpoint(self):
        main = self.service.endpoint_ids
        self.assertEqual((main.url, main.main), (self.receiver.url, True))
        self.service.webhook_url = "https://app.example.com/new"
        self.assertEqual(self.service.endpoint_ids, main)
        self.assertEqual(main.url, "https://app.example.com/new")
        other = self.endpoint("https://app.example.com/other")
        self.service.webhook_url = other.url
        self.assertEqual((main.main, other.main), (False, True))
        self.service.webhook_url = False
        self.assertEqual(self.service.endpoint_ids, main)
        self.assertFalse(self.service.webhook_url)

    def test_a_manager_adds_an_endpoint_on_the_services_form_and_enables_it_again(self):
        manager = new_test_user(self.env, "endpoint-manager", groups=MANAGER)
        service = self.service.with_user(manager)
        with Form(service) as form, form.endpoint_ids.new() as line:
            line.url = "https://app.example.com/second"
            line.all_events = False
            line.event_types = "invoice.created"
        added = service.endpoint_ids - service.endpoint_ids.filtered("main")
        self.assertRecordValues(
            added, [{"event_types": "invoice.created", "signature_algo": "hmac", "active": True}]
        )
        added.sudo()._disable("gone")
        self.assertEqual(service.disabled_endpoint_count, 1)
        added.action_enable()
        self.assertEqual((added.active, service.disabled_endpoint_count), (True, 0))

    def test_an_eleventh_endpoint_is_refused_with_lagos_sentence(self):
        for number in range(9):
            self.endpoint(f"https://app.example.com/{number}")
        with self.assertRaises(Invalid) as refused:
            self.endpoint("https://app.example.com/eleventh")
        sentence = "Maximum number of webhook endpoints was reached"
        self.assertEqual(refused.exception.details, {"base": [sentence]})

    def test_an_unknown_type_and_an_address_without_http_are_refused(self):
        with self.assertRaises(ValidationError):
            self.endpoint("https://app.example.com", event_types="invoice.exploded")
        with self.assertRaises(ValidationError):
            self.endpoint("ftp://app.example.com")


@tagged("post_install", "-at_install")
class TestWebhookSigning(DeliverCase):
    """JWT with the key pair, and two secrets while one replaces the other."""

    def test_a_jwt_holds_the_exact_bytes_and_the_public_key_verifies_it(self):
        self.service.endpoint_ids.signature_algo = "jwt"
        self.emit(name="Zoé <&>")
        self.deliver._deliver()
        [request] = self.receiver.received
        self.assertEqual(request.headers["x-lago-signature-algorithm"], "jwt")
        header, claims, proof = request.headers["x-lago-signature"].split(".")
        self.assertEqual(json.loads(decoded(header)), {"alg": "RS256"})
        url = self.env["ir.config_parameter"].get_param("web.base.url")
        self.assertEqual(json.loads(decoded(claims)), {"data": request.body.decode(), "iss": url})
        key = load_pem_public_key(base64.b64decode(public_key(self.service._webhook_key())))
        content = f"{header}.{claims}".encode()
        key.verify(decoded(proof), content, padding.PKCS1v15(), hashes.SHA256())
        secret = self.service.webhook_secret
        stamp, message_id = request.headers["webhook-timestamp"], request.headers["webhook-id"]
        standard = signature.sign_standard(secret, message_id, int(stamp), request.body)
        self.assertEqual(request.headers["webhook-signature"], standard)

    def test_the_key_pair_is_made_once_and_is_the_services_own(self):
        key = self.service._webhook_key()
        self.assertEqual(self.service._webhook_key(), key)
        self.assertNotEqual(self.make_service("maps")._webhook_key(), key)
        manager = new_test_user(self.env, "webhook-manager", groups=MANAGER)
        with self.assertRaises(AccessError):
            self.service.with_user(manager).read(["webhook_private_key"])

    def test_while_a_secret_is_rotated_both_sign_and_then_the_new_one_alone(self):
        old = self.service.webhook_secret
        self.service.action_rotate_secret()
        new = self.service.webhook_secret
        self.assertNotEqual(old, new)
        self.emit()
        self.deliver._deliver()
        [request] = self.receiver.received
        self.assertTrue(
            signature.verify_lago(new, request.body, request.headers["x-lago-signature"])
        )
        parts = request.headers["webhook-signature"].split(" ")
        expected = [
            signature.sign_standard(secret, request.headers["webhook-id"], STAMP, request.body)
            for secret in (new, old)
        ]
        self.assertEqual(parts, expected)
        with freeze_time(NOW + timedelta(hours=25)):
            self.emit()
            self.deliver._deliver()
        self.assertNotIn(" ", self.receiver.received[-1].headers["webhook-signature"])
