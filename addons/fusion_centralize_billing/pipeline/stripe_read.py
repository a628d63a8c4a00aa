"""Many questions to Stripe at once: side by side, tried again, over connections that stay open.

Odoo's own request opens a connection each time and gives up at the first hiccup, which is right for
one customer in front of a screen. A cohort of a thousand would take minutes, and a customer whose
question met a busy second would look like one without a card.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import local
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from odoo import models

# Stripe answers a hundred reads a second (https://docs.stripe.com/rate-limits): far from it.
SIDE_BY_SIDE = 8
SECONDS = 10
AGAIN = Retry(
    total=4,
    backoff_factor=0.5,
    status_forcelist=(409, 429, 500, 502, 503, 504),
    allowed_methods={"GET"},
    raise_on_status=False,
)


class Unanswered(Exception):
    """Stripe gave no answer, or one that says nothing about what was asked for."""


class StripeReader:
    """Reads with one provider's key. Its threads touch no cursor: all of Odoo is asked here."""

    def __init__(self, provider_sudo: models.BaseModel) -> None:
        self._root = provider_sudo._build_request_url("")
        self._headers = provider_sudo._build_request_headers("GET", "", None)
        self._own = local()

    def each(self, ask: Callable[[str], Any], ids: Iterable[str]) -> dict[str, Any]:
        """``{id: ask(id)}``, some at a time.

        :raise Unanswered: one of them was; those that wait are not asked any more
        """
        with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            try:
                waiting = {one: pool.submit(ask, one) for one in ids}
                return {one: answer.result() for one, answer in waiting.items()}
            finally:
                pool.shutdown(wait=False, cancel_futures=True)

    def get(self, endpoint: str, **params: Any) -> dict[str, Any] | None:
        """One object or list; None: there is none.

        :raise Unanswered: no connection, no permission, or busy for longer than it was tried
        """
        try:
            answer = self._session().get(
                self._root + endpoint, params=params, headers=self._headers, timeout=SECONDS
            )
            told = answer.json()
        except requests.RequestException as error:
            raise Unanswered(f"no answer from {urlsplit(self._root).hostname}") from error
        if answer.status_code == requests.codes.not_found:
            return None
        if not answer.ok:
            message = (told.get("error") or {}).get("message")
            raise Unanswered(message or f"status {answer.status_code}")
        return told

    def _session(self) -> requests.Session:
        """This thread's own."""
        if not hasattr(self._own, "session"):
            self._own.session = requests.Session()
            for scheme in ("https://", "http://"):
                self._own.session.mount(scheme, HTTPAdapter(max_retries=AGAIN))
        return self._own.session
