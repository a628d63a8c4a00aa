"""A small Lago on 127.0.0.1, started and ended by the test: pages of JSON, and faults on order."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

KEY = "only-for-this-test"


class LagoServer:
    """``rows``: path → objects, served ``page_size`` a page at most. ``failures``: answered first,
    one a request: a status, or text that is no JSON."""

    def __init__(self, page_size: int = 2) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = {}
        self.single: dict[str, dict[str, Any]] = {}
        self.failures: list[int | str] = []
        self.seen: list[tuple[str, str]] = []
        self.page_size = page_size
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, path: str, query: dict[str, list[str]]) -> tuple[int, dict[str, Any]]:
        name = path.removeprefix("/api/v1/")
        if name in self.single:
            return 200, self.single[name]
        if name not in self.rows:
            return 404, {"status": 404, "error": "Not Found", "code": "resource_not_found"}
        rows = [row for row in self.rows[name] if _fits(row, query)]
        page = int(query["page"][0])
        size = min(self.page_size, int(query["per_page"][0]))
        last = -(-len(rows) // size)
        following = page + 1 if page < last else None
        meta = {"current_page": page, "next_page": following, "total_count": len(rows)}
        return 200, {name: rows[(page - 1) * size : page * size], "meta": meta}


def _fits(row: dict[str, Any], query: dict[str, list[str]]) -> bool:
    """The filters of Lago's that an import sends."""
    words = query.get("status[]", []) + query.get("status", [])
    if words and row.get("status") not in words:
        return False
    if "overridden" in query and not row.get("_overridden"):
        return False
    customer = query.get("external_customer_id")
    return not customer or row.get("external_customer_id") in customer


def _handler_of(lago: LagoServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # noqa: N802 - the name http.server calls
            self._serve("GET")

        def do_POST(self) -> None:  # noqa: N802
            self._serve("POST")

        do_PUT = do_DELETE = do_PATCH = do_POST  # noqa: N815

        def _serve(self, method: str) -> None:
            parts = urlsplit(self.path)
            lago.seen.append((method, parts.path))
            failure = lago.failures.pop(0) if lago.failures else None
            if isinstance(failure, str):
                return self._send(200, failure.encode())
            if self.headers.get("Authorization") != f"Bearer {KEY}":
                failure = 401
            if failure:
                return self._send(failure, json.dumps({"status": failure}).encode())
            status, answer = lago.answer(parts.path, parse_qs(parts.query))
            return self._send(status, json.dumps(answer).encode())

        def _send(self, status: int, content: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("x-ratelimit-reset", "0")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            """Keep the test output clean."""

    return Handler
