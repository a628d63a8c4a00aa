"""Signed events, sent when the test says so: in any order, twice, late or with a wrong secret."""

import hashlib
import hmac
import json
import time
import urllib.error
import urllib.request
from typing import Any


def signature(body: bytes, secret: str, at: int) -> str:
    """Stripe's header: `t=…,v1=HMAC-SHA256(secret, t.body)`.

    >>> signature(b"{}", "whsec_x", 1700000000)[:22]
    't=1700000000,v1=be8cb8'
    """
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def send(url: str, event: dict[str, Any], secret: str, age: int = 0) -> int:
    """POST one event, signed ``age`` seconds ago; return the receiver's status, 0 if none came.

    A receiver that answers with an error is an answer too.
    """
    body = json.dumps(event).encode()
    headers = {"Content-Type": "application/json"}
    if secret:
        headers["Stripe-Signature"] = signature(body, secret, int(time.time()) - age)
    request = urllib.request.Request(url, data=body, headers=headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except OSError:
        return 0
