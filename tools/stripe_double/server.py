"""The HTTP server, and the object that tests hold."""

import json
import threading
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import urlsplit

from . import api, control, webhooks
from .errors import StripeError, invalid
from .form import parse
from .ledger import Answer, Fault, Ledger

API = "/v1/"


class Dropped(Exception):
    """The connection ends without an answer."""


class StripeDouble:
    """A Stripe in a thread. Use it in a `with`, or call `start()` and `stop()`."""

    def __init__(self, port: int = 0) -> None:
        self.ledger = Ledger()
        self.changed = threading.Condition(self.ledger.lock)
        self.held = 0
        self.released = 0
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.stripe = self
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.01,), daemon=True
        )
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}{API}"

    def start(self) -> Self:
        self._thread.start()
        return self

    def stop(self) -> None:
        self.release()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    __enter__ = start

    def __exit__(self, *_: object) -> None:
        self.stop()

    # What tests do to it; `control.py` offers the same over HTTP.

    def reset(self) -> None:
        """Forget everything. Rolled-back tests use the same references, so the same keys, again."""
        with self.ledger.lock:
            self.ledger = Ledger(lock=self.ledger.lock)

    def card(self, number: str = "4242424242424242") -> tuple[str, str]:
        """Save a card; return the ids of its customer and of the payment method."""
        customer = api.create_customer(self.ledger, {})
        method = api.create_payment_method(self.ledger, {"card[number]": number})
        method["customer"] = customer["id"]
        return customer["id"], method["id"]

    def script(self, method: str, *outcomes: str) -> None:
        """The next charges of a card, in this order; then it goes as it always does."""
        self.ledger.outcomes.setdefault(method, deque()).extend(outcomes)

    def fail(self, when: str, kind: str, match: str = "payment_intents") -> None:
        """Let the next matching request go wrong: see `ledger.Fault`."""
        self.ledger.faults.append(Fault(when, str(kind), match))

    def intents(self, **same: Any) -> list[dict[str, Any]]:
        """The PaymentIntents, oldest first."""
        return self.ledger.all("payment_intent", **same)[::-1]

    def send_event(self, url: str, number: int = -1, secret: str = "", age: int = 0) -> int:
        """Deliver one of the recorded events; return the receiver's status."""
        return webhooks.send(url, self.ledger.events[number], secret, age)

    def wait_until_held(self, count: int = 1, timeout: float = 60) -> bool:
        """Block until so many requests have been held."""
        with self.changed:
            return self.changed.wait_for(lambda: self.held >= count, timeout)

    def release(self) -> None:
        """Let held requests go: their clients, if they live, get no answer."""
        with self.changed:
            self.released = self.held
            self.changed.notify_all()

    # What requests do.

    def answer(self, method: str, path: str, params: dict[str, Any], key: str | None) -> Answer:
        """Answer one call of the API, as its faults and its idempotency key want it."""
        self.ledger.requests.append(f"{method} {path}")
        call, ids = api.find(method, path)
        fault = self.ledger.take_fault(f"{method} {path}") or Fault("", "")
        if fault.when == "before" and not fault.kind.isdigit():
            self._break(fault)
        if fault.kind == "429":  # outside the idempotency layer, and never executed
            raise StripeError(429, "invalid_request_error", "Too many requests", code="rate_limit")

        def execute() -> Answer:
            failed = fault.kind.isdigit()
            if fault.when == "before" and failed:
                return _broken(fault)
            with self.ledger.lock:
                answer = self._call(call, params, ids)
            return _broken(fault) if failed else answer

        answer = self.ledger.once(
            key if method == "POST" else None, f"{path}{sorted(params.items())}", execute
        )
        if fault.when == "after" and not fault.kind.isdigit():
            self._break(fault)
        return answer

    def _call(self, call: api.Call, params: dict[str, Any], ids: tuple[str, ...]) -> Answer:
        try:
            return 200, call(self.ledger, params, *ids)
        except StripeError as error:
            if error.status != 402:
                raise  # refused before it was executed: the key stays free
            return error.status, error.body

    def _break(self, fault: Fault) -> None:
        if fault.kind == "hold":
            with self.changed:
                self.held += 1
                mine = self.held
                self.changed.notify_all()
                self.changed.wait_for(lambda: self.released >= mine)
        raise Dropped


def _broken(fault: Fault) -> Answer:
    error = StripeError(int(fault.kind), "api_error", "An unknown error occurred")
    return error.status, error.body


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    stripe: StripeDouble


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def _respond(self) -> None:
        url = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        params = parse(url.query, body)
        stripe = self.server.stripe
        try:
            if not url.path.startswith(API):
                status, answer = control.answer(stripe, self.command, url.path, params)
            elif not self.headers.get("Authorization", "").startswith("Bearer sk_"):
                raise invalid("You did not provide an API key.", 401)
            else:
                key = self.headers.get("Idempotency-Key")
                path = url.path.removeprefix(API)
                status, answer = stripe.answer(self.command, path, params, key)
        except StripeError as error:
            status, answer = error.status, error.body
        except Dropped:
            self.close_connection = True
            return
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = _respond  # noqa: N815  the names that http.server looks for

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: tests read `ledger.requests`."""
