"""Receive the billing system's webhooks: check the signature, keep each event once.

    python -m pilot.nexacloud.receiver --secret … [--port 0] [--store FILE] [--fail-first 2]

In a program: ``with Receiver("secret") as receiver: … receiver.url … receiver.events()``.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import sys
import threading
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

from pilot.nexacloud.signatures import genuine
from pilot.nexacloud.states import ServiceStates

_LARGEST_BODY = 10 * 1024 * 1024
_TABLE = (
    "CREATE TABLE IF NOT EXISTS received_webhooks (place INTEGER PRIMARY KEY,"
    " unique_key TEXT NOT NULL UNIQUE, webhook_type TEXT NOT NULL, body BLOB NOT NULL)"
)


class EventStore:
    """Events by their unique key, in an SQLite file (or in memory)."""

    def __init__(self, path: str = ":memory:") -> None:
        # One connection, because ":memory:" is a database per connection; the lock serves it out.
        self._database = sqlite3.connect(path, check_same_thread=False)
        self._lock = threading.Lock()
        with self._lock, self._database:
            self._database.execute(_TABLE)

    def keep(self, unique_key: str, webhook_type: str, body: bytes) -> bool:
        """Store the event; False if this key is known already."""
        with self._lock, self._database:
            cursor = self._database.execute(
                "INSERT INTO received_webhooks (unique_key, webhook_type, body) VALUES (?, ?, ?)"
                " ON CONFLICT (unique_key) DO NOTHING",
                (unique_key, webhook_type, body),
            )
            return cursor.rowcount == 1

    def events(self) -> list[dict[str, Any]]:
        """Return the decoded bodies in the order they came."""
        with self._lock:
            rows = self._database.execute("SELECT body FROM received_webhooks ORDER BY place")
            return [json.loads(body) for (body,) in rows.fetchall()]

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._database.close()


class Receiver:
    """A web server on 127.0.0.1 that answers one thing: POST, to any path."""

    def __init__(
        self,
        secret: str,
        port: int = 0,
        store: str = ":memory:",
        fail_first: int = 0,
        quiet: bool = True,
        notice: Callable[[dict[str, Any]], None] | None = None,
        obey: Callable[[dict[str, Any]], object] | None = None,
    ) -> None:
        """Listen at once. `port` 0 takes a free one; the first `fail_first` good posts get 500.

        `notice` is handed each event once, after it is stored; it has to return at once. `obey` is
        handed every delivery before that, repeated ones too; where it fails the answer is 500, so
        that the event is sent again.
        """
        self.secret = secret
        self.counts: Counter[str] = Counter()
        self._quiet = quiet
        self._notice = notice
        self._obey = obey
        self._fail_left = fail_first
        self._lock = threading.Lock()
        self._store = EventStore(store)
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler_of(self))
        serve = self._server.serve_forever
        self._thread = threading.Thread(target=serve, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        """Return where to send webhooks."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/webhooks"

    def events(self) -> list[dict[str, Any]]:
        """Return every event kept so far, each once, in the order of arrival."""
        return self._store.events()

    def receive(self, headers: Any, body: bytes) -> int:
        """Judge one request and return its HTTP status: 200, 400, 401 or 500."""
        status, outcome = self._judge(headers, body)
        with self._lock:
            self.counts[outcome] += 1
        if not self._quiet:
            print(f"{status} {outcome} {headers.get('X-Lago-Unique-Key')}", flush=True)
        return status

    def _judge(self, headers: Any, body: bytes) -> tuple[int, str]:
        if not genuine(self.secret, headers, body):
            return 401, "bad_signature"
        with self._lock:
            if self._fail_left > 0:
                self._fail_left -= 1
                return 500, "failed_on_purpose"
        unique_key = headers.get("X-Lago-Unique-Key")
        try:
            event = json.loads(body)
            webhook_type = event["webhook_type"]
        except (ValueError, KeyError, TypeError):
            return 400, "not_a_webhook"
        if not unique_key:
            return 400, "no_unique_key"
        if not self._obeyed(event):
            return 500, "not_obeyed"
        new = self._store.keep(unique_key, str(webhook_type), body)
        if new and self._notice:
            self._notice(event)
        return 200, "received" if new else "duplicate"

    def _obeyed(self, event: dict[str, Any]) -> bool:
        if self._obey:
            try:
                self._obey(event)
            except Exception:
                traceback.print_exc()
                return False
        return True

    def __enter__(self) -> Receiver:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self._store.close()


def _handler_of(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 15

        def do_POST(self) -> None:  # noqa: N802 - the name http.server calls
            length = int(self.headers.get("Content-Length") or 0)
            if length > _LARGEST_BODY:
                self._answer(413)
                self.close_connection = True
                return
            self._answer(receiver.receive(self.headers, self.rfile.read(length)))

        def _answer(self, status: int) -> None:
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Stay silent: the receiver prints its own line, without bodies or secrets."""

    return Handler


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line until interrupted."""
    parser = argparse.ArgumentParser(prog="pilot.nexacloud.receiver", description=__doc__)
    parser.add_argument("--secret", required=True, help="the service's webhook secret")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--store", default="webhooks.sqlite", help="SQLite file of the events")
    parser.add_argument("--fail-first", type=int, default=0, help="answer 500 this many times")
    parser.add_argument("--url", help="the billing API: with it, commands are obeyed and confirmed")
    parser.add_argument("--key", default="", help="the service's API key")
    parser.add_argument("--states", default="services.sqlite", help="SQLite file of the states")
    parser.add_argument("--dsn", help="the app's database: with it, cut-overs are obeyed")
    options = parser.parse_args(arguments)
    with ExitStack() as stack:
        hear, obey = _ears(options, stack)
        where = (options.secret, options.port, options.store, options.fail_first)
        server = stack.enter_context(Receiver(*where, quiet=False, notice=hear, obey=obey))
        print(f"listening on {server.url}", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print(dict(server.counts))
    return 0


def _ears(options: argparse.Namespace, stack: ExitStack) -> tuple[Any, Any]:
    """Return who is told of commands, and who of cut-overs."""
    # Imported here: whoever only receives needs nothing beyond the standard library.
    hear = obey = None
    if options.dsn is not None:
        from pilot.nexacloud.handover import Handovers

        obey = Handovers(options.dsn).obey
    if options.url:
        from pilot.nexacloud.enforcement import CommandApi, Enforcer

        states = stack.enter_context(closing(ServiceStates(options.states)))
        api = CommandApi(options.url, options.key)
        hear = stack.enter_context(Enforcer(states, api, _announce)).notice
    return hear, obey


def _announce(external_id: str, state: str) -> None:
    print(f"{external_id} is {state}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
