"""A second opinion: where localstripe answers too, the double's answers have the same shape.

localstripe is under GPL-3: it runs as a program of its own in an environment of its own, and
nothing of it is imported here or installed beside the product.
"""

import contextlib
import http.client
import json
import subprocess
import time
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tools.fusion_cli import paths, processes, python_env
from tools.stripe_double import StripeDouble

REPO = Path(__file__).resolve().parents[2]
# It keeps its data there, whatever one says.
PICKLE = Path("/tmp/localstripe.pickle")

# What `payment_stripe` and our own sweep read of each answer: path -> type.
READ = {
    "customer": {"id": str, "object": str},
    "payment_method": {
        "id": str, "object": str, "type": str, "customer": (str, type(None)),
        "card.last4": str, "card.brand": str, "card.exp_month": int, "card.exp_year": int,
    },
    "payment_intent": {
        "id": str, "object": str, "amount": int, "currency": str, "customer": str, "created": int,
        "status": str, "client_secret": str, "charges.data.0.id": str,
        "charges.data.0.amount": int, "charges.data.0.amount_refunded": int,
        "charges.data.0.payment_method_details.type": str,
        "charges.data.0.refunds.data": list, "charges.data.0.refunds.has_more": bool,
    },
    "setup_intent": {
        "id": str, "object": str, "customer": str, "status": str, "client_secret": str,
    },
    "refund": {
        "id": str, "object": str, "amount": int, "currency": str, "status": str,
        "payment_intent": str, "charge": str, "created": int,
    },
    "list": {"object": str, "data": list, "has_more": bool},
    "error": {"error.type": str, "error.message": str, "error.code": str},
}  # fmt: skip


class Api:
    """One of the two, at a port."""

    def __init__(self, port: int) -> None:
        self.port = port

    def call(self, method: str, path: str, **params: object) -> tuple[int, dict]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {
            "Authorization": "Bearer sk_test_12345",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        try:
            connection.request(method, f"/v1/{path}", urlencode(params, doseq=True), headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read() or b"{}")
        finally:
            connection.close()

    def answers(self) -> bool:
        with contextlib.suppress(OSError):
            return self.call("GET", "customers/cus_none")[0] == 404
        return False


@pytest.fixture(scope="module")
def localstripe():
    python = python_env.apart(REPO / "tools" / "localstripe.lock")
    port = processes.free_port()
    log = paths.current().logs / "localstripe.log"
    ours = not PICKLE.exists()
    with log.open("w") as output:
        command = [python, "-m", "localstripe", "--port", str(port), "--from-scratch"]
        process = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        api, deadline = Api(port), time.monotonic() + 60
        while not api.answers():
            assert process.poll() is None and time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        yield api
    finally:
        processes.stop(process)
        if ours:
            PICKLE.unlink(missing_ok=True)


@pytest.fixture(scope="module")
def double():
    with StripeDouble() as stripe:
        yield Api(int(stripe.root.rstrip("/").rpartition(":")[2]))


def story(api: Api) -> dict[str, tuple[int, dict, str]]:
    """The same calls at either: step -> (status, answer, what kind of answer it is)."""
    told = {}

    def call(step: str, kind: str, *args: str, **params: object) -> dict:
        status, body = api.call(*args, **params)
        told[step] = (status, body, kind)
        return body

    customer = call("customer", "customer", "POST", "customers", name="Ada", email="a@example.com")
    number = {"card[number]": "4242424242424242", "card[exp_month]": 12, "card[exp_year]": 2034}
    values = {"type": "card", "card[cvc]": "123", **number}
    method = call("card", "payment_method", "POST", "payment_methods", **values)
    owner = {"customer": customer["id"]}
    attach = f"payment_methods/{method['id']}/attach"
    call("attached card", "payment_method", "POST", attach, **owner)
    call("card, read", "payment_method", "GET", f"payment_methods/{method['id']}")
    charge = {"amount": 11300, "currency": "cad", "payment_method": method["id"],
              "confirm": "true", "off_session": "true", **owner}  # fmt: skip
    paid = call("charge", "payment_intent", "POST", "payment_intents", **charge)
    call("charge, read", "payment_intent", "GET", f"payment_intents/{paid['id']}")
    refund = {"payment_intent": paid["id"], "amount": 4000}
    call("partial refund", "refund", "POST", "refunds", **refund)
    call("setup", "setup_intent", "POST", "setup_intents", **owner)
    call("cards", "list", "GET", f"payment_methods?type=card&customer={customer['id']}")
    call("nobody", "error", "GET", "customers/cus_none")
    return told


def shape(body: dict, kind: str) -> dict[str, str]:
    """The types of the fields that are read; `absent` where there is none."""
    found = {}
    for path in READ[kind]:
        value = body
        for part in path.split("."):
            inside = value[int(part)] if part.isdigit() else value.get(part, "absent")
            value = inside
            if inside == "absent":
                break
        found[path] = value if value == "absent" else type(value).__name__
    return found


def test_both_give_answers_of_one_shape_where_both_know_the_call(localstripe, double):
    theirs, ours = story(localstripe), story(double)
    assert set(theirs) == set(ours)
    for step, (status, body, kind) in theirs.items():
        mine = ours[step]
        known = {path: name for path, name in shape(body, kind).items() if name != "absent"}
        assert len(known) >= 2, step
        same = {path: name for path, name in shape(mine[1], kind).items() if path in known}
        assert (mine[0], same) == (status, known), step
    assert ours["charge"][1]["status"] == theirs["charge"][1]["status"] == "succeeded"
    assert ours["partial refund"][1]["amount"] == theirs["partial refund"][1]["amount"] == 4000


def test_the_double_has_every_field_that_is_read(double):
    for step, (_, body, kind) in story(double).items():
        for path, name in shape(body, kind).items():
            wanted = READ[kind][path]
            names = [item.__name__ for item in (wanted if isinstance(wanted, tuple) else (wanted,))]
            assert name in names, (step, path)
