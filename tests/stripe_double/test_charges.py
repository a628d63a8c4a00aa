"""Cards that are saved and charged later, and what becomes of the money."""

import pytest


def test_a_saved_card_is_charged_and_the_answer_has_what_odoo_reads(client, stripe):
    status, intent = client.charge(stripe.card())
    assert (status, intent["status"], intent["amount_received"]) == (200, "succeeded", 11300)
    assert intent["payment_method"]["card"]["last4"] == "4242"
    assert intent["charges"]["data"][0]["description"] == "INV/2026/00001"


@pytest.mark.parametrize(
    ("number", "code", "decline_code"),
    [
        ("4000000000009995", "card_declined", "insufficient_funds"),
        ("4000000000000069", "expired_card", "expired_card"),
        ("4000000000009979", "card_declined", "stolen_card"),
        ("4000002760003184", "authentication_required", "authentication_required"),
    ],
)
def test_a_card_can_be_saved_and_go_wrong_later(client, stripe, number, code, decline_code):
    status, body = client.charge(stripe.card(number))
    error = body["error"]
    assert (status, error["type"]) == (402, "card_error")
    assert (error["code"], error["decline_code"]) == (code, decline_code)
    assert error["payment_intent"]["status"] == "requires_payment_method"
    assert error["payment_intent"]["last_payment_error"]["decline_code"] == decline_code


def test_outcomes_can_be_scripted_one_by_one(client, stripe):
    card = stripe.card()
    stripe.script(card[1], "insufficient_funds", "processing")
    assert client.charge(card)[1]["error"]["decline_code"] == "insufficient_funds"
    assert client.charge(card)[1]["status"] == "processing"
    assert client.charge(card)[1]["status"] == "succeeded"


def test_a_card_of_another_customer_is_refused(client, stripe):
    status, body = client.charge((stripe.card()[0], stripe.card()[1]))
    assert (status, body["error"]["type"]) == (400, "invalid_request_error")


def test_without_a_key_nothing_is_answered(client):
    assert client.raw("GET", "/v1/payment_intents", {}, {})[0] == 401


def test_intents_are_listed_by_customer_and_time_newest_first(client, stripe):
    card, other = stripe.card(), stripe.card()
    for reference in ("A", "B", "C"):
        client.charge(card, description=reference)
    client.charge(other)
    listed = client.call("GET", "payment_intents", customer=card[0], limit=2)[1]
    assert [item["description"] for item in listed["data"]] == ["C", "B"]
    assert listed["has_more"]
    rest = {"customer": card[0], "starting_after": listed["data"][-1]["id"]}
    assert [i["description"] for i in client.call("GET", "payment_intents", **rest)[1]["data"]] == [
        "A"
    ]
    later = listed["data"][0]["created"] + 1
    since = {"customer": card[0], "created[gte]": later}
    assert client.call("GET", "payment_intents", **since)[1]["data"] == []


def test_a_refund_is_never_more_than_what_was_taken(client, stripe):
    intent = client.charge(stripe.card())[1]
    refund = {"payment_intent": intent["id"]}
    assert client.call("POST", "refunds", amount=4000, **refund)[1]["status"] == "succeeded"
    status, body = client.call("POST", "refunds", amount=8000, **refund)
    assert (status, body["error"]["type"]) == (400, "invalid_request_error")
    assert client.call("POST", "refunds", **refund)[1]["amount"] == 7300


def test_an_authorized_amount_is_captured_or_cancelled(client, stripe):
    card = stripe.card()
    intent = client.charge(card, capture_method="manual")[1]
    assert intent["status"] == "requires_capture"
    captured = client.call("POST", f"payment_intents/{intent['id']}/capture")[1]
    assert captured["status"] == "succeeded"
    assert client.call("POST", f"payment_intents/{intent['id']}/cancel")[0] == 400


def test_a_setup_intent_saves_the_card_with_its_customer(client):
    customer = client.call("POST", "customers", name="Ada")[1]["id"]
    method = client.call("POST", "payment_methods", type="card")[1]["id"]
    setup = client.call("POST", "setup_intents", customer=customer)[1]["id"]
    client.call("POST", f"setup_intents/{setup}/confirm", payment_method=method)
    read = client.call("GET", f"setup_intents/{setup}", **{"expand[]": "payment_method"})[1]
    assert (read["status"], read["payment_method"]["customer"]) == ("succeeded", customer)
    saved = client.call("GET", f"customers/{customer}/payment_methods")[1]["data"]
    assert [item["id"] for item in saved] == [method]
