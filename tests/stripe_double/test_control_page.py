"""The page a person steers the double with, and who may use it."""

import re

import pytest

from tools.stripe_double.cards import CARDS

from .test_webhooks import receiver  # noqa: F401  a fixture


def page_of(client):
    return client.page("GET", "/")[1]


def post(client, control, **values):
    """What a form of the page sends; it leads back to the page."""
    status, _ = client.page("POST", f"/_config/{control}", {"back": 1, **values})
    assert status == 303
    return page_of(client)


def test_the_page_lists_every_card_and_loads_nothing_from_elsewhere(client):
    page = page_of(client)
    for card in CARDS:
        assert card.says in page
        assert " ".join(re.findall("....", card.number)) in page
    assert "<script" not in page
    assert not re.search(r"https?://(?!127\.0\.0\.1)", page)


def test_a_form_scripts_a_card_and_shows_what_waits(client, stripe):
    card = stripe.card()
    values = {"payment_method": card[1], "outcomes[]": "do_not_honor", "times": 2}
    assert "do_not_honor, do_not_honor" in post(client, "script", **values)
    assert client.charge(card)[1]["error"]["decline_code"] == "do_not_honor"
    assert "do_not_honor" in page_of(client)


def test_a_form_lets_the_next_request_go_wrong(client, stripe):
    page = post(client, "fault", when="after", kind="500", match="POST payment_intents", times=1)
    assert "500 after" in page
    assert client.charge(stripe.card())[0] == 500
    assert "500 after" not in page_of(client)


def test_payments_refunds_and_what_their_words_contain_are_shown_as_text(client, stripe):
    intent = client.charge(stripe.card(), description="<b>INV</b>")[1]
    page = page_of(client)
    assert "&lt;b&gt;INV&lt;/b&gt;" in page
    assert "113.00 CAD" in page
    page = post(client, "refund", payment_intent=intent["id"], amount=4000)
    assert "40.00 CAD" in page
    refund = client.call("GET", "refunds")[1]["data"][0]["id"]
    assert "failed" in post(client, "refund_failed", refund=refund)


@pytest.mark.parametrize(
    ("how", "signed", "age"),
    [("now", True, 0), ("late", True, 3600), ("wrong_secret", True, 0), ("unsigned", False, 0)],
)
def test_an_event_is_sent_as_the_button_says(client, stripe, receiver, how, signed, age):  # noqa: F811
    url, got = receiver
    stripe.listen(url, "whsec_x")
    client.charge(stripe.card())
    page = post(client, "event", number=0, how=how)
    assert f"{how} 200" in page
    header, body = got[0]
    assert bool(header) == signed
    if signed:
        from tools.stripe_double.webhooks import signature

        at = int(re.match(r"t=(\d+)", header)[1])
        assert (header == signature(body, "whsec_x", at)) == (how != "wrong_secret")
        assert abs(stripe.ledger.events[0]["created"] - at - age) <= 5


def test_a_forged_event_tells_of_a_success_that_never_was(client, stripe, receiver):  # noqa: F811
    url, got = receiver
    stripe.listen(url, "whsec_x")
    client.charge(stripe.card("4000000000009995"))
    post(client, "event", number=0, how="forged")
    header, body = got[0]
    assert header is None
    assert b'"type": "payment_intent.succeeded"' in body
    assert stripe.intents()[0]["status"] == "requires_payment_method"


def test_events_wait_or_go_out_by_themselves_and_a_reset_keeps_the_endpoint(
    client,
    stripe,
    receiver,  # noqa: F811
):
    url, got = receiver
    stripe.listen(url, "whsec_x")
    client.charge(stripe.card())
    assert got == []
    post(client, "deliver", events="by themselves")
    client.charge(stripe.card())
    stripe.deliveries.stop()
    assert len(got) == 1
    post(client, "reset")
    assert stripe.deliveries.endpoint()["url"] == url
    assert stripe.ledger.events == []


def test_an_endpoint_that_is_not_there_is_shown_as_no_answer(client, stripe):
    stripe.listen("http://127.0.0.1:1/", "whsec_x")
    client.charge(stripe.card())
    assert "no answer" in post(client, "event", number=0, how="now")


@pytest.mark.parametrize(
    ("control", "values"),
    [
        ("script", {"payment_method": "pm_1", "outcomes[]": "no_such_outcome"}),
        ("script", {"outcomes[]": "lost_card"}),
        ("fault", {"when": "sometimes", "kind": "500"}),
        ("fault", {"when": "during", "kind": "500"}),
        ("event", {"number": 99, "how": "now"}),
        ("event", {"number": 0, "how": "loudly"}),
        ("deliver", {"events": "never"}),
    ],
)
def test_what_makes_no_sense_is_refused(client, control, values):
    assert client.control("POST", control, **values)[0] == 400


@pytest.mark.parametrize(
    "headers", [{"Origin": "http://elsewhere.example"}, {"Host": "elsewhere.example"}]
)
def test_a_page_of_another_site_cannot_use_the_controls(client, stripe, headers):
    client.charge(stripe.card())
    assert client.raw("POST", "/_config/reset", headers, {})[0] == 403
    assert client.raw("GET", "/", headers, {})[0] == 403
    assert len(stripe.intents()) == 1


def test_the_stand_in_for_stripe_js_is_served_to_any_page(client):
    status, script = client.page("GET", "/v3/")
    assert status == 200
    assert "window.Stripe" in script
    for name in ("confirmPayment", "confirmSetup", "submit", "update", "create"):
        assert f"{name}(" in script
