"""Webhook signatures, made and checked over the exact bytes that travel.

Two schemes on every delivery, so that a Lago receiver and a Standard Webhooks receiver both work:

* Lago: ``X-Lago-Signature: base64(HMAC-SHA256(secret, body))``
* Standard Webhooks: ``webhook-signature: v1,base64(HMAC-SHA256(key, "id.timestamp.body"))``;
  several signatures, separated by spaces, let a secret be rotated.

A secret ``whsec_…`` is base64 of the key for Standard Webhooks; the Lago scheme uses its text.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable
from typing import TypeVar

from .errors import Invalid

Secret = TypeVar("Secret", str, bytes)

PREFIX = "whsec_"
VERSION = "v1"
TOLERANCE_SECONDS = 300


def new_secret(random_bytes: bytes) -> str:
    """A secret from at least 24 random bytes (the caller's: the engine has no randomness).

    >>> new_secret(bytes(24))
    'whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
    """
    if len(random_bytes) < 24:
        raise ValueError("a webhook secret needs at least 24 random bytes")
    return PREFIX + base64.b64encode(random_bytes).decode()


def sign_lago(secret: str, body: bytes) -> str:
    """Value of ``X-Lago-Signature``.

    :raise Invalid: an empty secret, which anybody could sign with.
    """
    return _hmac(_require(secret).encode(), body)


def verify_lago(secret: str, body: bytes, signature: str) -> bool:
    """Constant time. There is no timestamp in this scheme: deduplicate by the unique key."""
    return hmac.compare_digest(sign_lago(secret, body).encode(), signature.encode())


def sign_standard(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """One signature for ``webhook-signature``, of the Unix `timestamp` in seconds."""
    content = b".".join([message_id.encode(), str(timestamp).encode(), body])
    return f"{VERSION},{_hmac(_key(secret), content)}"


def verify_standard(
    secrets: Iterable[str],
    message_id: str,
    timestamp: str,
    body: bytes,
    header: str,
    now: int,
) -> bool:
    """Whether one of the header's signatures was made by one of `secrets`, within 300 s of `now`.

    :param timestamp: the ``webhook-timestamp`` header as received.
    """
    if not (timestamp.isascii() and timestamp.isdigit()):
        return False
    if abs(now - int(timestamp)) > TOLERANCE_SECONDS:
        return False
    received = [part.encode() for part in header.split()]
    valid = False
    for secret in secrets:
        expected = sign_standard(secret, message_id, int(timestamp), body).encode()
        for candidate in received:
            # No early exit: the time taken must not tell which secret or signature was right.
            valid |= hmac.compare_digest(expected, candidate)
    return valid


def _hmac(key: bytes, content: bytes) -> str:
    return base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()


def _key(secret: str) -> bytes:
    if not _require(secret).startswith(PREFIX):
        return secret.encode()
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        raise Invalid.field("webhook_secret", "value_is_invalid") from None
    return _require(key)


def _require(secret: Secret) -> Secret:
    if not secret:
        raise Invalid.field("webhook_secret", "value_is_mandatory")
    return secret
