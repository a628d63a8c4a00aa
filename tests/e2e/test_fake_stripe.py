"""`./fusion serve --fake-stripe` as a person uses it: cards typed in the portal, offline."""

import json
import os
import re
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tools.fusion_cli import databases, paths, postgres, processes, server
from tools.fusion_cli.rpc import OdooSession

from ._portal import FLAGS, Customer
from .conftest import CHROMIUM

REPO = Path(os.environ.get("FUSION_REPO", Path(__file__).resolve().parents[2]))
READY = "Ctrl-C stops it."


@dataclass
class Shop:
    """A served Odoo, its Stripe and one customer who can sign in."""

    url: str
    stripe: str
    odoo: OdooSession
    partner: int

    def control(self, method: str, name: str, **values: object) -> dict:
        body = urllib.parse.urlencode(values, doseq=True).encode() if method == "POST" else None
        request = urllib.request.Request(f"{self.stripe}_config/{name}", data=body, method=method)
        with urllib.request.urlopen(request, timeout=60) as response:
            return json.loads(response.read())

    def invoice(self, amount: float) -> int:
        line = {"name": "Hosting", "price_unit": amount, "tax_ids": [[5]]}
        move = self.odoo.create(
            "account.move", move_type="out_invoice", partner_id=self.partner,
            invoice_date="2026-03-01", invoice_line_ids=[[0, 0, line]],
        )  # fmt: skip
        self.odoo.call("account.move", "action_post", [move])
        return move

    def address(self, invoice: int) -> str:
        """Where the customer reads it, as in the mail that goes with it."""
        return self.odoo.call("account.move", "get_portal_url", [invoice])

    def paid(self, invoice: int) -> bool:
        [move] = self.odoo.read("account.move", [["id", "=", invoice]], ["payment_state"])
        return move["payment_state"] in ("in_payment", "paid")

    def cards(self) -> list[str]:
        """The last digits of the customer's saved cards, oldest first."""
        domain = [["partner_id", "=", self.partner]]
        found = self.odoo.read("payment.token", domain, ["payment_details"], order="id")
        return [token["payment_details"] for token in found]

    def taken(self) -> list[int]:
        found = self.control("GET", "intents")["data"]
        return [intent["amount"] for intent in found if intent["status"] == "succeeded"]


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    """What the command prints is where everything is found."""
    cluster = postgres.ensure()
    log = paths.current().logs / "fusion-serve-fake-stripe.log"
    serve = [sys.executable, REPO / "fusion", "serve", "--fake-stripe"]
    command = [*serve, "--fresh", "--database", "fusion_test_stripe"]
    database = ""
    with log.open("w") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        assert processes.wait_for_text(log, READY, process, 300), log.read_text()
        said = log.read_text()
        url = re.search(r"Odoo answers at (\S+)", said)[1]
        database = re.search(r"^ +database +(\S+)", said, re.MULTILINE)[1]
        odoo = OdooSession(url, database, server.LOGIN, server.PASSWORD)
        stripe = re.search(r"control page\s+(\S+)", said)[1]
        yield Shop(url, stripe, odoo, _customer(odoo))
    finally:
        processes.stop(process, patience=60)
        if database:
            databases.drop(cluster, database)


def _customer(odoo: OdooSession) -> int:
    partner = odoo.create(
        "res.partner", name="Ada Lovelace", email="ada@example.com", street="1 Main St",
        city="Ottawa", zip="K1A 0A9", country_id=odoo.ref("base.ca"),
        state_id=odoo.ref("base.state_ca_on"), phone="+1 613 555 0100",
    )  # fmt: skip
    group = [[6, 0, [odoo.ref("base.group_portal")]]]
    odoo.create("res.users", name="Ada Lovelace", login="ada", password="ada-in-the-portal",
                partner_id=partner, group_ids=group)  # fmt: skip
    return partner


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def ada(shop: Shop, browser: Browser) -> Iterator[Customer]:
    context = browser.new_context()
    customer = Customer(context.new_page(), shop.url)
    customer.sign_in("ada", "ada-in-the-portal")
    yield customer
    context.close()


def test_a_card_is_saved_and_an_invoice_is_paid_with_another_without_the_internet(shop, ada):
    ada.open_payment_methods()
    ada.type_card("4242 4242 4242 4242")
    ada.sees("•••• 4242")
    assert shop.cards() == ["4242"]

    invoice = shop.invoice(113.0)
    ada.open_payment(shop.address(invoice))
    ada.type_card("5555555555554444", save=True)
    ada.wait_until(lambda: shop.paid(invoice))

    assert shop.taken() == [11300]
    assert shop.cards() == ["4242", "4444"]
    assert ada.asked == []


def test_a_declined_card_shows_why_and_another_one_pays(shop, ada):
    invoice = shop.invoice(20.0)
    ada.open_payment(shop.address(invoice))
    ada.type_card("4000000000009995")
    ada.sees("Your card has insufficient funds.")
    assert not shop.paid(invoice)


def test_an_incomplete_card_is_not_sent(shop, ada):
    before = len(shop.control("GET", "intents")["data"])
    ada.open_payment(shop.address(shop.invoice(20.0)))
    ada.type_card("4242")
    ada.sees("Your card number is incomplete.")
    assert len(shop.control("GET", "intents")["data"]) == before


def test_a_payment_confirmed_by_3d_secure_goes_through_and_a_refused_one_does_not(shop, ada):
    refused, accepted = shop.invoice(30.0), shop.invoice(40.0)
    ada.open_payment(shop.address(refused))
    ada.type_card("4000002760003184")
    ada.answer_3ds("refuse")
    ada.sees("We are unable to authenticate your payment method.")
    assert not shop.paid(refused)

    ada.open_payment(shop.address(accepted))
    ada.type_card("4000002760003184")
    ada.answer_3ds("accept")
    ada.wait_until(lambda: shop.paid(accepted))
    assert 3000 not in shop.taken()
    assert 4000 in shop.taken()


def test_a_card_is_saved_by_3d_secure_only_when_accepted(shop, ada):
    ada.open_payment_methods()
    ada.type_card("4000002500003155")
    ada.answer_3ds("refuse")
    ada.sees("We are unable to authenticate your payment method.")
    assert "3155" not in shop.cards()

    ada.open_payment_methods()
    ada.type_card("4000002500003155")
    ada.answer_3ds("accept")
    ada.sees("•••• 3155")
    assert "3155" in shop.cards()


def test_odoo_takes_the_true_event_and_refuses_the_false_ones(shop, ada):
    ada.open_payment_methods()
    ada.type_card("4242424242424242")
    ada.sees("•••• 4242")

    sent = {
        how: shop.control("POST", "event", how=how)["status"]
        for how in ("now", "late", "wrong_secret")
    }

    assert sent == {"now": 200, "late": 403, "wrong_secret": 403}
    first = shop.control("GET", "deliveries")["data"][0]
    assert (first["how"], first["status"]) == ("now", 200)


def test_the_control_page_scripts_what_the_next_charge_comes_to(shop, ada):
    page = ada.page
    page.goto(shop.stripe)
    row = page.locator("tr", has_text="4242 4242 4242 4242")
    row.locator("select").select_option("lost_card")
    row.get_by_role("button", name="Script").click()
    expect_row = page.locator("tr", has_text="4242 4242 4242 4242").locator("td").nth(2)
    assert expect_row.inner_text() == "lost_card"

    ada.open_payment(shop.address(shop.invoice(50.0)))
    ada.type_card("4242424242424242")
    ada.sees("Your card was declined.")
