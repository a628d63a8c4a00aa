"""HTTP on 127.0.0.1: the API, the controls, the control page and the stand-in for Stripe.js."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from . import control, page
from .errors import Dropped, StripeError, invalid
from .form import parse

if TYPE_CHECKING:
    from .double import StripeDouble

STRIPE_JS = Path(__file__).with_name("stripe_v3.js")
JSON, HTML = "application/json", "text/html; charset=utf-8"
JAVASCRIPT = "text/javascript; charset=utf-8"


class Serving:
    """The thread that answers."""

    def __init__(self, stripe: "StripeDouble", port: int) -> None:
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.stripe = stripe
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.01,), daemon=True
        )

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    stripe: "StripeDouble"


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def _respond(self) -> None:
        url = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        params = parse(url.query, body)
        try:
            if url.path.startswith("/v1/"):
                called = (self.command, url.path)
                answer = self.server.stripe.request(called, params, self.headers)
                # Any page may call this, as any page may call Stripe.
                self._send(*answer, origin="*")
            else:
                self._own(url.path, params)
        except StripeError as error:
            origin = "*" if url.path.startswith("/v1/") else ""
            self._send(error.status, error.body, origin=origin)
        except Dropped:
            self.close_connection = True

    def _own(self, path: str, params: dict[str, Any]) -> None:
        stripe = self.server.stripe
        if (self.command, path) == ("GET", "/v3/"):
            self._send(200, STRIPE_JS.read_text(), JAVASCRIPT)
            return
        self._refuse_strangers()
        if (self.command, path) == ("GET", "/"):
            self._send(200, page.html(stripe), HTML)
            return
        back = params.pop("back", None)
        status, answer = control.answer(stripe, self.command, path, params)
        if back:  # a form of the control page
            self.send_response(303)
            self.send_header("Location", "/")
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            self._send(status, answer)

    def _refuse_strangers(self) -> None:
        """Let no page of another site use the controls, not even under a name of its own."""
        own = self.server.stripe.root.rstrip("/")
        named = f"http://{self.headers.get('Host', '')}"
        if self.headers.get("Origin", own) != own or named != own:
            raise invalid("The controls answer only to this machine.", 403)

    def _send(self, status: int, answer: Any, kind: str = JSON, origin: str = "") -> None:
        content = (json.dumps(answer) if kind == JSON else answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        if origin:
            self.send_header("Access-Control-Allow-Origin", origin)
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = _respond  # noqa: N815  the names that http.server looks for

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: tests read `ledger.requests`."""
