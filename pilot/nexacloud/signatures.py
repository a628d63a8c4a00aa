"""Check that a webhook comes from the billing system: Lago's header and Standard Webhooks'."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping


def lago_signature(secret: str, body: bytes) -> str:
    """Return the value of ``X-Lago-Signature`` for these exact bytes.

    >>> lago_signature("secret", b"{}")
    'dzJZAsrKgS3CWXM6rNBGtzgXNyx3e42VtAJkdHRRbhM='
    """
    digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def standard_signature(secret: str, message_id: str, timestamp: str, body: bytes) -> str:
    """Return one entry of ``webhook-signature``. A ``whsec_`` secret is base64, others are text."""
    key = secret.encode()
    if secret.startswith("whsec_"):
        key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def genuine(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Tell whether every signature the request carries is right, and it carries Lago's.

    `headers` must not care about case. The age of ``webhook-timestamp`` is not judged here: the
    demo lives in March 2026 whatever the clock says.
    """
    given = headers.get("X-Lago-Signature") or ""
    if not _same(given, lago_signature(secret, body)):
        return False
    entries = (headers.get("webhook-signature") or "").split()
    if not entries:
        return True
    message_id, timestamp = headers.get("webhook-id") or "", headers.get("webhook-timestamp") or ""
    try:
        expected = standard_signature(secret, message_id, timestamp, body)
    except binascii.Error:
        return False
    # During a change of secret the sender signs with both; one of them must be ours.
    return any(_same(entry, expected) for entry in entries)


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())
