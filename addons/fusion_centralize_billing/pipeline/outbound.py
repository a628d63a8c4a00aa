"""One HTTP POST to an address somebody else chose. No Odoo in here.

What it promises: http and https only, no redirect followed, no proxy or netrc of the machine, at
most 15 s, no connection to a private address unless allowed (checked on the address the name
resolves to *and* on the peer actually reached, so that a name cannot change in between), and an
outcome instead of an exception.
"""

import contextlib
import ipaddress
import socket
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

TIMEOUT = 15.0
SNIPPET_BYTES = 512


class PrivateAddress(OSError):
    """The address is not on the public Internet: it could be a service of our own network."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """`status` 0: there was no answer, `error` says why, in words without secrets."""

    status: int
    error: str = ""
    retry_after: str | None = None


def is_public(address: str) -> bool:
    """
    >>> [is_public(a) for a in ("8.8.8.8", "127.0.0.1", "10.1.2.3", "169.254.169.254", "::1")]
    [True, False, False, False, False]
    >>> is_public("::ffff:10.0.0.1"), is_public("64:ff9b::a00:1"), is_public("100.64.0.1")
    (False, False, False)
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        packed = ip.packed
        # IPv4 inside IPv6: mapped, 6to4, and the translation prefix 64:ff9b::/96.
        if packed[:12] == bytes.fromhex("0064ff9b") + bytes(8):
            ip = ipaddress.IPv4Address(packed[12:])
        else:
            ip = ip.ipv4_mapped or ip.sixtofour or ip
    return ip.is_global and not ip.is_multicast


def check_public(address: str) -> None:
    """:raise PrivateAddress: naming the address."""
    if not is_public(address):
        raise PrivateAddress(f"{address} is a private address")


class _Guarded:
    """Connection mixin: checks before and after connecting, remembers itself for the deadline."""

    allow_private = False
    opened: "list[Any] | None" = None

    def _new_conn(self) -> socket.socket:
        if self.opened is not None:
            self.opened.append(self)
        if not self.allow_private:
            for *_, sockaddr in socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM):
                check_public(sockaddr[0])
        sock = super()._new_conn()  # type: ignore[misc]
        if not self.allow_private:
            try:
                check_public(sock.getpeername()[0])
            except PrivateAddress:
                sock.close()
                raise
        return sock


class _GuardedAdapter(HTTPAdapter):
    """Transport whose pools open guarded connections only."""

    def __init__(self, allow_private: bool) -> None:
        self.allow_private = allow_private
        self.opened: list[Any] = []
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        result = super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {
            "http": self._pool(HTTPConnectionPool, HTTPConnection),
            "https": self._pool(HTTPSConnectionPool, HTTPSConnection),
        }
        return result

    def _pool(self, pool: type, connection: type) -> type:
        limits = {"allow_private": self.allow_private, "opened": self.opened}
        guarded = type(f"Guarded{connection.__name__}", (_Guarded, connection), limits)
        return type(f"Guarded{pool.__name__}", (pool,), {"ConnectionCls": guarded})

    def abort(self) -> None:
        """Cut every connection: a peer that drips bytes never runs into a read timeout."""
        for connection in self.opened:
            if (sock := connection.sock) is not None:
                with contextlib.suppress(OSError):  # already closed
                    sock.shutdown(socket.SHUT_RDWR)


def post(
    url: str, body: bytes, headers: Mapping[str, str], *, allow_private: bool = False
) -> Outcome:
    """POST `body` as it is and report what came of it. Never raises for the peer's doing."""
    if not url.lower().startswith(("http://", "https://")):
        return Outcome(0, "The address must begin with http:// or https://")
    adapter = _GuardedAdapter(allow_private)
    with requests.Session() as session:
        session.trust_env = False
        session.mount("http://", adapter)
        session.mount("https://", adapter)
        deadline = threading.Timer(TIMEOUT, adapter.abort)
        deadline.daemon = True
        deadline.start()
        send = partial(session.post, url, data=body, headers=dict(headers))
        try:
            with send(timeout=TIMEOUT, allow_redirects=False, stream=True) as response:
                return _outcome(response)
        except (requests.RequestException, OSError, ValueError) as error:
            return Outcome(0, _words(error))
        finally:
            deadline.cancel()


def _outcome(response: requests.Response) -> Outcome:
    status = response.status_code
    if 200 <= status < 300:
        return Outcome(status)
    if 300 <= status < 400:
        return Outcome(status, f"HTTP {status}: redirects are not followed")
    start = next(response.iter_content(SNIPPET_BYTES), b"")
    text = " ".join(start[:SNIPPET_BYTES].decode("utf-8", "replace").split())
    snippet = "".join(char for char in text if char.isprintable())[:200]
    return Outcome(status, f"HTTP {status}: {snippet}", response.headers.get("Retry-After"))


def _words(error: Exception) -> str:
    """The error's kind in words. Its text may hold the address with a token in it: left out."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, PrivateAddress):
            return f"Refused: {cause}"
        cause = cause.__cause__ or cause.__context__
    kinds = (
        (requests.exceptions.SSLError, "The TLS certificate or handshake was refused"),
        (requests.exceptions.Timeout, f"No answer within {TIMEOUT:.0f} s"),
        (requests.exceptions.ConnectionError, "The connection failed or was cut"),
        (requests.exceptions.ChunkedEncodingError, "The connection was cut"),
        (ValueError, "The address is not valid"),
    )
    return next(
        (words for kind, words in kinds if isinstance(error, kind)),
        "The connection failed or was cut",
    )
