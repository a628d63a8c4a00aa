"""Events on their way: by themselves as things happen, or held until somebody sends them."""

import copy
import queue
import threading
from typing import TYPE_CHECKING, Any

from . import webhooks
from .errors import invalid

if TYPE_CHECKING:
    from .double import StripeDouble

# How an event can go out, and the age of its signature in seconds. Receivers take 10 minutes.
HOW = {"now": 0, "late": 3600, "wrong_secret": 0, "unsigned": 0, "forged": 0}


class Deliveries:
    """Sends events to the newest webhook endpoint. ``log`` is what came of each.

    While ``automatic`` is off, which it is until told, events wait.
    """

    def __init__(self, stripe: "StripeDouble") -> None:
        self._stripe = stripe
        self._seen = 0
        self._queue: queue.Queue[int | None] = queue.Queue()
        self._worker: threading.Thread | None = None
        self.automatic = False
        self.log: list[dict[str, Any]] = []

    def notice(self) -> None:
        """Queue what happened since the last time, if events go out by themselves."""
        with self._stripe.ledger.lock:
            total = len(self._stripe.ledger.events)
            new, self._seen = range(min(self._seen, total), total), total
        if not self.automatic or not self.endpoint():
            return
        if new and not self._worker:
            self._worker = threading.Thread(target=self._work, daemon=True)
            self._worker.start()
        for number in new:
            self._queue.put(number)

    def endpoint(self) -> dict[str, Any] | None:
        """The newest webhook endpoint."""
        found = self._stripe.ledger.all("webhook_endpoint")
        return found[0] if found else None

    def send(self, number: int, how: str = "now") -> int:
        """Send one event to the endpoint; return its status, 0 if nobody answered.

        ``how``: `now`, `late` (signed an hour ago), `wrong_secret`, `unsigned`, or `forged`:
        unsigned, and telling of a success that never was.
        """
        endpoint = self.endpoint()
        if how not in HOW or not endpoint:
            raise invalid(f"Cannot send {how}: {'no webhook endpoint' if not endpoint else ''}")
        event = self._stripe.ledger.events[number]
        if how == "forged":
            event = _forged(event)
        secret = {"unsigned": "", "forged": "", "wrong_secret": "whsec_wrong"}
        signed_with = secret.get(how, endpoint["secret"])
        status = webhooks.send(endpoint["url"], event, signed_with, HOW[how])
        self.log.append({"event": event["id"], "type": event["type"], "how": how, "status": status})
        return status

    def forget(self) -> None:
        """Nothing happened yet."""
        self._seen = 0
        self.log.clear()

    def stop(self) -> None:
        """End after what is being sent."""
        if self._worker:
            self._queue.put(None)
            self._worker.join(5)

    def _work(self) -> None:
        while (number := self._queue.get()) is not None:
            if number < len(self._stripe.ledger.events):  # else it was reset meanwhile
                self.send(number)


def _forged(event: dict[str, Any]) -> dict[str, Any]:
    made = copy.deepcopy(event)
    made["id"] += "_forged"
    kind = made["data"]["object"]["object"]
    if kind in ("payment_intent", "setup_intent"):
        made["type"] = f"{kind}.succeeded"
        made["data"]["object"]["status"] = "succeeded"
    return made
