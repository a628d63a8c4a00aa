"""Receivers that lie: half an answer, an endless one, TLS that is none. Nothing is lost by it."""

import contextlib
import datetime
import ssl
import tempfile
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from odoo.tests import tagged

from .test_webhook_receivers import ReceiversCase

MEGABYTE = 1 << 20


@tagged("post_install", "-at_install")
class TestWebhookLiars(ReceiversCase):
    def healthy(self):
        receiver = self.listen(self.make_service("spare"))
        self.endpoint(receiver.url)
        return receiver

    def endless(self, head: bytes):
        """Answers with ``head`` and a body that never ends; counts what could be written."""
        self.written = 0

        def lie(file) -> None:
            with contextlib.suppress(OSError):  # hung up on, as it should be
                file.write(head + b"\r\nContent-Length: 99999999999\r\n\r\n")
                while self.written < 500 * MEGABYTE:
                    self.written += file.write(b"x" * MEGABYTE)

        return lie

    def test_a_200_confirms_whatever_its_body_is(self):
        half = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf of"
        for lie in (self.endless(b"HTTP/1.1 200 OK"), lambda file: file.write(half)):
            self.receiver.received.clear()
            self.receiver.lie = lie
            webhooks = self.emit_all()
            self.assertEqual(self.deliver._deliver(), self.COUNT)
            self.assertEqual(set(webhooks.mapped("state")), {"delivered"})
            self.assertEqual(len(self.receiver.received), self.COUNT)
        self.assertLess(self.written, 100 * MEGABYTE, "the body is not waited for")

    def test_a_refusal_that_never_ends_or_breaks_off_is_a_refusal_and_delays_nobody(self):
        healthy = self.healthy()
        half = b"HTTP/1.1 500 Oh\r\nContent-Length: 1000\r\n\r\nhalf of"
        nothing = b"HTTP/1.1 2"
        lies = (
            (self.endless(b"HTTP/1.1 500 Oh"), 500, self.COUNT),
            (lambda file: file.write(half), 0, 1),
            (lambda file: file.write(nothing), 0, 1),
        )
        sent = self.env["fusion.billing.webhook"]
        for lie, status, tries in lies:
            healthy.received.clear()
            self.receiver.lie = lie
            webhooks = self.emit_all()
            sent += webhooks
            self.service.endpoint_ids.delivery_ids.filtered(
                lambda row: row.state == "pending"
            ).next_attempt_at = datetime.datetime(2100, 1, 1)
            self.assertEqual(self.deliver._deliver(), self.COUNT + tries)
            self.assertEqual(len(healthy.received), self.COUNT)
            main = self.service.endpoint_ids.filtered("main")
            tried = webhooks.delivery_ids.filtered(
                lambda row, main=main: row.endpoint_id == main and row.attempts
            )
            self.assertEqual(tried.mapped("last_status"), [status] * tries)
            self.assertEqual(set(webhooks.mapped("state")), {"pending"})
        self.assertLess(self.written, 100 * MEGABYTE * self.COUNT)
        self.receiver.lie = None
        sent.delivery_ids.next_attempt_at = False
        healthy.received.clear()
        self.run_for_three_days()
        self.assert_all_arrived(sent, self.receiver)

    def test_tls_that_is_none_or_signed_by_nobody_gets_no_byte_and_then_everything(self):
        healthy = self.healthy()
        plain = self.receiver.url
        webhooks = self.emit_all()
        for url in (plain.replace("http:", "https:"), self.self_signed()):
            self.service.webhook_url = url
            main = self.service.endpoint_ids.filtered("main")
            main.delivery_ids.write({"url": url, "next_attempt_at": False})
            self.deliver._deliver()
            self.assertEqual(
                main.delivery_ids.sorted("sequence")[0].last_error,
                "The TLS certificate or handshake was refused",
            )
            self.assertEqual(self.receiver.received, [])
        self.assertEqual(len(healthy.received), self.COUNT)
        self.service.webhook_url = plain
        self.service.endpoint_ids.filtered("main").delivery_ids.url = plain
        self.run_for_three_days()
        self.assert_all_arrived(webhooks, self.receiver, healthy)

    def self_signed(self) -> str:
        """The address of a receiver whose certificate nobody vouches for."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(1)
            .not_valid_before(datetime.datetime(2020, 1, 1))
            .not_valid_after(datetime.datetime(2120, 1, 1))
            .sign(key, hashes.SHA256())
        )
        pem = serialization.Encoding.PEM
        private = key.private_bytes(
            pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        receiver = self.listen(self.make_service("tls"))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "both.pem")
            file.write_bytes(private + certificate.public_bytes(pem))
            context.load_cert_chain(file)
        server = receiver._server
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
        return receiver.url.replace("http:", "https:")
