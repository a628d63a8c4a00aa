"""Events: recorded as things happen, signed as Stripe signs, delivered when told to."""

import doctest
import hashlib
import hmac
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tools.stripe_double import form, webhooks


@pytest.fixture
def receiver():
    got = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self):  # noqa: N802
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append((self.headers.get("Stripe-Signature"), body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/", got
    server.shutdown()
    server.server_close()
    thread.join()


def test_what_happens_is_recorded_in_order(client, stripe):
    card = stripe.card()
    stripe.script(card[1], "insufficient_funds")
    client.charge(card)
    intent = client.charge(card)[1]
    client.call("POST", "refunds", payment_intent=intent["id"])
    assert [event["type"] for event in stripe.ledger.events] == [
        "payment_intent.payment_failed",
        "payment_intent.succeeded",
        "charge.refunded",
    ]


def test_an_event_is_signed_over_the_bytes_that_are_sent(client, stripe, receiver):
    url, got = receiver
    client.charge(stripe.card())
    assert stripe.send_event(url, secret="whsec_x") == 200
    header, body = got[0]
    parts = dict(part.split("=") for part in header.split(","))
    expected = hmac.new(b"whsec_x", f"{parts['t']}.".encode() + body, hashlib.sha256)
    assert hmac.compare_digest(parts["v1"], expected.hexdigest())


def test_an_event_can_go_out_unsigned(client, stripe, receiver):
    url, got = receiver
    client.charge(stripe.card())
    stripe.send_event(url)
    assert got[0][0] is None


@pytest.mark.parametrize("module", [form, webhooks], ids=lambda module: module.__name__)
def test_examples_in_the_docstrings_hold(module):
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0
