"""The billing API over HTTP: tries again while trying again can help, and not otherwise."""

from __future__ import annotations

import http.client
import json
import random
import time
import urllib.error
import urllib.request
from typing import Any

ATTEMPTS = 10
LONGEST_WAIT = 60.0
_TRY_AGAIN = {408, 425, 429, 500, 502, 503, 504}


class Refused(Exception):
    """The request itself is wrong: no repetition will help. Holds the server's own words."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(f"{status}: {body.get('error_details') or body.get('code') or body}")
        self.status = status
        self.body = body


class Billing:
    """One service's key at one address. Every call here is safe to repeat."""

    def __init__(self, url: str, key: str) -> None:
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def call(self, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Send until there is an answer; wait longer each time, as long as the server asks."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._once(method, path, body)
            except urllib.error.HTTPError as error:
                with error:
                    text = error.read()
                if error.code not in _TRY_AGAIN:
                    raise Refused(error.code, json.loads(text or b"{}")) from None
                trouble, asked = f"HTTP {error.code}", error.headers
            except (OSError, http.client.HTTPException) as error:
                # Perhaps it arrived and only the answer was lost: the repetition counts once.
                trouble, asked = repr(error), {}
            if attempt < ATTEMPTS:
                time.sleep(_wait(attempt, asked))
        raise ConnectionError(f"no answer after {ATTEMPTS} tries, the last: {trouble}")

    def _once(self, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        data = json.dumps(body).encode()
        request = urllib.request.Request(
            self._url + path, data=data, method=method, headers=self._headers
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read() or b"{}")


def _wait(attempt: int, headers: Any) -> float:
    """Return the seconds to wait: what the server says, else 0.5, 1, 2, 4... and some chance."""
    for name in ("Retry-After", "x-ratelimit-reset"):
        asked = headers.get(name) or ""
        if asked.isdigit():
            return min(float(asked), LONGEST_WAIT)
    return min(0.25 * 2**attempt, LONGEST_WAIT) * random.uniform(0.5, 1.0)
