"""Dunning: which step of a policy is due on a day, and what a declined card means.

No clock and no calendar of holidays here: the day, and what a business day is, are arguments.

A calendar starts on its anchor, day 0: the day the oldest unpaid invoice was due. Three rules keep
it humane, whatever happened to the job that runs it:

* Nothing on a closed day: mails, suspensions and terminations move to the next business day.
* A threat before the deed: a suspension or a termination keeps its distance to the last mail and
  the last cut before it. A job that was down for a month warns first, and cuts later.
* No pile of letters: of several mails or retries that are due at once, only the last is done.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

ONE_DAY = timedelta(days=1)
CUTS = ("suspend", "terminate")
ACTIONS = ("mail", "retry", *CUTS)
BusinessDay = Callable[[date], bool]


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a policy. ``mails``: whether it writes to the customer, beside its action."""

    key: Hashable
    day: int
    action: str
    mails: bool = False

    @property
    def cuts(self) -> bool:
        return self.action in CUTS

    @property
    def rank(self) -> tuple[int, int]:
        """Order of a calendar: by day; within one what is gentle, a suspension, the end."""
        return self.day, CUTS.index(self.action) + 1 if self.cuts else 0


@dataclass(frozen=True, slots=True)
class Due:
    """What to do today. ``overtaken`` steps are recorded and not done: a later one stands for them.

    ``waits_for_balance``: cuts whose day has come while too little is owed to cut anybody off.
    """

    steps: list[Step]
    overtaken: list[Step]
    waits_for_balance: list[Step]


def every_day(_day: date) -> bool:
    """Where a policy knows no weekend."""
    return True


def business_days(holidays: Iterable[date]) -> BusinessDay:
    """Monday to Friday, except ``holidays``.

    >>> open_on = business_days([date(2026, 7, 1)])  # Canada Day, a Wednesday
    >>> [open_on(date(2026, 7, day)) for day in (1, 2, 3, 4)]
    [False, True, True, False]
    """
    closed = frozenset(holidays)
    return lambda day: day.weekday() < 5 and day not in closed


def shift(day: date, is_open: BusinessDay) -> date:
    """``day`` itself, or the next business day.

    >>> shift(date(2026, 7, 4), business_days([date(2026, 7, 6)]))  # Saturday; Monday is closed
    datetime.date(2026, 7, 7)
    """
    for ahead in range(31):
        if is_open(day + ahead * ONE_DAY):
            return day + ahead * ONE_DAY
    return day  # no month is closed throughout: such a calendar is a mistake, and stops nothing


def counted_from(oldest_due: date, noticed_on: date, steps: Sequence[Step]) -> date:
    """Day 0 of a new case: the due date, or later where the debt was noticed late.

    A policy that is put in force over old debts begins with its first step, not with its last.

    >>> steps = [Step("a", 3, "mail"), Step("b", 11, "suspend")]
    >>> counted_from(date(2026, 5, 1), date(2026, 5, 2), steps)
    datetime.date(2026, 5, 1)
    >>> counted_from(date(2026, 1, 1), date(2026, 5, 4), steps)  # the first step is due today
    datetime.date(2026, 5, 1)
    """
    first = min((step.day for step in steps), default=0)
    return max(oldest_due, noticed_on - first * ONE_DAY)


def due_on(
    step: Step,
    steps: Sequence[Step],
    anchor: date,
    done: Mapping[Hashable, date],
    is_open: BusinessDay = every_day,
) -> date:
    """The day of a step that is not done yet, as far as the steps done so far say.

    >>> steps = [Step("mail", 10, "mail", mails=True), Step("cut", 11, "suspend")]
    >>> friday = date(2026, 5, 15)
    >>> due_on(steps[1], steps, date(2026, 5, 4), {"mail": friday})
    datetime.date(2026, 5, 16)
    >>> weekdays = business_days([])
    >>> due_on(steps[1], steps, date(2026, 5, 4), {"mail": friday}, weekdays)  # from Saturday
    datetime.date(2026, 5, 18)
    """
    day = max([anchor + step.day * ONE_DAY, *_distances(step, steps, done)])
    return shift(day, is_open) if step.cuts or step.mails else day


def _distances(step: Step, steps: Sequence[Step], done: Mapping[Hashable, date]):
    """Earliest days by the last cut before a step, and for a cut by the last mail before it."""
    before = [other for other in steps if other.rank < step.rank]
    mails = [other for other in before if step.cuts and other.mails and not other.cuts]
    cuts = [other for other in before if other.cuts]
    for group in (mails, cuts):
        if group:
            last = max(group, key=lambda other: other.rank)
            if last.key in done:
                yield done[last.key] + max(step.day - last.day, 1) * ONE_DAY


def due(
    steps: Sequence[Step],
    anchor: date,
    today: date,
    done: Mapping[Hashable, date],
    *,
    is_open: BusinessDay = every_day,
    balance: Decimal,
    minimum: Decimal,
) -> Due:
    """What is to be done today.

    :param anchor: day 0, see :func:`counted_from`
    :param done: the day on which each step of this case was done, by its key
    :param balance: what is overdue; ``minimum``: below it nobody is suspended or terminated

    >>> steps = [Step("mail", 3, "mail", mails=True), Step("cut", 11, "suspend")]
    >>> day, owed = date(2026, 5, 1), Decimal(40)
    >>> [step.key for step in
    ...  due(steps, day, date(2026, 5, 4), {}, balance=owed, minimum=Decimal(5)).steps]
    ['mail']
    >>> late = due(steps, day, date(2026, 6, 1), {}, balance=owed, minimum=Decimal(5))
    >>> [step.key for step in late.steps]  # down for a month: warn first
    ['mail']
    """
    known = dict(done)
    reached: list[Step] = []
    waiting: list[Step] = []
    for step in sorted(steps, key=lambda each: each.rank):
        if step.key in known:
            continue
        closed = (step.cuts or step.mails) and not is_open(today)
        if closed or due_on(step, steps, anchor, known, is_open) > today:
            if step.cuts:
                break  # what comes after a cut waits for it
            continue
        if step.cuts and balance < minimum:
            waiting.append(step)
            break
        reached.append(step)
        known[step.key] = today
        if step.cuts:
            break  # one cut a day, and nothing after it
    return Due(*_without_pile(reached), waiting)


def _without_pile(reached: Sequence[Step]) -> tuple[list[Step], list[Step]]:
    """Of mails and retries reached on one day the last of each; and those they stand for."""
    gentle = [step for step in reached if not step.cuts]
    last_mail = [step for step in gentle if step.mails][-1:]
    last_retry = [step for step in gentle if step.action == "retry"][-1:]
    kept, overtaken = [], []
    for step in reached:
        if step.cuts or step in last_mail:
            kept.append(step)
        elif step in last_retry:
            kept.append(replace(step, mails=False))  # the card again, without a second letter
        else:
            overtaken.append(step)
    return kept, overtaken


# ------------------------------------------------------------------ declined cards
@dataclass(frozen=True, slots=True)
class WhatNext:
    """What a class of decline asks for.

    ``retry``: the same card may be charged again by itself, with a new attempt each time.
    ``ask``: what to ask the customer for, ``payment`` (a link, with authentication) or ``card``.
    ``archive``: the saved card is put away. ``counts``: it is an attempt at all.
    """

    retry: bool
    ask: str | None = None
    archive: bool = False
    counts: bool = True


SOFT, CUSTOMER, NEW_CARD, HARD, UNKNOWN = "soft", "customer", "new_card", "hard", "unknown"
WHAT_NEXT: Mapping[str, WhatNext] = {
    SOFT: WhatNext(retry=True),
    CUSTOMER: WhatNext(retry=False, ask="payment"),
    NEW_CARD: WhatNext(retry=False, ask="card"),
    HARD: WhatNext(retry=False, ask="card", archive=True),
    UNKNOWN: WhatNext(retry=False, counts=False),
}
_CODES = {
    SOFT: "insufficient_funds generic_decline do_not_honor card_declined issuer_not_available "
    "try_again_later reenter_transaction card_velocity_exceeded processing_error",
    CUSTOMER: "authentication_required",
    NEW_CARD: "expired_card incorrect_number invalid_account incorrect_cvc card_not_supported "
    "restricted_card currency_not_supported account_closed no_account bank_account_restricted",
    HARD: "lost_card stolen_card pickup_card fraudulent revocation_of_authorization "
    "revocation_of_all_authorizations stop_payment_order transaction_not_allowed "
    "highest_risk_level merchant_blacklist debit_not_authorized",
    # Not the bank's word: the request met another one, a limit or a fault.
    UNKNOWN: "lock_timeout rate_limit idempotency_error idempotency_key_in_use api_error",
}
DECLINES: Mapping[str, str] = {
    code: kind for kind, codes in _CODES.items() for code in codes.split()
}
# A fault of the moment between shop and bank: another try within hours is sensible.
PASSING = frozenset(("processing_error", "try_again_later"))
PASSES_AFTER = timedelta(hours=1)
_ADVICE = {"do_not_try_again": NEW_CARD, "try_again_later": SOFT, "confirm_card_data": NEW_CARD}


def classify(
    code: str | None, decline_code: str | None = None, advice_code: str | None = None
) -> str:
    """Class of a failed charge: ``soft``, ``customer``, ``new_card``, ``hard`` or ``unknown``.

    The decline code says more than the code, and advice more than both, except that nothing makes
    a stolen card chargeable and nothing replaces the customer's own authentication. A decline that
    nobody listed is soft: the number of retries is capped. No code at all is no decline.
    Source: Stripe's decline codes and their advice.

    >>> classify("card_declined", "insufficient_funds"), classify("expired_card")
    ('soft', 'new_card')
    >>> classify("card_declined", "insufficient_funds", "do_not_try_again")
    'new_card'
    >>> classify("card_declined", "stolen_card", "try_again_later")
    'hard'
    >>> classify("card_declined", "a_code_of_next_year"), classify(None)
    ('soft', 'unknown')
    """
    said = decline_code or code
    if not said and not advice_code:
        return UNKNOWN
    kind = DECLINES.get(said or "", DECLINES.get(code or "", SOFT))
    if kind in (HARD, CUSTOMER, UNKNOWN):
        return kind
    return _ADVICE.get(advice_code or "", kind)


def passes(
    code: str | None, decline_code: str | None = None, advice_code: str | None = None
) -> bool:
    """Whether a decline is a fault of the moment, worth another try after `PASSES_AFTER`.

    >>> passes("processing_error"), passes("card_declined", "insufficient_funds")
    (True, False)
    >>> passes("card_declined", "try_again_later", "do_not_try_again")
    False
    """
    soft = classify(code, decline_code, advice_code) == SOFT
    return soft and (decline_code or code) in PASSING
