"""A stand-in for the billing API's commands: lists them, hears confirmations, can be away."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

BASE = "/api/billing/v1"


class FakeBilling:
    """`commands` by number; `failures` are answered first, one a request: a status, or "drop"."""

    def __init__(self) -> None:
        self.commands: dict[int, dict[str, Any]] = {}
        self.failures: list[int | str] = []
        self.confirmed: list[tuple[str, str]] = []
        self.keys: set[str | None] = set()
        self.lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}{BASE}"

    def issue(self, external_id: str, state: str) -> dict[str, Any]:
        """Issue a command, superseding the subscription's open one; return its webhook."""
        number = len(self.commands) + 1
        for command in self.commands.values():
            if command["external_subscription_id"] == external_id and command["status"] == "sent":
                command["status"] = "superseded"
        self.commands[number] = {
            "id": f"c-{number}",
            "number": number,
            "external_subscription_id": external_id,
            "desired_state": state,
            "status": "sent",
        }
        return {"webhook_type": "service.command", "command": dict(self.commands[number])}

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        url = urlsplit(path)
        if method == "GET" and url.path == f"{BASE}/commands":
            return 200, self._list(parse_qs(url.query))
        words = url.path.removeprefix(BASE).strip("/").split("/")
        if method == "PUT" and len(words) == 3 and words[2] == "service_state":
            return self._confirm(unquote(words[1]), body["service_state"])
        return 404, {"code": "resource_not_found"}

    def _list(self, query: dict[str, list[str]]) -> dict[str, Any]:
        after, limit = int(query["after"][0]), int(query["limit"][0])
        found = [command for number, command in sorted(self.commands.items()) if number > after][
            :limit
        ]
        next_after = found[-1]["number"] if found else after
        return {"commands": found, "meta": {"count": len(found), "next_after": next_after}}

    def _confirm(self, external_id: str, said: dict[str, Any]) -> tuple[int, Any]:
        mine = [c for c in self.commands.values() if c["external_subscription_id"] == external_id]
        if not mine or said["command_id"] not in {command["id"] for command in mine}:
            return 404, {"code": "command_not_found"}
        newest = mine[-1]
        if newest["id"] != said["command_id"]:
            return 409, {"code": "command_superseded", "service_state": {"command": newest}}
        newest["status"] = "confirmed"
        self.confirmed.append((said["command_id"], said["state"]))
        return 200, {"service_state": {"command": newest}}

    def __enter__(self) -> FakeBilling:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _handler_of(billing: FakeBilling) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:  # noqa: N802 - the name http.server calls
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            with billing.lock:
                billing.keys.add(self.headers.get("Authorization"))
                failure = billing.failures.pop(0) if billing.failures else None
                if isinstance(failure, int):
                    status, answer = failure, {}
                else:
                    status, answer = billing.answer(self.command, self.path, body)
            if failure == "drop":  # it was heard; the app does not know
                return
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_PUT  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:
            """Keep the test output clean."""

    return Handler
