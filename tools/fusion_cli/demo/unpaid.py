"""Act 12: a card goes bad. The service is suspended and resumed, and the app confirms both."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date, timedelta

from pilot.nexacloud.data.services import PlanData
from tools.stripe_double import StripeDouble

from .. import console
from ..errors import Failed
from .app import App
from .rpc import BillingApi
from .services import create_plan
from .world import World

CODE, CUSTOMER, SUBSCRIPTION = "nexadesk", "desk-cust-1", "desk-sub-1"
PLAN = PlanData("desk-team", "Help desk, team", "Five agents.", "month", "49.00", "CAD", True)
BUYER = {
    "external_id": CUSTOMER,
    "name": "Boulangerie du Canal inc.",
    "email": "comptes@boulangerie-du-canal.example",
    "address_line1": "88 Rideau Street",
    "city": "Ottawa",
    "state": "ON",
    "zipcode": "K1N 5X8",
    "country": "CA",
    "currency": "CAD",
    "timezone": "America/Toronto",
}
FIRST, SECOND, LATEST = date(2026, 4, 1), date(2026, 5, 1), date(2026, 5, 31)
PATIENCE = 90
RESUMED_WITHIN = 60
POLICY = "fusion_centralize_billing.dunning_policy_default"


class Desk:
    """NexaDesk: one service, one customer, one saved card at a Stripe of this machine."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.odoo = world.odoo
        self.id = self.odoo.create(
            "fusion.billing.service",
            code=CODE,
            name="NexaDesk",
            timezone="America/Toronto",
            test_clock=f"{FIRST} 15:00:00",
            dunning_policy_id=self.odoo.ref(POLICY),
        )
        secret = self.odoo.read(
            "fusion.billing.service", [["id", "=", self.id]], ["webhook_secret"]
        )[0]["webhook_secret"]
        key = self.odoo.call("fusion.billing.service", "generate_key", [self.id], "NexaDesk app")
        self.app = App(world, secret, key)
        self.odoo.write("fusion.billing.service", self.id, webhook_url=self.app.url)
        create_plan(world, self.id, PLAN)
        self.odoo.call("fusion.billing.service", "go_live", [self.id])
        self.api = BillingApi(world.url, key)
        self.stripe = world.running.enter_context(StripeDouble())
        self.provider = self._connect_stripe()
        self.api.post("/customers", {"customer": BUYER})
        self.api.post("/subscriptions", {"subscription": self._subscription()})
        self.order = self.odoo.search("sale.order", [["x_fc_external_id", "=", SUBSCRIPTION]])[0]

    def _subscription(self) -> dict:
        return {
            "external_customer_id": CUSTOMER,
            "plan_code": PLAN.code,
            "external_id": SUBSCRIPTION,
            "billing_time": "anniversary",
            "subscription_at": f"{FIRST}T04:00:00Z",
        }

    def _connect_stripe(self) -> int:
        """Odoo's own Stripe provider in test mode, whose address is this machine."""
        address = "fusion_billing.stripe_test_url"
        self.odoo.call("ir.config_parameter", "set_param", address, self.stripe.url)
        provider = self.odoo.search("payment.provider", [["code", "=", "stripe"]], limit=1)[0]
        self.odoo.write(
            "payment.provider",
            provider,
            stripe_secret_key="sk_test_double",
            stripe_publishable_key="pk_test_double",
            stripe_webhook_secret="whsec_of_the_demo",
            state="test",
        )
        return provider

    def save_card(self, number: str, day: date) -> str:
        """The customer saves a card; Stripe's id of it. What is due goes to it from now on."""
        customer, method = self.stripe.card(number)
        token = self.odoo.create(
            "payment.token",
            provider_id=self.provider,
            payment_method_id=self.odoo.ref("payment.payment_method_card"),
            payment_details=number[-4:],
            provider_ref=customer,
            stripe_payment_method=method,
            partner_id=self.read("partner_id")[0],
        )
        values = {"payment_token_id": token}
        context = {"billing_date": str(day)}
        self.odoo.call("sale.order", "write", [self.order], values, context=context)
        return method

    def read(self, name: str) -> object:
        """One field of the subscription."""
        return self.odoo.read("sale.order", [["id", "=", self.order]], [name])[0][name]

    def turn_the_clock(self, day: date) -> None:
        """It is 11 in the morning in Ottawa."""
        clock = f"{day} 15:00:00"
        self.odoo.write("fusion.billing.service", self.id, test_clock=clock)

    def live_a_day(self, day: date) -> None:
        """Turn the test clock to that day, and do what the jobs of a real clock would."""
        self.turn_the_clock(day)
        if day in (FIRST, SECOND):
            run = self.odoo.create("fusion.billing.run", service_id=self.id, as_of=str(day))
            self.odoo.call("fusion.billing.run", "action_run", [run])
        self.odoo.call("fusion.billing.service", "action_enforce", [self.id])
        self.wait("a charge", lambda: not self._open_charges())

    def _open_charges(self) -> int:
        """Attempts that the job in the background has not brought to an outcome."""
        waiting = [["charge_outcome", "in", ["ready", "open"]]]
        return self.odoo.call("payment.transaction", "search_count", waiting)

    def wait(self, what: str, happened: Callable[[], bool]) -> float:
        """Seconds until it happened; Odoo's own jobs do the work."""
        started = time.monotonic()
        while not happened():
            if time.monotonic() - started > PATIENCE:
                raise Failed(f"Waited {PATIENCE} s for {what}.")
            time.sleep(0.2)
        return time.monotonic() - started

    def wait_for(self, state: str) -> float:
        """Until Odoo wants the state, the app is in it, and Odoo knows so."""

        def agreed() -> bool:
            names = ["x_fc_service_state", "x_fc_confirmed_state", "x_fc_state_drift"]
            order = self.odoo.read("sale.order", [["id", "=", self.order]], names)[0]
            said = {order["x_fc_service_state"], order["x_fc_confirmed_state"]}
            return said == {state} == {self.app.state(SUBSCRIPTION)} and not order[names[2]]

        return self.wait(f"{SUBSCRIPTION} to be {state} on both sides", agreed)


def stop_and_start_a_service(world: World) -> None:
    """A month paid by card, a month of declines, a suspension, a new card, and on it goes."""
    console.heading("12. A card goes bad: suspended, paid, resumed")
    with console.step("NexaDesk opens, its customer saves a card and pays April with it"):
        desk = Desk(world)
        card = desk.save_card("4242424242424242", FIRST)
        desk.live_a_day(FIRST)
        _expect(_outcomes(desk) == ["paid"], "April was not paid by the saved card.")
    desk.stripe.script(card, *["insufficient_funds"] * 20)
    with console.step("in May the bank declines; the service's clock goes on, a day at a time"):
        suspended_on = _suspend(desk)
    console.note(f"suspended on {suspended_on}, which the app confirmed")
    with console.step("the customer saves another card"):
        next_day = suspended_on + timedelta(days=1)
        desk.turn_the_clock(next_day)
        desk.save_card("5555555555554444", next_day)
        desk.live_a_day(next_day)
        took = desk.wait_for("active")
    _expect(took < RESUMED_WITHIN, f"Resuming took {took:.0f} s.")
    _check(desk)
    console.note(f"paid; resumed and confirmed {console.duration(took)} later")
    _show_story(desk)


def _suspend(desk: Desk) -> date:
    """Live through May until the policy suspends; the day."""
    day = SECOND
    while desk.read("x_fc_service_state") != "suspended":
        _expect(day <= LATEST, "Nobody was suspended in a month without a payment.")
        desk.live_a_day(day)
        day += timedelta(days=1)
    desk.wait_for("suspended")
    return day - timedelta(days=1)


def _outcomes(desk: Desk) -> list[str]:
    """What came of each charge, oldest first."""
    domain = [["charge_invoice_id.x_fc_service_id", "=", desk.id]]
    tries = desk.odoo.read("payment.transaction", domain, ["charge_outcome"], order="id")
    return [attempt["charge_outcome"] for attempt in tries]


def _check(desk: Desk) -> None:
    """What Stripe, the books, the app and the API say of the same two months."""
    outcomes = _outcomes(desk)
    declined = outcomes.count("declined")
    taken = sum(intent["amount"] for intent in desk.stripe.intents(status="succeeded"))
    expected = ["paid", *["declined"] * declined, "paid"]
    _expect(declined >= 3 and outcomes == expected, f"Charges went otherwise: {outcomes}.")
    _expect(taken == 2 * 5537, f"Stripe took {taken} cents instead of twice 55.37.")
    told = desk.app.received()
    _expect(
        (told["service.command suspend"], told["service.command resume"]) == (1, 1),
        f"The app was told otherwise: {dict(told)}.",
    )
    said = desk.api.get(f"/subscriptions/{SUBSCRIPTION}")["subscription"]
    states = (said["service_state"], said["confirmed_service_state"])
    _expect(states == ("active", "active"), f"The API says {states}.")
    owed = [["x_fc_service_id", "=", desk.id], ["amount_residual", ">", 0]]
    _expect(not desk.odoo.search("account.move", owed), "Something is left to pay.")


def _show_story(desk: Desk) -> None:
    """Print the customer's story as its page in Odoo tells it, oldest first."""
    partner = desk.read("partner_id")[0]
    lines = desk.odoo.read(
        "fusion.billing.story",
        [["partner_id", "=", partner]],
        ["instant", "kind", "title", "detail", "amount"],
        order="instant, recorded_at, rank, id",
    )
    kinds = {line["kind"] for line in lines}
    wanted = {"invoice", "charge", "overdue", "mail", "state", "command", "told", "confirmed"}
    _expect(wanted <= kinds, f"The story leaves out {sorted(wanted - kinds)}.")
    console.say(f"  The story of {BUYER['name']}, in {len(lines)} lines:")
    console.table(
        ("when (UTC)", "what", "amount"),
        [
            (line["instant"][:16], line["title"], f"{line['amount']:.2f}" if line["amount"] else "")
            for line in lines
            if line["kind"] not in ("step", "told", "paid", "payment")
        ],
    )
    desk.world.story_url = f"{desk.world.url}/odoo/res.partner/{partner}/fusion-story"
    console.note(f"the whole of it: {desk.world.story_url}")


def _expect(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Failed(otherwise)
