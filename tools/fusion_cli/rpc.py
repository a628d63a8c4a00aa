"""The way into a running Odoo as a signed-in person: plain HTTP with the standard library."""

from __future__ import annotations

import http.cookiejar
import json
import urllib.request
from typing import Any

from .errors import Failed


class OdooSession:
    """A web session, as the browser has one."""

    def __init__(self, url: str, database: str, login: str, password: str) -> None:
        self.url = url.rstrip("/")
        jar = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        answer = self._rpc(
            "/web/session/authenticate", {"db": database, "login": login, "password": password}
        )
        if not answer.get("uid"):
            raise Failed(f"Odoo refused the login of {login!r} on {database!r}.")

    def call(self, model: str, method: str, *args: Any, **kwargs: Any) -> Any:
        """Call a public method; `args` start with the ids unless it is an @api.model method."""
        return self._rpc(
            f"/web/dataset/call_kw/{model}/{method}",
            {"model": model, "method": method, "args": list(args), "kwargs": kwargs},
        )

    def fetch(self, path: str) -> bytes:
        """GET a page or file as the signed-in person."""
        with self._opener.open(self.url + path, timeout=300) as response:
            return response.read()

    def create(self, model: str, /, **values: Any) -> int:
        """Create one record and return its id."""
        created = self.call(model, "create", [values])
        return created[0] if isinstance(created, list) else created

    def write(self, model: str, record_id: int, /, **values: Any) -> None:
        """Write `values` on one record."""
        self.call(model, "write", [record_id], values)

    def search(self, model: str, domain: list, **kwargs: Any) -> list[int]:
        """Ids of the records that match."""
        return self.call(model, "search", domain, **kwargs)

    def read(self, model: str, domain: list, fields: list[str], **kwargs: Any) -> list[dict]:
        """Records that match, as dicts; many2one values are [id, name] pairs."""
        return self.call(model, "search_read", domain, fields, **kwargs)

    def ref(self, xmlid: str) -> int:
        """The id behind an external id `module.name`."""
        module, name = xmlid.split(".", 1)
        domain = [["module", "=", module], ["name", "=", name]]
        found = self.read("ir.model.data", domain, ["res_id"])
        if not found:
            raise Failed(f"The external id {xmlid} does not exist in this database.")
        return found[0]["res_id"]

    def _rpc(self, path: str, params: dict) -> Any:
        body = json.dumps({"jsonrpc": "2.0", "method": "call", "params": params}).encode()
        request = urllib.request.Request(
            self.url + path, data=body, headers={"Content-Type": "application/json"}
        )
        with self._opener.open(request, timeout=600) as response:
            answer = json.loads(response.read())
        if "error" in answer:
            data = answer["error"].get("data", {})
            detail = data.get("debug") or answer["error"]
            raise Failed(f"Odoo: {data.get('message') or answer['error'].get('message')}\n{detail}")
        return answer.get("result")
