"""What a browser does: it types cards and confirms with a key that anybody can read."""

import pytest

from tools.stripe_double.cards import CARDS
from tools.stripe_double.errors import DECLINES

AUTHENTICATION = "authentication_required"


class Browser:
    """Calls as Stripe.js makes them: the publishable key and the intent's secret in the form."""

    def __init__(self, client):
        self.client = client

    def call(self, method, path, **params):
        return self.client.raw(method, f"/v1/{path}", {}, {"key": "pk_test_x", **params})

    def card(self, number):
        return self.call("POST", "payment_methods", **{"card[number]": number})[1]["id"]

    def confirm(self, intent, number, **more):
        kind = f"{intent['object']}s"
        secret = {"client_secret": intent["client_secret"]}
        path = f"{kind}/{intent['id']}"
        method = self.card(number)
        return self.call("POST", f"{path}/confirm", payment_method=method, **secret, **more)

    def answer(self, intent, outcome):
        secret = {"client_secret": intent["client_secret"]}
        path = f"{intent['object']}s/{intent['id']}/authenticate"
        return self.call("POST", path, outcome=outcome, **secret)


@pytest.fixture
def browser(client):
    return Browser(client)


@pytest.fixture
def payment(client):
    customer = client.call("POST", "customers", name="Ada")[1]["id"]
    values = {"amount": 11300, "currency": "cad", "customer": customer, "description": "INV/1"}
    return client.call("POST", "payment_intents", **values)[1]


@pytest.fixture
def setup(client):
    customer = client.call("POST", "customers", name="Ada")[1]["id"]
    return client.call("POST", "setup_intents", customer=customer, description="V-1")[1]


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.number)
def test_a_saved_card_goes_as_the_matrix_says(client, stripe, card):
    status, body = client.charge(stripe.card(card.number))
    if card.charged == "succeeded":
        assert (status, body["status"]) == (200, "succeeded")
    else:
        assert status == 402
        assert body["error"]["decline_code"] == card.charged


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.number)
def test_a_card_that_is_typed_goes_as_the_matrix_says(browser, payment, card):
    status, body = browser.confirm(payment, card.number)
    if card.secure:
        assert (status, body["status"]) == (200, "requires_action")
        assert body["next_action"]["type"] == "use_stripe_sdk"
    elif card.charged == "succeeded":
        assert (status, body["status"]) == (200, "succeeded")
    else:
        assert (status, body["error"]["decline_code"]) == (402, card.charged)


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.number)
def test_a_card_is_saved_as_the_matrix_says(browser, client, setup, card):
    status, body = browser.confirm(setup, card.number)
    if card.secure:
        assert (status, body["status"]) == (200, "requires_action")
        body = browser.answer(setup, "accepted")[1]
    if card.saved == "succeeded":
        assert body["status"] == "succeeded"
        owner = client.call("GET", f"payment_methods/{body['payment_method']}")[1]["customer"]
        assert owner == setup["customer"]
    else:
        assert (status, body["error"]["decline_code"]) == (402, card.saved)
        read = client.call("GET", f"setup_intents/{setup['id']}")[1]
        assert read["last_setup_error"]["decline_code"] == card.saved


@pytest.mark.parametrize("outcome", DECLINES)
def test_every_decline_has_stripes_body(client, stripe, outcome):
    card = stripe.card()
    stripe.script(card[1], outcome)
    status, body = client.charge(card)
    error = body["error"]
    code, message = DECLINES[outcome]
    assert (status, error["type"], error["code"]) == (402, "card_error", code)
    assert error["message"] == message
    assert error.get("decline_code") == (None if outcome == "card_declined" else outcome)
    intent = error["payment_intent"]
    assert intent["status"] == "requires_payment_method"
    assert intent["last_payment_error"]["payment_method"]["id"] == card[1]


def test_a_decline_may_carry_stripes_advice(client, stripe):
    card = stripe.card()
    stripe.script(card[1], "insufficient_funds/try_again_later")
    error = client.charge(card)[1]["error"]
    assert (error["decline_code"], error["advice_code"]) == (
        "insufficient_funds",
        "try_again_later",
    )


def test_a_payment_accepted_in_the_window_takes_the_money_and_saves_the_card(
    browser, client, payment
):
    waiting = browser.confirm(payment, "4000002500003155", setup_future_usage="off_session")[1]
    assert waiting["amount_received"] == 0
    paid = browser.answer(payment, "accepted")[1]
    assert (paid["status"], paid["amount_received"]) == ("succeeded", 11300)
    pair = (payment["customer"], paid["payment_method"])
    assert client.charge(pair)[1]["status"] == "succeeded"


def test_a_payment_refused_in_the_window_takes_nothing_and_says_so(browser, stripe, payment):
    browser.confirm(payment, "4000002760003184")
    refused = browser.answer(payment, "refused")[1]
    assert refused["status"] == "requires_payment_method"
    error = refused["last_payment_error"]
    assert error["code"] == "payment_intent_authentication_failure"
    assert stripe.ledger.events[-1]["type"] == "payment_intent.payment_failed"
    assert browser.answer(payment, "accepted")[0] == 400


def test_a_card_that_is_accepted_may_still_be_declined(browser, payment):
    browser.confirm(payment, "4000008260003178")
    status, body = browser.answer(payment, "accepted")
    assert (status, body["error"]["decline_code"]) == (402, "insufficient_funds")


def test_a_card_that_nobody_authenticated_is_not_charged_without_its_owner(client):
    customer = client.call("POST", "customers")[1]["id"]
    number = {"card[number]": "4000002500003155"}
    method = client.call("POST", "payment_methods", **number)[1]["id"]
    client.call("POST", f"payment_methods/{method}/attach", customer=customer)
    error = client.charge((customer, method))[1]["error"]
    assert error["decline_code"] == AUTHENTICATION


def test_a_scripted_authentication_asks_the_customer_who_is_there(browser, stripe, payment):
    stripe.script("4242424242424242", AUTHENTICATION)
    assert browser.confirm(payment, "4242424242424242")[1]["status"] == "requires_action"


def test_a_number_that_is_none_is_refused(browser):
    status, body = browser.call("POST", "payment_methods", **{"card[number]": "4242"})
    assert (status, body["error"]["code"]) == (402, "incorrect_number")


def test_the_key_of_a_browser_does_no_more_than_a_browser_needs(browser, payment):
    assert browser.call("GET", "payment_intents")[0] == 401
    assert browser.call("POST", "refunds", payment_intent=payment["id"])[0] == 401
    assert browser.call("GET", "payment_methods")[0] == 401
    stolen = browser.call("GET", f"payment_intents/{payment['id']}", client_secret="guessed")
    assert stolen[0] == 400
    own = {"client_secret": payment["client_secret"]}
    assert browser.call("GET", f"payment_intents/{payment['id']}", **own)[0] == 200


def test_a_live_key_is_never_taken(client):
    headers = {"Authorization": "Bearer sk_live_x"}
    assert client.raw("GET", "/v1/payment_intents", headers, {})[0] == 401


def test_what_has_succeeded_is_not_confirmed_again(browser, payment):
    browser.confirm(payment, "4242424242424242")
    status, body = browser.confirm(payment, "4242424242424242")
    assert (status, body["error"]["code"]) == (400, "payment_intent_unexpected_state")
