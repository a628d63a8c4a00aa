"""What this Stripe remembers: objects by id, answers by idempotency key, outcomes to come."""

import hashlib
import itertools
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .errors import StripeError, invalid

Answer = tuple[int, dict[str, Any]]


@dataclass
class Fault:
    """A request that goes wrong, once.

    ``when``: `before` Stripe executes it, or `after`. ``kind``: `drop` the connection (what the
    client sees of a time-out), `hold` it until released, or an HTTP status such as `500`.
    ``match`` is a part of the path.
    """

    when: str
    kind: str
    match: str = "payment_intents"


@dataclass
class Ledger:
    """Everything, under one lock: requests are answered in an order."""

    objects: dict[str, dict[str, Any]] = field(default_factory=dict)
    outcomes: dict[str, deque[str]] = field(default_factory=dict)
    always: dict[str, str] = field(default_factory=dict)
    keys: dict[str, tuple[str, Answer | None]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    def new(self, prefix: str, kind: str, **values: Any) -> dict[str, Any]:
        """Keep a new object under an id of its own."""
        key = f"{prefix}_{next(self.numbers):06d}"
        made = {"id": key, "object": kind, "created": int(time.time()), "livemode": False}
        self.objects[key] = {**made, "metadata": {}, **values}
        return self.objects[key]

    def get(self, key: str, kind: str) -> dict[str, Any]:
        """Return an object of this kind, or Stripe's `resource_missing`."""
        found = self.objects.get(key)
        if not found or found["object"] != kind:
            raise invalid(f"No such {kind}: '{key}'", 404, code="resource_missing")
        return found

    def all(self, kind: str, **same: Any) -> list[dict[str, Any]]:
        """Return objects of this kind with these values, newest first, as Stripe lists them."""
        found = [
            item
            for item in self.objects.values()
            if item["object"] == kind and all(item.get(k) == v for k, v in same.items())
        ]
        return found[::-1]

    def next_outcome(self, method: dict[str, Any]) -> str:
        """What the next charge of this card comes to: scripted, else as the card always goes."""
        if scripted := self.outcomes.get(method["id"]):
            return scripted.popleft()
        return self.always.get(method["id"], "succeeded")

    def take_fault(self, path: str) -> Fault | None:
        """Remove and return the first fault waiting for this path."""
        with self.lock:
            for fault in self.faults:
                if fault.match in path:
                    self.faults.remove(fault)
                    return fault
        return None

    def once(self, key: str | None, request: str, execute: Callable[[], Answer]) -> Answer:
        """Execute, or give the first answer to this key again: a decline and a 500 as well.

        :raise StripeError: the key was used for another request, or is in use now
        """
        if not key:
            return execute()
        digest = hashlib.sha256(request.encode()).hexdigest()
        with self.lock:
            known, answer = self.keys.get(key, (digest, None))
            if known != digest:
                raise StripeError(
                    400,
                    "idempotency_error",
                    "Keys for idempotent requests can only be used with the same parameters they"
                    " were first used with.",
                )
            if answer:
                return answer
            if key in self.keys:
                raise StripeError(
                    409,
                    "idempotency_error",
                    "There is currently another in-progress request using this Idempotency Key.",
                    code="idempotency_key_in_use",
                )
            self.keys[key] = (digest, None)
        try:
            answer = execute()
        except BaseException:
            del self.keys[key]  # refused before anything was executed: the key is free
            raise
        self.keys[key] = (digest, answer)
        return answer
