"""A customer in a browser: signs in, types cards, answers 3-D Secure."""

import time
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

PATIENCE = 30_000
# What Chromium needs in a container, and what keeps it from the Internet.
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
)  # fmt: skip


class Customer:
    """``asked`` are the addresses outside this machine that the pages asked for."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.asked: list[str] = []
        page.set_default_timeout(PATIENCE)
        page.on("request", lambda request: self._note(request.url))

    def sign_in(self, login: str, password: str) -> None:
        self.page.goto(f"{self.url}/web/login")
        self.page.fill("#login", login)
        self.page.fill("#password", password)
        self.page.click("button[type=submit]")
        self.page.wait_for_url("**/my**")

    def open_payment_methods(self) -> None:
        self.page.goto(f"{self.url}/my/payment_method")

    def open_payment(self, address: str) -> None:
        """Open an invoice, at the address its mail has, and its payment form."""
        self.page.goto(f"{self.url}{address}")
        self.page.get_by_role("link", name="Pay Now").first.click()

    def type_card(self, number: str, *, save: bool = False) -> None:
        """Choose to pay with a new card, type it and send the form."""
        expect(self._submit()).to_be_visible(timeout=PATIENCE)
        new = "li:has(input[data-payment-option-type=payment_method]):visible"
        other = self.page.get_by_text("Choose another method").first
        # Someone who has a saved card is shown that one first; the only way to pay is chosen.
        if other.is_visible():
            other.click()
            self.page.locator(new).get_by_text("Card", exact=True).click()
        self.page.fill("input[name=stripe_double_number]", number)
        self.page.fill("input[name=stripe_double_expiry]", "12 / 34")
        self.page.fill("input[name=stripe_double_cvc]", "123")
        if save:
            self.page.locator("input[name=o_payment_tokenize_checkbox]").first.check()
        self.submit()

    def submit(self) -> None:
        self._submit().click()

    def answer_3ds(self, answer: str) -> None:
        """Press ``accept`` or ``refuse`` in the window that the bank would show."""
        self.page.click(f"button[name=stripe_double_{answer}]")

    def sees(self, text: str) -> None:
        expect(self.page.get_by_text(text).first).to_be_visible(timeout=PATIENCE)

    def wait_until(self, true: Callable[[], bool]) -> None:
        """Leave the pages to what they do by themselves until something holds.

        Odoo posts a payment while the customer looks at its status page.
        """
        deadline = time.monotonic() + PATIENCE / 1000
        while not true():
            assert time.monotonic() < deadline, self.page.inner_text("body")
            self.page.wait_for_timeout(300)

    def _submit(self) -> Locator:
        return self.page.locator("button[name=o_payment_submit_button]").first

    def _note(self, address: str) -> None:
        if not address.startswith(("http://127.0.0.1:", "data:", "blob:")):
            self.asked.append(address)
