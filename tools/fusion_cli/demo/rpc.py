"""The demo's two ways into Odoo: as a signed-in person, and as an app with a key.

Both are plain HTTP with the standard library. The demo knows nothing of Odoo's insides: what it
does, an operator could do with a mouse and an app could do with its own client.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request

from ..errors import Failed
from ..rpc import OdooSession

__all__ = ["BillingApi", "OdooSession"]


class BillingApi:
    """An app's view of the billing API: a base URL and a bearer key."""

    def __init__(self, url: str, key: str) -> None:
        self.base = url.rstrip("/") + "/api/billing/v1"
        self.key = key

    def post(self, path: str, payload: dict) -> dict:
        """POST and return the JSON answer; anything but 200 is an error of the demo."""
        status, answer = self.raw("POST", path, json.dumps(payload).encode())
        if status != 200:
            raise Failed(f"POST {path} answered {status}: {json.dumps(answer)}")
        return answer

    def get(self, path: str) -> dict:
        """GET and return the JSON answer; anything but 200 is an error of the demo."""
        status, answer = self.raw("GET", path)
        if status != 200:
            raise Failed(f"GET {path} answered {status}: {json.dumps(answer)}")
        return answer

    def raw(self, method: str, path: str, body: bytes | None = None) -> tuple[int, dict]:
        """Send and return (status, JSON body) whatever the status is."""
        request = urllib.request.Request(
            self.base + path,
            data=body,
            method=method,
            headers={
                "Authorization": f"Bearer {self.key}",
                "Content-Type": "application/json",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=120) as response:
                return response.status, json.loads(response.read() or b"{}")
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"{}")
