"""The counter part of the billing API in memory, by the rules of docs/counters.md."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class FakeUsageApi(ThreadingHTTPServer):
    """`counters` is the ledger, `troubles` the statuses of the next answers (0: drops the line)."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.counters: dict[tuple, tuple[int, str]] = {}
        self.bad: set[str] = set()
        self.troubles: list[int] = []
        self.requests = 0
        self.taken = 0

    def __enter__(self) -> FakeUsageApi:
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.shutdown()
        self.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def set(self, usages: list[dict[str, Any]]) -> tuple[int, dict[str, Any]]:
        wrong, found = {}, {}
        for n, usage in enumerate(usages):
            labels = json.dumps(usage.get("properties"))
            key = (usage["external_subscription_id"], usage["code"], usage["bucket"], labels)
            sequence, value = self.counters.get(key, (-1, ""))
            if usage["value"] in self.bad:
                wrong[n] = {"value": ["value_is_invalid"]}
            elif usage["sequence"] < sequence:
                wrong[n] = {"sequence": ["value_is_out_of_order"]}
            elif usage["sequence"] == sequence and usage["value"] != value:
                wrong[n] = {"sequence": ["value_already_exist"]}
            found[key] = (usage["sequence"], usage["value"])
        if wrong:
            return 422, {"error_details": wrong}
        self.counters |= found
        self.taken += len(usages)
        return 200, {"usages": usages}


class _Handler(BaseHTTPRequestHandler):
    def do_PUT(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        server = self.server
        server.requests += 1
        if server.troubles:
            status = server.troubles.pop(0)
            if status == 0:  # arrived, and the answer is lost
                server.set(body["usages"])
                return
            self._answer(status, {})
            return
        self._answer(*server.set(body["usages"]))

    def _answer(self, status: int, body: dict) -> None:
        said = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Retry-After", "7")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_arguments: object) -> None:
        pass
