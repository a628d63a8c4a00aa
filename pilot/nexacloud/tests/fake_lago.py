"""A stand-in for the billing API: takes batches of events, and fails when it is told to."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

BATCH_PATH = "/api/billing/v1/api/v1/events/batch"


class FakeLago:
    """Keeps events by id. `failures` are answered first, one a request: a status, or "drop"."""

    def __init__(self, failures: list[int | str] | None = None) -> None:
        self.events: dict[str, dict[str, Any]] = {}
        self.failures = list(failures or [])
        self.conflicts: set[str] = set()
        self.requests: list[dict[str, Any]] = []
        self.authorizations: set[str | None] = set()
        self.lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/api/billing/v1"

    def answer(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Return the status and body of one request."""
        self.requests.append(body)
        if path != BATCH_PATH:
            return 404, {"status": 404, "error": "Not Found", "code": "resource_not_found"}
        conflicts = {
            str(place): {"transaction_id": ["value_already_exist"]}
            for place, event in enumerate(body["events"])
            if event["transaction_id"] in self.conflicts
        }
        if conflicts:
            return 422, {"status": 422, "code": "validation_errors", "error_details": conflicts}
        return 200, {"events": [self._take(event) for event in body["events"]]}

    def _take(self, event: dict[str, Any]) -> dict[str, Any]:
        known = self.events.setdefault(event["transaction_id"], event)
        status = "accepted" if known is event else "duplicate"
        return {**event, "disposition": {"status": status, "reason": None}}

    def __enter__(self) -> FakeLago:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _handler_of(lago: FakeLago) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # noqa: N802 - the name http.server calls
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with lago.lock:
                lago.authorizations.add(self.headers.get("Authorization"))
                failure = lago.failures.pop(0) if lago.failures else None
                # An answer lost on the way back: the events are in, the agent does not know.
                lost = failure == "drop"
                status, answer = (failure, {"status": failure}) if isinstance(failure, int) else (
                    lago.answer(self.path, body)
                )  # fmt: skip
            if lost:
                return
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            """Keep the test output clean."""

    return Handler
