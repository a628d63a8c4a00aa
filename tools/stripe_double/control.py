"""The same controls over HTTP, below `/_config/`, for a double that runs as its own process."""

from typing import TYPE_CHECKING, Any

from . import refunds
from .cards import CARDS, DEFAULT
from .errors import invalid
from .ledger import Answer

if TYPE_CHECKING:
    from .double import StripeDouble

Params = dict[str, Any]


def answer(stripe: "StripeDouble", method: str, path: str, params: Params) -> Answer:
    """Answer one call of the control plane; `docs/stripe-double.md` lists them."""
    call = _CALLS.get((method, path.removeprefix("/_config/")))
    if not path.startswith("/_config/") or not call:
        raise invalid(f"No such control: {method} {path}", 404)
    try:
        return 200, call(stripe, params) or {}
    except (KeyError, IndexError, ValueError) as wrong:
        raise invalid(f"Missing or wrong: {wrong}") from wrong


def _card(stripe: "StripeDouble", params: Params) -> Params:
    customer, method = stripe.card(params.get("number") or DEFAULT.number)
    return {"customer": customer, "payment_method": method}


def _script(stripe: "StripeDouble", params: Params) -> None:
    key = params.get("payment_method") or params["card"]
    stripe.script(key, *params["outcomes"], times=int(params.get("times") or 1))


def _fault(stripe: "StripeDouble", params: Params) -> None:
    more = {"seconds": float(params["seconds"])} if params.get("seconds") else {}
    match = params.get("match", "payment_intents")
    times = int(params.get("times") or 1)
    stripe.fail(params["when"], params["kind"], match, times=times, **more)


def _event(stripe: "StripeDouble", params: Params) -> Params:
    number, age = int(params.get("number", -1)), int(params.get("age") or 0)
    if "url" in params:
        status = stripe.send_event(params["url"], number, params.get("secret", ""), age)
    else:
        status = stripe.deliveries.send(number, params.get("how", "now"))
    return {"status": status}


def _deliver(stripe: "StripeDouble", params: Params) -> None:
    stripe.deliveries.automatic = {"by themselves": True, "when told": False}[params["events"]]


def _refund(stripe: "StripeDouble", params: Params) -> Params:
    given = {key: value for key, value in params.items() if value}
    with stripe.ledger.lock:
        made = refunds.create(stripe.ledger, given)
    stripe.deliveries.notice()
    return made


def _refund_failed(stripe: "StripeDouble", params: Params) -> None:
    stripe.fail_refund(params["refund"])
    stripe.deliveries.notice()


_CALLS = {
    ("POST", "card"): _card,
    ("GET", "cards"): lambda s, p: {"data": [vars(card) for card in CARDS]},
    ("POST", "script"): _script,
    ("POST", "fault"): _fault,
    ("GET", "faults"): lambda s, p: {"data": [vars(fault) for fault in s.ledger.faults]},
    ("POST", "wait_held"): lambda s, p: {"held": s.wait_until_held(int(p.get("count", 1)))},
    ("POST", "release"): lambda s, p: s.release(),
    ("POST", "listen"): lambda s, p: s.listen(p["url"], p["secret"]),
    ("POST", "deliver"): _deliver,
    ("POST", "event"): _event,
    ("GET", "events"): lambda s, p: {"data": s.ledger.events},
    ("GET", "deliveries"): lambda s, p: {"data": s.deliveries.log},
    ("POST", "refund"): _refund,
    ("POST", "refund_failed"): _refund_failed,
    ("POST", "reset"): lambda s, p: s.reset(),
    ("GET", "intents"): lambda s, p: {"data": s.intents()},
    ("GET", "requests"): lambda s, p: {"data": s.ledger.requests},
}
