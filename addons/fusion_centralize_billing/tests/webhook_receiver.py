"""A real HTTP server on 127.0.0.1 that records what it receives and answers as told."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import BinaryIO


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hung up is what some tests want: no traceback for it."""


@dataclass
class Received:
    """One request: headers by lower-case name, the exact body bytes."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """`answers` are given in order, the last one for ever: ``(status, headers, body)``.

    `lie` writes what it likes instead of an answer, and hangs up.
    """

    answers: list[tuple[int, dict[str, str], bytes]] = field(
        default_factory=lambda: [(200, {}, b"")]
    )
    received: list[Received] = field(default_factory=list)
    lie: Callable[[BinaryIO], None] | None = None

    def __post_init__(self) -> None:
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/hook"

    def answer(self, *statuses: int, body: bytes = b"", **headers: str) -> None:
        """Set the statuses of the next answers."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers[:] = [(status, named, body) for status in statuses]

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:  # noqa: N802 - the name is http.server's
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.received.append(Received(self.path, headers, body))
                if receiver.lie:
                    self.close_connection = True
                    receiver.lie(self.wfile)
                    return
                answers = receiver.answers
                status, extra, content = answers.pop(0) if len(answers) > 1 else answers[0]
                self.send_response(status)
                for name, value in extra.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST  # noqa: N815 - a followed redirect would come as GET

            def log_message(self, *args: object) -> None:
                """The test's output stays readable."""

        return Handler
