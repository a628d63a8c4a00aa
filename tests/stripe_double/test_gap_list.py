"""What Odoo needs of a Stripe and other doubles do not have, point by point."""

import http.client
import threading
import time

import pytest


def test_what_odoo_sends_with_a_payment_is_kept_and_told(client, stripe):
    intent = client.charge(
        stripe.card(),
        mandate="mandate_1",
        setup_future_usage="off_session",
        **{"shipping[address][city]": "Ottawa", "metadata[odoo]": "uuid"},
    )[1]
    assert intent["description"] == "INV/2026/00001"
    assert intent["shipping"] == {"name": "Ada", "address": {"city": "Ottawa"}}
    assert (intent["mandate"], intent["setup_future_usage"]) == ("mandate_1", "off_session")
    assert intent["metadata"] == {"odoo": "uuid"}
    assert intent["charges"]["data"][0]["description"] == "INV/2026/00001"


def test_parameters_of_a_get_may_come_in_its_body_or_its_address(client, stripe):
    card = stripe.card()
    client.charge(card)
    client.charge(stripe.card())
    in_body = client.call("GET", "payment_intents", customer=card[0])[1]
    in_address = client.call("GET", f"payment_intents?customer={card[0]}")[1]
    assert in_body == in_address
    assert len(in_body["data"]) == 1


def test_a_script_is_gone_through_as_often_as_it_says_then_the_card_goes_as_before(client, stripe):
    card = stripe.card()
    stripe.script(card[1], "insufficient_funds", "do_not_honor", times=2)
    codes = [client.charge(card)[1]["error"]["decline_code"] for _ in range(4)]
    assert codes == ["insufficient_funds", "do_not_honor"] * 2
    assert client.charge(card)[1]["status"] == "succeeded"


def test_a_script_for_a_number_is_for_whoever_charges_it_next(client, stripe):
    stripe.script("4000000000000341", "lost_card")
    assert client.charge(stripe.card())[1]["status"] == "succeeded"
    number = "4000000000000341"
    assert client.charge(stripe.card(number))[1]["error"]["decline_code"] == "lost_card"
    assert client.charge(stripe.card(number))[1]["error"]["decline_code"] == "generic_decline"


def test_a_key_in_use_is_refused_until_its_request_has_ended(client, stripe):
    card = stripe.card()
    stripe.fail("during", "hold")
    answers = []
    slow = threading.Thread(target=lambda: answers.append(client.charge(card, "k1")))
    slow.start()
    assert stripe.wait_until_held()
    status, body = client.charge(card, "k1")
    assert (status, body["error"]["code"]) == (409, "idempotency_key_in_use")
    stripe.release()
    slow.join(10)
    assert answers[0][0] == 200
    assert client.charge(card, "k1") == answers[0]
    assert len(stripe.intents()) == 1


@pytest.mark.parametrize(("when", "charged"), [("before", 0), ("after", 1)])
def test_a_timeout_answers_nothing_for_a_while(client, stripe, when, charged):
    card = stripe.card()
    stripe.fail(when, "timeout", seconds=0.3)
    began = time.monotonic()
    with pytest.raises(http.client.RemoteDisconnected):
        client.charge(card, "k1")
    assert time.monotonic() - began >= 0.3
    assert len(stripe.intents(status="succeeded")) == charged
    assert client.charge(card, "k1")[1]["status"] == "succeeded"
    assert len(stripe.intents()) == 1


def test_a_fault_may_come_several_times(client, stripe):
    card = stripe.card()
    stripe.fail("before", "503", times=2)
    assert [client.charge(card)[0] for _ in range(3)] == [503, 503, 200]


def test_a_refund_is_told_and_may_come_back(client, stripe):
    intent = client.charge(stripe.card())[1]
    refund = client.call("POST", "refunds", payment_intent=intent["id"], amount=4000)[1]
    told = stripe.ledger.events[-1]
    assert told["type"] == "charge.refunded"
    assert told["data"]["object"]["description"] == "INV/2026/00001"
    assert [item["id"] for item in told["data"]["object"]["refunds"]["data"]] == [refund["id"]]

    stripe.fail_refund(refund["id"])
    updated = stripe.ledger.events[-1]
    assert updated["type"] == "charge.refund.updated"
    assert updated["data"]["object"]["status"] == "failed"
    assert client.call("GET", f"refunds/{refund['id']}")[1]["status"] == "failed"
    whole = client.call("POST", "refunds", payment_intent=intent["id"])[1]
    assert whole["amount"] == 11300
    status, body = client.call("POST", "refunds", payment_intent=intent["id"])
    assert (status, body["error"]["code"]) == (400, "charge_already_refunded")


def test_the_refunds_of_a_charge_go_on_where_the_event_ends(client, stripe):
    intent = client.charge(stripe.card())[1]
    for _ in range(12):
        client.call("POST", "refunds", payment_intent=intent["id"], amount=1)
    told = stripe.ledger.events[-1]["data"]["object"]
    shown = [item["id"] for item in told["refunds"]["data"]]
    assert (len(shown), told["refunds"]["has_more"]) == (10, True)
    rest = {"charge": told["id"], "starting_after": shown[-1], "limit": 100}
    listed = client.call("GET", "refunds", **rest)[1]
    assert (len(listed["data"]), listed["has_more"]) == (2, False)


def test_lists_are_bounded_in_time_on_both_sides(client, stripe):
    intent = client.charge(stripe.card())[1]
    at = intent["created"]
    for name, value, found in (
        ("gte", at, 1), ("gt", at, 0), ("lte", at, 1), ("lt", at, 0),
    ):  # fmt: skip
        bound = {f"created[{name}]": value}
        assert len(client.call("GET", "payment_intents", **bound)[1]["data"]) == found
        assert len(client.call("GET", "charges", **bound)[1]["data"]) == found
    assert client.call("GET", "payment_intents", limit=101)[0] == 400
    assert client.call("GET", "payment_intents", starting_after="pi_none")[0] == 400


def test_an_intent_that_is_given_up_is_told_and_stays_so(client):
    intent = client.call("POST", "payment_intents", amount=100, currency="cad")[1]
    client.call("POST", f"payment_intents/{intent['id']}/cancel")
    events = client.call("GET", "events", type="payment_intent.canceled")[1]["data"]
    assert events[0]["data"]["object"]["id"] == intent["id"]
    assert client.call("POST", f"payment_intents/{intent['id']}/cancel")[0] == 400


def test_the_cards_of_a_customer_are_listed_until_they_are_detached(client, stripe):
    customer, method = stripe.card()
    listed = client.call("GET", f"customers/{customer}/payment_methods")[1]["data"]
    assert [item["id"] for item in listed] == [method]
    client.call("POST", f"payment_methods/{method}/detach")
    assert client.call("GET", f"customers/{customer}/payment_methods")[1]["data"] == []


def test_a_webhook_endpoint_tells_its_secret_once(client):
    made = client.call("POST", "webhook_endpoints", url="http://127.0.0.1:1/")[1]
    assert made["secret"].startswith("whsec_")
    [listed] = client.call("GET", "webhook_endpoints")[1]["data"]
    assert listed["id"] == made["id"]
    assert "secret" not in listed


def test_what_is_kept_in_a_file_is_known_to_the_next_run(tmp_path):
    from tools.stripe_double import StripeDouble

    from .client import Client

    memory = tmp_path / "stripe.json"
    with StripeDouble(memory=memory) as first:
        card = first.card("4000000000000341")
        Client(first).call("POST", "customers", name="Ada")
    with StripeDouble(memory=memory) as second:
        error = Client(second).charge(card)[1]["error"]
    assert error["decline_code"] == "generic_decline"
