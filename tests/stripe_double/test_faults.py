"""Idempotency keys, and requests that end without an answer."""

import http.client
import threading

import pytest


def test_the_same_key_gives_the_first_answer_again(client, stripe):
    card = stripe.card()
    assert client.charge(card, "k1") == client.charge(card, "k1")
    assert len(stripe.intents()) == 1


def test_a_decline_is_replayed_even_when_the_card_is_fine_by_now(client, stripe):
    card = stripe.card()
    stripe.script(card[1], "insufficient_funds")
    assert client.charge(card, "k1")[0] == 402
    assert client.charge(card, "k1")[0] == 402
    assert client.charge(card, "k2")[0] == 200


def test_a_key_with_other_parameters_is_refused(client, stripe):
    card = stripe.card()
    client.charge(card, "k1")
    status, body = client.charge(card, "k1", amount=1)
    assert (status, body["error"]["type"]) == (400, "idempotency_error")


def test_a_refused_request_leaves_its_key_free(client, stripe):
    card = stripe.card()
    assert client.charge(card, "k1", amount=0)[0] == 400
    assert client.charge(card, "k1")[0] == 200


@pytest.mark.parametrize(("when", "charged"), [("before", 0), ("after", 1)])
def test_a_server_error_is_replayed_whether_or_not_money_moved(client, stripe, when, charged):
    card = stripe.card()
    stripe.fail(when, "500")
    assert client.charge(card, "k1")[0] == 500
    assert client.charge(card, "k1")[0] == 500
    assert len(stripe.intents(status="succeeded")) == charged


@pytest.mark.parametrize(("when", "charged"), [("before", 0), ("after", 1)])
def test_a_dropped_connection_tells_nothing_and_the_same_key_charges_once(
    client, stripe, when, charged
):
    card = stripe.card()
    stripe.fail(when, "drop")
    with pytest.raises(http.client.RemoteDisconnected):
        client.charge(card, "k1")
    assert len(stripe.intents()) == charged
    assert client.charge(card, "k1")[1]["status"] == "succeeded"
    assert len(stripe.intents()) == 1


def test_too_many_requests_are_not_executed_and_not_remembered(client, stripe):
    card = stripe.card()
    stripe.fail("before", "429")
    assert client.charge(card, "k1")[0] == 429
    assert client.charge(card, "k1")[0] == 200


def test_a_held_request_has_moved_the_money_and_answers_nobody(client, stripe):
    card = stripe.card()
    stripe.fail("after", "hold")
    ended = []

    def charge():
        try:
            client.charge(card, "k1")
        except http.client.RemoteDisconnected:
            ended.append("no answer")

    waiting = threading.Thread(target=charge)
    waiting.start()
    assert stripe.wait_until_held()
    assert [item["status"] for item in stripe.intents()] == ["succeeded"]
    stripe.release()
    waiting.join(10)
    assert ended == ["no answer"]


def test_a_reset_forgets_keys_and_objects(client, stripe):
    card = stripe.card()
    client.charge(card, "k1")
    stripe.reset()
    assert not stripe.intents()
    assert client.charge(card, "k1")[1]["error"]["code"] == "resource_missing"


def test_everything_can_be_scripted_over_http(client, stripe):
    card = client.control("POST", "card", number="4242424242424242")[1]
    client.control(
        "POST", "script", payment_method=card["payment_method"], **{"outcomes[]": ["lost_card"]}
    )
    client.control("POST", "fault", when="before", kind="503")
    pair = (card["customer"], card["payment_method"])
    assert client.charge(pair)[0] == 503
    assert client.charge(pair)[1]["error"]["decline_code"] == "lost_card"
    assert len(client.control("GET", "intents")[1]["data"]) == 1
    assert "POST payment_intents" in client.control("GET", "requests")[1]["data"]
    assert client.control("POST", "reset") == (200, {})
    assert client.control("GET", "nothing")[0] == 404
