"""The same controls over HTTP, below `/_config/`, for a double that runs as its own process."""

from typing import TYPE_CHECKING, Any

from .errors import invalid
from .ledger import Answer

if TYPE_CHECKING:
    from .server import StripeDouble


def answer(stripe: "StripeDouble", method: str, path: str, params: dict[str, Any]) -> Answer:
    """Answer one call of the control plane.

    `POST card` {number} -> {customer, payment_method}; `POST script` {payment_method, outcomes[]};
    `POST fault` {when, kind, match}; `POST wait_held` {count} blocks; `POST release`;
    `POST event` {url, secret, number, age} -> {status}; `POST reset`;
    `GET intents` -> {data}; `GET requests` -> {data}.
    """
    call = _CALLS.get((method, path.removeprefix("/_config/")))
    if not path.startswith("/_config/") or not call:
        raise invalid(f"No such control: {method} {path}", 404)
    return 200, call(stripe, params) or {}


def _card(stripe: "StripeDouble", params: dict[str, Any]) -> dict[str, Any]:
    customer, method = stripe.card(params.get("number", "4242424242424242"))
    return {"customer": customer, "payment_method": method}


def _event(stripe: "StripeDouble", params: dict[str, Any]) -> dict[str, Any]:
    number, age = int(params.get("number", -1)), int(params.get("age", 0))
    return {"status": stripe.send_event(params["url"], number, params.get("secret", ""), age)}


_CALLS = {
    ("POST", "card"): _card,
    ("POST", "script"): lambda s, p: s.script(p["payment_method"], *p["outcomes"]),
    ("POST", "fault"): lambda s, p: s.fail(p["when"], p["kind"], p.get("match", "payment_intents")),
    ("POST", "wait_held"): lambda s, p: {"held": s.wait_until_held(int(p.get("count", 1)))},
    ("POST", "release"): lambda s, p: s.release(),
    ("POST", "event"): _event,
    ("POST", "reset"): lambda s, p: s.reset(),
    ("GET", "intents"): lambda s, p: {"data": s.intents()},
    ("GET", "requests"): lambda s, p: {"data": s.ledger.requests},
}
