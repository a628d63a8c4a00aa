"""Hear what the server answered to a client that throws answers away.

``client.events.batch_create()`` checks the status and returns nothing, but the body says which
events were new and which were known. The library stays as it is; httpx, below it, is listened to.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

_ears = threading.local()


@contextmanager
def listen() -> Iterator[list[httpx.Response]]:
    """Collect the responses this thread receives inside the block, oldest first."""
    previous = getattr(_ears, "heard", None)
    _ears.heard = heard = []
    try:
        yield heard
    finally:
        _ears.heard = previous


def _listened(send: Any) -> Any:
    @functools.wraps(send)
    def wrapper(self: httpx.Client, *args: Any, **kwargs: Any) -> httpx.Response:
        response = send(self, *args, **kwargs)
        heard = getattr(_ears, "heard", None)
        if heard is not None:
            heard.append(response)
        return response

    return wrapper


# The library calls httpx.post(), which offers no place for an event hook of its own.
httpx.Client.send = _listened(httpx.Client.send)  # type: ignore[method-assign]
