"""A read-only look at a Lago organisation through its API. Only GET is ever sent.

Lago's own Python client (MIT) does the talking: addresses, headers, waiting when Lago says 429.
Pages are read as plain JSON and not as the client's models, because one customer that a model
refuses would take a page of a hundred with it, and a model drops keys it does not know.
"""

import json
import time
from collections.abc import Iterator
from decimal import Decimal
from types import ModuleType
from typing import Any
from urllib.parse import quote, urlsplit

from .errors import SourceError

URL = "fusion_billing.lago_url"
KEY = "fusion_billing.lago_api_key"
PER_PAGE = 100
TRIES = 4
RETRY_WAIT = 0.5  # seconds before the second try, doubled each time
API_PATH = "/api/v1"
# What the import needs to read: our name → (path, root key, query).
ANY_STATUS = [("status[]", word) for word in ("active", "pending", "terminated", "canceled")]
RESOURCES: dict[str, tuple[str, list[tuple[str, str]]]] = {
    "metrics": ("billable_metrics", []),
    "taxes": ("taxes", []),
    "plans": ("plans", []),
    "customers": ("customers", []),
    "coupons": ("applied_coupons", []),
    "subscriptions": ("subscriptions", ANY_STATUS),
    "invoices": ("invoices", [("status", "finalized")]),
}


class Lago:
    """One organisation, by its API key. Methods read; there is none that writes."""

    def __init__(self, url: str | None, key: str | None) -> None:
        """Check what can be checked without a request.

        :raise SourceError: a parameter is missing or wrong, or the client is not installed
        """
        problems = [
            f"The system parameter {name} is empty."
            for name, value in ((URL, url), (KEY, key))
            if not (value or "").strip()
        ]
        if problems:
            raise SourceError(problems)
        parts = urlsplit(url.strip())
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
            raise SourceError(f"{URL} is no address: write e.g. “https://api.getlago.com”.")
        self.host = parts.netloc
        self.plain = parts.scheme == "http" and parts.hostname not in ("127.0.0.1", "localhost")
        self._base = url.strip().rstrip("/").removesuffix(API_PATH) + f"{API_PATH}/"
        self._key = key.strip()
        self._request = _client()

    def warnings(self) -> list[str]:
        """What works but should not be so."""
        return [f"{URL} is not encrypted: the API key travels readable."] if self.plain else []

    def counts(self) -> dict[str, int]:
        """Rows by our name of them; reading them proves that the key may."""
        return {name: self._count(path, query) for name, (path, query) in RESOURCES.items()}

    def rows(self, name: str, **query: str) -> Iterator[dict[str, Any]]:
        """Every row of one of `RESOURCES`, page by page, oldest knowledge last as Lago sorts.

        Numbers with a point come as Decimal. A row that is no object is not a row.
        """
        path, fixed = RESOURCES[name]
        return self.pages(path, [*fixed, *query.items()])

    def pages(self, path: str, query: list[tuple[str, str]]) -> Iterator[dict[str, Any]]:
        """Every row under a path whose root key is the path.

        :raise SourceError: a page has not the shape of a page, or pages do not come to an end
        """
        page: int | None = 1
        while page:
            answer = self._get(path, [*query, ("page", str(page)), ("per_page", str(PER_PAGE))])
            rows, meta = answer.get(path), answer.get("meta") or {}
            if not isinstance(rows, list) or not isinstance(meta, dict):
                raise SourceError(f"Lago's page {page} of {path} has not the shape of a page.")
            yield from (row for row in rows if isinstance(row, dict))
            following = meta.get("next_page")
            if following is not None and (not isinstance(following, int) or following <= page):
                raise SourceError(
                    f"Lago's pages of {path} do not end: {page} is before {following}."
                )
            page = following

    def one(self, path: str, identifier: str, root: str, **query: str) -> dict[str, Any]:
        """One object by its id, with all that lists leave out."""
        answer = self._get(f"{path}/{quote(identifier, safe='')}", list(query.items()))
        if not isinstance(found := answer.get(root), dict):
            raise SourceError(f"Lago's answer about {path} {identifier} has no {root}.")
        return found

    def _count(self, path: str, query: list[tuple[str, str]]) -> int:
        meta = self._get(path, [*query, ("page", "1"), ("per_page", "1")]).get("meta") or {}
        return int(meta.get("total_count") or 0)

    def _get(self, path: str, query: list[tuple[str, str]]) -> dict[str, Any]:
        url = self._request.make_url(
            origin=self._base, path_parts=path.split("/"), query_pairs=query
        )
        response = self._answer(url, path)
        if response.status_code != 200:
            hint = {
                401: f"check {KEY}",
                403: "the key may not read this",
                429: "it asks to wait longer than this import does; try again later",
            }
            why = hint.get(response.status_code, "try again later")
            raise SourceError(f"Lago answered {response.status_code} about {path}: {why}.")
        try:
            answer = json.loads(response.content, parse_float=Decimal)
        except ValueError as error:
            raise SourceError(f"Lago's answer about {path} is not JSON.") from error
        if not isinstance(answer, dict):
            raise SourceError(f"Lago's answer about {path} is no object.")
        return answer

    def _answer(self, url: str, path: str) -> Any:
        """One GET, repeated while the fault looks like one of the moment."""
        import httpx
        from lago_python_client.exceptions import LagoRateLimitError

        headers = self._request.make_headers(api_key=self._key)
        for attempt in range(TRIES):
            if attempt:
                time.sleep(RETRY_WAIT * 2 ** (attempt - 1))
            try:
                response = self._request.send_get_request(url, headers=headers, timeout=30.0)
            except LagoRateLimitError as error:
                raise SourceError(
                    f"Lago answered 429 about {path} again and again: try again later."
                ) from error
            except httpx.HTTPError as error:
                # Its text may quote the header with the key: neither shown nor chained.
                fault = f"Lago ({self.host}) cannot be reached: {type(error).__name__}."
                if attempt + 1 == TRIES:
                    raise SourceError(fault) from None
                continue
            if response.status_code < 500:
                break
        return response


def _client() -> ModuleType:
    """Lago's client, only when somebody imports from Lago: nothing else needs it."""
    try:
        from lago_python_client.services import request
    except ImportError as error:
        raise SourceError(
            "Lago's Python client is not installed where Odoo runs: pip install lago-python-client."
        ) from error
    return request
