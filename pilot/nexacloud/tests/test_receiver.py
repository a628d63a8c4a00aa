"""The receiver believes only what is signed over the exact bytes, and keeps each event once."""

from __future__ import annotations

import http.client
import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from pilot.nexacloud.receiver import Receiver
from pilot.nexacloud.signatures import lago_signature, standard_signature

SECRET = "a webhook secret"
STANDARD_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = json.dumps({"webhook_type": "invoice.created", "invoice": {"number": "INV/1"}}).encode()


def post(receiver: Receiver, body: bytes, headers: dict[str, str]) -> int:
    address = urlsplit(receiver.url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=5)
    try:
        connection.request("POST", address.path, body, headers)
        return connection.getresponse().status
    finally:
        connection.close()


def signed(body: bytes, key: str = "k-1", secret: str = SECRET) -> dict[str, str]:
    return {"X-Lago-Signature": lago_signature(secret, body), "X-Lago-Unique-Key": key}


def test_a_signed_event_is_kept() -> None:
    with Receiver(SECRET) as receiver:
        assert post(receiver, BODY, signed(BODY)) == 200
        assert receiver.events() == [json.loads(BODY)]


def test_the_same_event_delivered_twice_is_kept_once() -> None:
    with Receiver(SECRET) as receiver:
        assert [post(receiver, BODY, signed(BODY)) for _ in range(2)] == [200, 200]
        assert len(receiver.events()) == 1
        assert receiver.counts == {"received": 1, "duplicate": 1}


def test_a_body_changed_on_the_way_is_refused() -> None:
    with Receiver(SECRET) as receiver:
        assert post(receiver, BODY.replace(b"INV/1", b"INV/2"), signed(BODY)) == 401
        assert receiver.events() == []


@pytest.mark.parametrize("headers", [{}, {"X-Lago-Signature": "Zm9v"}, signed(BODY, "k", "other")])
def test_an_unsigned_or_wrongly_signed_event_is_refused(headers: dict[str, str]) -> None:
    with Receiver(SECRET) as receiver:
        assert post(receiver, BODY, headers) == 401
        assert receiver.events() == []


def standard_headers(timestamp: str) -> dict[str, str]:
    signature = standard_signature(STANDARD_SECRET, "msg_1", "1767225600", BODY)
    return signed(BODY, secret=STANDARD_SECRET) | {
        "webhook-id": "msg_1",
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,b3RoZXI= {signature}",
    }


def test_standard_webhooks_headers_are_checked_too() -> None:
    with Receiver(STANDARD_SECRET) as receiver:
        assert post(receiver, BODY, standard_headers("1767225600")) == 200
        assert post(receiver, BODY, standard_headers("1767225601")) == 401


def test_the_published_standard_webhooks_example_verifies() -> None:
    body = b'{"test": 2432232314}'
    expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    message_id = "msg_p5jXN8AQM9LWM0D4loKWxJek"
    assert standard_signature(STANDARD_SECRET, message_id, "1614265330", body) == expected


def test_the_first_deliveries_fail_when_asked_to_and_nothing_is_kept_then() -> None:
    with Receiver(SECRET, fail_first=2) as receiver:
        answers = [post(receiver, BODY, signed(BODY)) for _ in range(3)]
        assert answers == [500, 500, 200]
        assert len(receiver.events()) == 1


def test_a_signed_body_that_is_no_webhook_is_told_so() -> None:
    with Receiver(SECRET) as receiver:
        assert post(receiver, b"[]", signed(b"[]")) == 400
        assert post(receiver, b"\xff", signed(b"\xff")) == 400


def test_events_survive_a_restart(tmp_path: Path) -> None:
    path = str(tmp_path / "events.sqlite")
    with Receiver(SECRET, store=path) as receiver:
        post(receiver, BODY, signed(BODY))
    with Receiver(SECRET, store=path) as receiver:
        post(receiver, BODY, signed(BODY))
        assert receiver.counts == {"duplicate": 1}
        assert len(receiver.events()) == 1
