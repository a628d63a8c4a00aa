"""What this Stripe remembers: objects by id, answers by idempotency key, outcomes to come."""

import hashlib
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .cards import Card, card_of
from .errors import StripeError, invalid

Answer = tuple[int, dict[str, Any]]


@dataclass
class Fault:
    """A request that goes wrong, once.

    ``when``: `before` Stripe executes it, or `after`; `during` is only slow, and is answered in
    the end (its idempotency key is in use meanwhile). ``kind``: `drop` the connection, `timeout`
    (drop it after so many ``seconds``; Odoo gives up after 10), `hold` it until released, or an
    HTTP status such as `500`. ``match`` is a part of the method and path.
    """

    when: str
    kind: str
    match: str = "payment_intents"
    seconds: float = 12


@dataclass
class Ledger:
    """Everything, under one lock: requests are answered in an order.

    ``outcomes`` are by payment method or by card number, ``numbers`` by payment method.
    """

    objects: dict[str, dict[str, Any]] = field(default_factory=dict)
    outcomes: dict[str, deque[str]] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    authenticated: set[str] = field(default_factory=set)
    keys: dict[str, tuple[str, Answer | None]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)
    last: int = 0

    def next_number(self) -> int:
        """A number that no object has yet."""
        with self.lock:
            self.last += 1
            return self.last

    def new(self, prefix: str, kind: str, **values: Any) -> dict[str, Any]:
        """Keep a new object under an id of its own."""
        key = f"{prefix}_{self.next_number():06d}"
        made = {"id": key, "object": kind, "created": int(time.time()), "livemode": False}
        self.objects[key] = {**made, "metadata": {}, **values}
        return self.objects[key]

    def new_intent(self, prefix: str, kind: str, **values: Any) -> dict[str, Any]:
        """A new object that a browser may act on with its `client_secret`."""
        made = self.new(prefix, kind, next_action=None, **values)
        digest = hashlib.sha256(f"{made['id']} {made['created']}".encode()).hexdigest()
        made["client_secret"] = f"{made['id']}_secret_{digest[:24]}"
        return made

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

    def card(self, method: str) -> Card:
        """The test card behind a payment method."""
        return card_of(self.numbers.get(method, ""))

    def scripted_outcome(self, method: str) -> str | None:
        """Take the next outcome scripted for this payment method, else for its card number."""
        for key in (method, self.numbers.get(method, "")):
            if scripted := self.outcomes.get(key):
                return scripted.popleft()
        return None

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
