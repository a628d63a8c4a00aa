"""The object that tests hold: what it is told to do, and what requests make it do."""

import time
from collections import deque
from pathlib import Path
from typing import Any, Self

from . import api, refunds, webhooks
from .cards import DEFAULT
from .delivery import Deliveries
from .errors import Dropped, StripeError, invalid, known_outcome
from .held import Held
from .keys import check
from .ledger import Answer, Fault, Ledger
from .memory import Memory
from .server import Serving

API = "/v1/"


class StripeDouble:
    """A Stripe in a thread. Use it in a `with`, or call `start()` and `stop()`.

    With ``memory``, a file, it knows its cards and payments again the next time.
    """

    def __init__(self, port: int = 0, memory: Path | None = None) -> None:
        self.ledger = Ledger()
        self._memory = Memory(memory)
        self._memory.recall(self.ledger)
        self._held = Held()
        self.deliveries = Deliveries(self)
        self._serving = Serving(self, port)
        self.root = f"http://127.0.0.1:{self._serving.port}/"
        self.url = f"{self.root}{API[1:]}"

    def start(self) -> Self:
        self._serving.start()
        return self

    def stop(self) -> None:
        self.release()
        self._serving.stop()
        self.deliveries.stop()

    __enter__ = start

    def __exit__(self, *_: object) -> None:
        self.stop()

    # What tests and people do to it; `control.py` offers the same over HTTP.

    def reset(self) -> None:
        """Forget everything but where events go.

        Rolled-back tests use the same references, so the same keys, again.
        """
        with self.ledger.lock:
            endpoints = self.ledger.all("webhook_endpoint")[::-1]
            self.ledger = Ledger(lock=self.ledger.lock)
            for endpoint in endpoints:
                api.create_webhook_endpoint(self.ledger, endpoint)
            self.deliveries.forget()

    def card(self, number: str = DEFAULT.number) -> tuple[str, str]:
        """Save a card; return the ids of its customer and of the payment method."""
        with self.ledger.lock:
            customer = api.create_customer(self.ledger, {})
            method = api.create_payment_method(self.ledger, {"card[number]": number})
            method["customer"] = customer["id"]
            self.ledger.authenticated.add(method["id"])
            return customer["id"], method["id"]

    def script(self, key: str, *outcomes: str, times: int = 1) -> None:
        """The next charges of a payment method, or of a card number, in this order.

        Each list is gone through ``times`` times; afterwards a card goes as it always does.
        """
        wanted = [known_outcome(outcome) for outcome in outcomes] * times
        with self.ledger.lock:
            self.ledger.outcomes.setdefault(key, deque()).extend(wanted)

    def fail(
        self, when: str, kind: str, match: str = "payment_intents", *, times: int = 1, **more: float
    ) -> None:
        """Let the next matching requests go wrong: see `ledger.Fault`."""
        kinds = ("timeout", "hold") if when == "during" else ("drop", "timeout", "hold")
        known = kind in kinds or (when != "during" and str(kind).isdigit())
        if when not in ("before", "during", "after") or not known:
            raise invalid(f"No such fault: {when} {kind}")
        with self.ledger.lock:
            self.ledger.faults += [Fault(when, str(kind), match, **more) for _ in range(times)]

    def intents(self, **same: Any) -> list[dict[str, Any]]:
        """The PaymentIntents, oldest first."""
        return self.ledger.all("payment_intent", **same)[::-1]

    def fail_refund(self, refund: str) -> None:
        """Let a refund that succeeded come back."""
        with self.ledger.lock:
            refunds.fail(self.ledger, refund)

    def listen(self, url: str, secret: str) -> None:
        """Send events there from now on; see `deliveries.automatic`."""
        with self.ledger.lock:
            api.create_webhook_endpoint(self.ledger, {"url": url, "secret": secret})

    def send_event(self, url: str, number: int = -1, secret: str = "", age: int = 0) -> int:
        """Deliver one of the recorded events; return the receiver's status."""
        return webhooks.send(url, self.ledger.events[number], secret, age)

    @property
    def held(self) -> int:
        """How many requests have been held so far."""
        return self._held.count

    def wait_until_held(self, count: int = 1, timeout: float = 60) -> bool:
        """Block until so many requests have been held."""
        return self._held.wait(count, timeout)

    def release(self) -> None:
        """Let held requests go: their clients, if they live, get no answer."""
        self._held.release()

    # What requests do.

    def request(self, call: tuple[str, str], params: dict[str, Any], headers: Any) -> Answer:
        """Answer one HTTP request below `/v1/`. ``call`` is the method and the path.

        :raise StripeError: see `answer`, and a key that must not do this
        """
        method, path = call
        path = path.removeprefix(API)
        check(self.ledger, headers.get("Authorization", ""), f"{method} {path}", params)
        try:
            return self.answer(method, path, params, headers.get("Idempotency-Key"))
        finally:
            if method == "POST":
                self._memory.keep(self.ledger)
                self.deliveries.notice()

    def answer(self, method: str, path: str, params: dict[str, Any], key: str | None) -> Answer:
        """Answer one call of the API, as its faults and its idempotency key want it."""
        self.ledger.requests.append(f"{method} {path}")
        call, ids = api.find(method, path)
        fault = self.ledger.take_fault(f"{method} {path}") or Fault("", "")
        if fault.when == "before":
            self._break(fault)
        if fault.kind == "429":  # outside the idempotency layer, and never executed
            raise StripeError(429, "invalid_request_error", "Too many requests", code="rate_limit")

        def execute() -> Answer:
            failed = fault.kind.isdigit()
            if fault.when == "during":
                self._wait(fault)
            if fault.when == "before" and failed:
                return _broken(fault)
            with self.ledger.lock:
                answer = self._call(call, params, ids)
            return _broken(fault) if failed else answer

        answer = self.ledger.once(
            key if method == "POST" else None, f"{path}{sorted(params.items())}", execute
        )
        if fault.when == "after":
            self._break(fault)
        return answer

    def _call(self, call: api.Call, params: dict[str, Any], ids: tuple[str, ...]) -> Answer:
        try:
            return 200, call(self.ledger, params, *ids)
        except StripeError as error:
            if error.status != 402:
                raise  # refused before it was executed: the key stays free
            return error.status, error.body

    def _break(self, fault: Fault) -> None:
        if not fault.kind.isdigit():
            self._wait(fault)
            raise Dropped

    def _wait(self, fault: Fault) -> None:
        if fault.kind == "hold":
            self._held.hold()
        elif fault.kind == "timeout":
            time.sleep(fault.seconds)


def _broken(fault: Fault) -> Answer:
    error = StripeError(int(fault.kind), "api_error", "An unknown error occurred")
    return error.status, error.body
