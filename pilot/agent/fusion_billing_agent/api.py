"""The billing API over HTTP: what it said, and whether to ask again."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any

TIMEOUT = 60  # seconds
_LATER = (408, 425, 429)


class Later(Exception):
    """The network's or the server's trouble; `after` is how many seconds it asked for, if any."""

    def __init__(self, reason: str, after: float | None = None) -> None:
        super().__init__(reason)
        self.after = after


class Locked(Exception):
    """The key does not let us in: a person must act."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A final answer: 2xx, or a refusal of the content."""

    status: int
    body: dict[str, Any]

    @property
    def ok(self) -> bool:
        """Whether it was taken."""
        return self.status < 300


class Api:
    """One service's access."""

    def __init__(self, url: str, key: str) -> None:
        self._url = url
        self._key = key

    def put(self, path: str, body: dict[str, Any]) -> Answer:
        """PUT a body.

        :raise Later: no answer, or one that says to come back
        :raise Locked: 401 or 403
        """
        return self._ask("PUT", path, json.dumps(body).encode())

    def get(self, path: str, **query: Any) -> Answer:
        """GET a resource; errors as for `put`."""
        return self._ask("GET", f"{path}?{urllib.parse.urlencode(query, doseq=True)}")

    def _ask(self, method: str, path: str, body: bytes | None = None) -> Answer:
        request = urllib.request.Request(self._url + path, body, method=method)
        request.add_header("Authorization", f"Bearer {self._key}")
        request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
                return Answer(answer.status, _json(answer.read()))
        except urllib.error.HTTPError as error:
            with error:
                return _refused(error)
        except (OSError, HTTPException) as error:
            raise Later(f"no answer: {error}") from error


def _refused(error: urllib.error.HTTPError) -> Answer:
    if error.code in (401, 403):
        raise Locked(f"HTTP {error.code}: the API key is not accepted")
    if error.code >= 500 or error.code in _LATER:
        wish = error.headers.get("Retry-After", "")
        raise Later(f"HTTP {error.code}", float(wish) if wish.isdigit() else None)
    return Answer(error.code, _json(error.read()))


def _json(raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(raw or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
