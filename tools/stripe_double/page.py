"""The control page: what this Stripe holds, and what it is to do next. No script, one style."""

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING, Any

from .cards import CARDS
from .delivery import HOW
from .errors import DECLINES, OTHER_OUTCOMES

if TYPE_CHECKING:
    from .double import StripeDouble

STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; color: #1c2333; background: #f6f7f9; margin: 0 }
main { max-width: 72rem; margin: 0 auto; padding: 1rem 1.5rem 4rem }
h1 { font-size: 1.5rem; margin: .5rem 0 } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem }
p { margin: .3rem 0; max-width: 48rem } .quiet { color: #5b6475 }
table { border-collapse: collapse; width: 100%; background: #fff; border: 1px solid #dfe3ea }
th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid #eceff4 }
th { font-weight: 600; background: #f0f2f6 } td { white-space: nowrap }
code, .mono { font-family: ui-monospace, monospace; font-size: .92em; white-space: nowrap }
form { display: inline-flex; gap: .3rem; margin: .1rem .4rem .1rem 0; align-items: center }
button, select, input { font: inherit; padding: .15rem .5rem; border: 1px solid #c3cad6;
  border-radius: 4px; background: #fff } button { background: #635bff; border-color: #635bff;
  color: #fff; cursor: pointer } button.plain { background: #fff; color: #37415a }
input.short { width: 3.5rem } .good { color: #0a6b3d } .bad { color: #b3261e }
"""
OUTCOMES = (*OTHER_OUTCOMES, *DECLINES)
FAULTS = ("drop", "timeout", "500", "429", "hold")


def html(stripe: "StripeDouble") -> str:
    """Return the whole page."""
    with stripe.ledger.lock:
        parts = (_top(stripe), _cards(stripe), _saved(stripe), _faults(stripe),
                 _intents(stripe), _refunds(stripe), _events(stripe))  # fmt: skip
    return (
        '<!doctype html><html lang="en-CA"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>Stripe on this machine</title><style>{STYLE}</style></head>"
        f"<body><main>{''.join(parts)}</main></body></html>"
    )


def _top(stripe: "StripeDouble") -> str:
    endpoint = stripe.deliveries.endpoint()
    automatic = stripe.deliveries.automatic
    goes = (
        f"Events go to <code>{escape(str(endpoint['url']))}</code> "
        f"{'by themselves' if automatic else 'only when you send them, below'}."
        if endpoint
        else "Events go nowhere: no webhook endpoint was created."
    )
    other = "when told" if automatic else "by themselves"
    return (
        "<h1>Stripe on this machine</h1>"
        "<p>A double for tests and demonstrations. No money moves, and nothing leaves this "
        f"machine. The API answers at <code>{escape(stripe.url)}</code>.</p><p>{goes}</p>"
        + _form("deliver", f"Send events {other}", {"events": other}, plain=True)
        + _form("reset", "Forget everything", {}, plain=True)
        + _form("release", "Let held requests go", {}, plain=True)
    )


def _cards(stripe: "StripeDouble") -> str:
    rows = (
        (_code(_spaced(card.number)), card.says, _waiting(stripe, card.number),
         _script("card", card.number))
        for card in CARDS
    )  # fmt: skip
    return (
        "<h2>Cards to type in the portal</h2><p class='quiet'>Any date to come, any code. Any "
        "other number succeeds. What you script comes first, then the card goes as it does.</p>"
        + _table(("Number", "What happens", "Scripted", "Next charges"), rows)
    )


def _saved(stripe: "StripeDouble") -> str:
    rows = (
        (_code(method["id"]), _code(method["card"]["last4"]), _owner(stripe, method),
         _waiting(stripe, method["id"]), _script("payment_method", method["id"]))
        for method in stripe.ledger.all("payment_method")
        if method["customer"]
    )  # fmt: skip
    head = ("Payment method", "Card", "Customer", "Scripted", "Next charges")
    return "<h2>Saved cards</h2>" + _table(head, rows)


def _faults(stripe: "StripeDouble") -> str:
    fields = (
        _select("kind", FAULTS)
        + _select("when", ("before", "during", "after"))
        + " Stripe executes <input name=match value='POST payment_intents'> "
        + "<input class=short name=times value=1 type=number min=1> times"
    )
    rows = ((f"{f.kind} {f.when}", _code(f.match)) for f in stripe.ledger.faults)
    return (
        "<h2>Faults</h2><p class='quiet'>What the next request runs into. "
        "<code>timeout</code> answers nothing for 12 seconds; Odoo gives up after 10.</p>"
        + _form("fault", "Let it go wrong", {}, fields)
        + _table(("Waiting", "Request"), rows)
    )


def _intents(stripe: "StripeDouble") -> str:
    rows = []
    for intent in stripe.intents()[::-1]:
        error = intent["last_payment_error"] or {}
        why = error.get("decline_code") or error.get("code") or ""
        refund = {"payment_intent": intent["id"]}
        amount = "<input class=short name=amount placeholder=all>"
        action = _form("refund", "Refund (cents)", refund, amount, plain=True)
        rows.append(
            (_code(intent["id"]), escape(str(intent["description"])),
             _money(intent), _status(intent["status"]), escape(why),
             action if intent["status"] == "succeeded" else "")
        )  # fmt: skip
    head = ("PaymentIntent", "Reference", "Amount", "Status", "Why", "")
    return "<h2>Payments</h2>" + _table(head, rows)


def _refunds(stripe: "StripeDouble") -> str:
    rows = (
        (_code(item["id"]), _code(item["payment_intent"]), _money(item), _status(item["status"]),
         _form("refund_failed", "The bank sends it back", {"refund": item["id"]}, plain=True)
         if item["status"] == "succeeded" else "")
        for item in stripe.ledger.all("refund")
    )  # fmt: skip
    return "<h2>Refunds</h2>" + _table(("Refund", "Of", "Amount", "Status", ""), rows)


def _events(stripe: "StripeDouble") -> str:
    sent: dict[str, list[str]] = {}
    for entry in stripe.deliveries.log:
        sent.setdefault(entry["event"].removesuffix("_forged"), []).append(
            f"{entry['how']} {entry['status'] or 'no answer'}"
        )
    rows = (
        (_code(event["id"]), event["type"], _code(event["data"]["object"]["id"]),
         escape(", ".join(sent.get(event["id"], []))),
         "".join(_form("event", how.replace("_", " "), {"number": number, "how": how}, plain=True)
                 for how in HOW))
        for number, event in reversed(list(enumerate(stripe.ledger.events)))
    )  # fmt: skip
    return (
        "<h2>Events</h2><p class='quiet'>Send one now, late (signed an hour ago), with a wrong "
        "secret, unsigned, or forged: unsigned and telling of a success that never was. A "
        "receiver must refuse all but the first.</p>"
        + _table(("Event", "Type", "About", "Sent: answer", "Send"), rows)
    )


def _owner(stripe: "StripeDouble", method: dict[str, Any]) -> str:
    customer = stripe.ledger.objects[method["customer"]]
    return escape(customer.get("name") or customer["id"])


def _waiting(stripe: "StripeDouble", key: str) -> str:
    return escape(", ".join(stripe.ledger.outcomes.get(key, ())))


def _script(name: str, key: str) -> str:
    fields = (
        _select("outcomes[]", OUTCOMES)
        + "<input class=short name=times value=1 type=number min=1 aria-label=times> times"
    )
    return _form("script", "Script", {name: key}, fields, plain=True)


def _form(
    control: str, label: str, values: dict[str, Any], fields: str = "", *, plain: bool = False
) -> str:
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(str(value))}">'
        for name, value in {"back": 1, **values}.items()
    )
    kind = ' class="plain"' if plain else ""
    return (
        f'<form method="post" action="/_config/{control}">{hidden}{fields}'
        f"<button{kind}>{escape(label)}</button></form>"
    )


def _select(name: str, options: Iterable[str]) -> str:
    listed = "".join(f"<option>{escape(option)}</option>" for option in options)
    return f'<select name="{name}" aria-label="{name.rstrip("[]")}">{listed}</select>'


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Cells are HTML already."""
    cells = ["".join(f"<td>{cell}</td>" for cell in row) for row in rows]
    if not cells:
        return "<p class='quiet'>None.</p>"
    titles = "".join(f"<th>{escape(title)}</th>" for title in head)
    body = "".join(f"<tr>{row}</tr>" for row in cells)
    return f"<table><thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table>"


def _status(status: str) -> str:
    kind = {"succeeded": "good", "requires_payment_method": "bad", "failed": "bad"}.get(status, "")
    return f'<span class="{kind}">{escape(status)}</span>'


def _money(item: dict[str, Any]) -> str:
    return f"{item['amount'] / 100:,.2f} {escape(item['currency'].upper())}"


def _spaced(number: str) -> str:
    return " ".join(number[at : at + 4] for at in range(0, len(number), 4))


def _code(text: str) -> str:
    return f"<code>{escape(text)}</code>"
