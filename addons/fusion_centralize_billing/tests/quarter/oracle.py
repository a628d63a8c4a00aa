"""What docs/dunning.md says becomes of a customer, worked out without Odoo and without the engine.

One customer, day by day: acts, then the invoice, then the policy, then the cards, as a company's
day goes. Cents are integers; days are calendar days (the quarter has no business days).
"""

from collections import deque
from dataclasses import dataclass, field
from datetime import date, timedelta

from .scripts import CONFIRM, GOOD, HARD, NEW_CARD, SOFT, Script

# The default policy of docs/dunning.md.
RETRIES, WARNING, SUSPENSION, END, THRESHOLD = (3, 5, 10, 30), 10, 11, 40, 500
LAST_DAYS = timedelta(days=END - SUSPENSION)
CLASS = {SOFT: "soft", HARD: "hard", NEW_CARD: "new_card", CONFIRM: "customer", GOOD: "paid"}


@dataclass
class Invoice:
    """``due`` on the day it was made."""

    due: date
    open: int
    charge: bool = False
    last: str = ""
    disputed: bool = False


@dataclass
class Life:
    """One customer. ``states`` at the end of each day; ``taken`` and ``banked`` in cents."""

    script: Script
    start: date
    state: str = "active"
    states: dict[date, str] = field(default_factory=dict)
    invoices: list[Invoice] = field(default_factory=list)
    taken: int = 0
    refunded: int = 0
    banked: int = 0
    credit: int = 0
    card: bool = True
    by_person: bool = False
    exempt: bool = False
    hold: date | None = None
    warned: date | None = None
    suspended_on: date | None = None
    retried: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.answers = deque(self.script.answers)
        self.card = self.script.card

    def live(self, until: date) -> "Life":
        """Up to and with that day."""
        day = self.start
        while day <= until:
            if self.state != "terminated":
                # In the morning a customer may act, once the invoice of the first day is there.
                if day != self.start:
                    self._act(day)
                self._bill(day)
                if day == self.start:
                    self._act(day)
                self._enforce(day)
                self._charge(day)
            self.states[day] = self.state
            day += timedelta(days=1)
        return self

    # ------------------------------------------------------------------ the day's parts
    def _act(self, day: date) -> None:
        act = self.script.acts.get((day - self.start).days)
        if act in MONEY:
            MONEY[act](self, [invoice for invoice in self.invoices if invoice.open])
        elif act in ("suspend", "resume"):
            self.by_person = act == "suspend"
            self.state = "suspended" if self.by_person else "active"
        elif act == "exempt":
            self.exempt = True
        elif act:
            assert act == "hold for 18 days"
            self.hold = day + timedelta(days=18)
        self._settle(day)

    def _new_card(self, unpaid: list[Invoice]) -> None:
        self.card = True
        for invoice in unpaid:
            invoice.charge, invoice.last = True, ""

    def _pay(self, unpaid: list[Invoice], leave: int = 0) -> None:
        for invoice in unpaid[:1]:
            self.banked += invoice.open - leave
            invoice.open = leave

    def _pay_a_part(self, unpaid: list[Invoice]) -> None:
        self._pay(unpaid, leave=400)

    def _pay_again(self, unpaid: list[Invoice]) -> None:
        self.taken += self.script.price
        self.credit += self.script.price

    def _be_credited(self, unpaid: list[Invoice]) -> None:
        self.invoices[0].open = 0

    def _be_refunded(self, unpaid: list[Invoice]) -> None:
        self.refunded += self.script.price

    def _dispute(self, unpaid: list[Invoice]) -> None:
        self.invoices[0].disputed = True

    def _bill(self, day: date) -> None:
        if day.day != self.start.day or self.state == "suspended":
            return
        used = min(self.credit, self.script.price)
        self.credit -= used
        left = self.script.price - used
        self.invoices.append(Invoice(day, left, charge=bool(left and self.card)))

    def _enforce(self, day: date) -> None:
        overdue = self._overdue(day)
        if self.exempt or not overdue:
            return
        if self.state == "active":
            self.state = "past_due"
        if self.hold and day < self.hold:
            return
        late = (day - min(invoice.due for invoice in overdue)).days
        self._retry(late, overdue)
        if sum(invoice.open for invoice in overdue) >= THRESHOLD:
            self._cut_off(late, day)
        if late >= WARNING and self.warned is None:
            self.warned = day

    def _retry(self, late: int, overdue: list[Invoice]) -> None:
        for step in RETRIES:
            if late >= step and step not in self.retried:
                self.retried.add(step)
                for invoice in overdue:
                    invoice.charge = self.card and invoice.last in ("", "soft")

    def _cut_off(self, late: int, day: date) -> None:
        """No suspension without a warning the day before, no end before its days are over."""
        warned = self.warned is not None and day > self.warned
        if late >= SUSPENSION and warned and not self.suspended_on:
            self.state, self.suspended_on = "suspended", day
        elif late >= END and self.suspended_on and day >= self.suspended_on + LAST_DAYS:
            self.state = "terminated"

    def _charge(self, day: date) -> None:
        for invoice in self.invoices:
            if not (invoice.charge and invoice.open and self.card) or self.state == "terminated":
                continue
            invoice.charge = False
            answer = self.answers.popleft() if self.answers else GOOD
            invoice.last = CLASS[answer]
            if answer == GOOD:
                self.taken += invoice.open
                invoice.open = 0
            elif answer == HARD:
                self.card = False
        self._settle(day)

    # ------------------------------------------------------------------ what follows from it
    def _overdue(self, day: date) -> list[Invoice]:
        return [
            invoice
            for invoice in self.invoices
            if invoice.open and invoice.due < day and not invoice.disputed
        ]

    def _settle(self, day: date) -> None:
        """Paid, the case is closed and the policy's suspension ends, on the spot."""
        overdue = self._overdue(day)
        if overdue and not self.exempt:
            below = sum(invoice.open for invoice in overdue) < THRESHOLD
            if self.state == "suspended" and not self.by_person and below:
                self.state = "past_due"
            return
        self.warned = self.suspended_on = None
        self.retried = set()
        if self.state == "past_due" or (self.state == "suspended" and not self.by_person):
            self.state = "active"


MONEY = {
    "new card": Life._new_card,
    "pay": Life._pay,
    "pay all but 4.00": Life._pay_a_part,
    "pay again": Life._pay_again,
    "credit": Life._be_credited,
    "refund": Life._be_refunded,
    "dispute": Life._dispute,
}
