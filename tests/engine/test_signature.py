"""Signatures that other people's verifiers accept, and that fail closed."""

import base64
import hashlib
import hmac

import pytest
from engine.errors import Invalid
from engine.signature import (
    new_secret,
    sign_lago,
    sign_standard,
    verify_lago,
    verify_standard,
)

# Bytes a re-serialising receiver would change: an escaped <, a non-ASCII letter, a trailing space.
BODY = '{"a": "\\u003c", "b": "é" }'.encode()
SECRET = new_secret(bytes(range(32)))
OTHER = new_secret(bytes(32))
NOW = 1_772_000_000


def test_the_lago_signature_equals_one_computed_by_hand():
    by_hand = base64.b64encode(hmac.new(SECRET.encode(), BODY, hashlib.sha256).digest()).decode()
    assert sign_lago(SECRET, BODY) == by_hand
    assert verify_lago(SECRET, BODY, by_hand)


def test_the_lago_signature_of_a_known_text_is_the_known_one():
    # RFC 4231, test case 2: key "Jefe".
    digest = base64.b64decode(sign_lago("Jefe", b"what do ya want for nothing?"))
    assert digest.hex() == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"


def test_a_changed_byte_or_another_secret_is_refused():
    assert not verify_lago(SECRET, BODY + b" ", sign_lago(SECRET, BODY))
    assert not verify_lago(OTHER, BODY, sign_lago(SECRET, BODY))
    assert not verify_lago(SECRET, BODY, "é")


def standard(secrets=(SECRET,), body=BODY, now=NOW, message_id="msg_1", timestamp=str(NOW)):
    header = sign_standard(SECRET, "msg_1", NOW, BODY)
    return verify_standard(secrets, message_id, timestamp, body, header, now)


def test_the_standard_signature_verifies_within_five_minutes_only():
    assert standard()
    assert standard(now=NOW + 300)
    assert not standard(now=NOW + 301)
    assert not standard(now=NOW - 301)


def test_the_standard_signature_covers_id_time_and_body():
    assert not standard(message_id="msg_2")
    assert not standard(timestamp=str(NOW + 1))
    assert not standard(body=BODY + b" ")
    assert not standard(secrets=(OTHER,))


@pytest.mark.parametrize("timestamp", ["", "-1", "1e9", "१२", "17 72"])
def test_a_timestamp_that_is_no_number_is_refused(timestamp):
    assert not standard(timestamp=timestamp)


def test_a_rotated_secret_is_accepted_beside_the_new_one():
    header = " ".join(sign_standard(secret, "m", NOW, BODY) for secret in (OTHER, SECRET))
    for secret in (SECRET, OTHER):
        assert verify_standard([secret], "m", str(NOW), BODY, header, NOW)


def test_a_plain_text_secret_is_its_own_key():
    by_hand = hmac.new(b"plain", f"m.{NOW}.".encode() + BODY, hashlib.sha256).digest()
    assert sign_standard("plain", "m", NOW, BODY) == f"v1,{base64.b64encode(by_hand).decode()}"


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_not base64!"])
def test_a_missing_or_broken_secret_never_signs(secret):
    with pytest.raises(Invalid):
        sign_standard(secret, "m", NOW, BODY)
    if not secret:
        with pytest.raises(Invalid):
            sign_lago(secret, BODY)


def test_a_secret_needs_enough_randomness():
    with pytest.raises(ValueError, match="24"):
        new_secret(b"short")
