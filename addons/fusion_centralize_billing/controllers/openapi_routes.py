"""The mounted routes, as the document needs them: one entry a path and verb."""

import inspect
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from .wire import BASES

SEGMENT = re.compile(r"<(?:(?P<converter>\w+)(?:\((?P<options>[^)]*)\))?:)?(?P<name>\w+)>")
WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True, slots=True)
class MountedRoute:
    """``path`` without the prefix, parameters in braces: ``/plans/{code}``."""

    method: str
    path: str
    name: str
    about: str
    routing: dict[str, Any]

    @property
    def parameters(self) -> list[str]:
        """The names in the path."""
        return re.findall(r"{(\w+)}", self.path)

    @property
    def writes(self) -> bool:
        """Whether it changes something, and may be sent with an ``Idempotency-Key``."""
        return self.method in WRITES

    @property
    def statuses(self) -> list[int]:
        """Every status but 200 that it answers with, in order.

        400 for what is no JSON or has a NUL in it, 401 without a key, 429 beyond its limit, 403
        and 422 on writes (a read-only key, a repeated ``Idempotency-Key``), 413 with a body, 404
        with a parameter in the path; and what the route says beyond these.
        """
        found = {400, *self.routing["fc_statuses"]}
        if self.parameters:
            found.add(404)
        if self.routing["fc_key"]:
            found |= {401, 429}
            if self.writes:
                found |= {403, 413, 422}
        return sorted(found)


def mounted(rules: Iterable[Any]) -> list[MountedRoute]:
    """All of ours, sorted by path; the other prefixes and the route for the rest left out."""
    found = [route for rule in rules for route in _of(rule)]
    return sorted(found, key=lambda route: (route.path, route.method))


def _of(rule: Any) -> Iterator[MountedRoute]:
    routing = rule.endpoint.routing
    if routing["type"] != "fusion_billing" or not rule.rule.startswith(f"{BASES[0]}/"):
        return
    if rule.rule.startswith(f"{BASES[2]}/") or routing["methods"] is None:
        return
    endpoint = inspect.unwrap(rule.endpoint.func)
    for path in _spelled(rule.rule.removeprefix(BASES[0])):
        for method in routing["methods"]:
            if method != "HEAD":
                yield MountedRoute(
                    method,
                    path,
                    endpoint.__name__,
                    inspect.getdoc(endpoint) or "",
                    routing,
                )


def _spelled(rule: str) -> list[str]:
    """A segment that is one of several words is a path for each of them."""
    words = [""]
    position = 0
    for found in SEGMENT.finditer(rule):
        between, position = rule[position : found.start()], found.end()
        choices = (
            [each.strip() for each in found["options"].split(",")]
            if found["converter"] == "any"
            else [f"{{{found['name']}}}"]
        )
        words = [f"{word}{between}{choice}" for word in words for choice in choices]
    return [f"{word}{rule[position:]}" for word in words]
