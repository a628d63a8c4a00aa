"""The base fee of a period, and of a part of it: first, last and changed periods, and a trial.

Named rules, Lago's unless said otherwise:

* **whole days over the full period**: the denominator is always the full period's days;
* **the first day counts**, and so does the last one: a subscription that ends on the 20th has
  used the 20th;
* **the day of a change belongs to the new plan** (an upgrade's day is unused by the old one);
* **a trial frees the base fee only**: usage is billed from the first day;
* **rounded once** (ours: Lago computes in binary floating point): each fee is exact, then half up.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from .money import ZERO, plain, round_money
from .period import Period, Unit, period_containing, period_ending_at
from .proration import prorate
from .rated import DERIVATION_VERSION, period_json, read_period


@dataclass(frozen=True, slots=True)
class BaseFee:
    """`amount` for the days of `part`; None where no day is billed. `derivation` replays."""

    amount: Decimal
    part: Period | None
    derivation: dict[str, Any]


def base_fee(
    price: Decimal,
    full: Period,
    part: Period | None = None,
    currency_exponent: int = 2,
    *,
    free_until: date | None = None,
    currency: str = "CAD",
    name: str = "",
) -> BaseFee:
    """The fee for `part` of `full` (None: all of it) without the days before `free_until`.

    :param price: of the full period, quantity included
    :raise Invalid: a part that is not inside the period

    >>> march = Period(date(2026, 3, 1), date(2026, 4, 1))
    >>> base_fee(Decimal(31), march, since(march, date(2026, 3, 20))).amount
    Decimal('12.00')
    >>> base_fee(Decimal(31), march, until(march, date(2026, 3, 19))).amount
    Decimal('19.00')
    >>> base_fee(Decimal(31), march, free_until=date(2026, 3, 15)).amount  # a fortnight's trial
    Decimal('17.00')
    """
    asked = part or full
    prorate(price, asked, full)  # refuses a part outside, whatever the trial leaves of it
    billed = after_trial(asked, free_until)
    exact = prorate(price, billed, full) if billed else ZERO
    amount = round_money(exact, currency_exponent)
    derivation = {
        "version": DERIVATION_VERSION,
        "kind": "base",
        "name": name,
        "currency": currency,
        "currency_exponent": str(currency_exponent),
        "price": plain(price),
        "full_period": period_json(full),
        "period": period_json(asked),
        "free_until": free_until.isoformat() if free_until else "",
        "days": str(billed.days if billed else 0),
        "full_days": str(full.days),
        "amount": str(amount),
    }
    return BaseFee(amount, billed, derivation)


def replay_base_fee(derivation: Mapping[str, Any]) -> BaseFee:
    """The fee again from its stored inputs.

    >>> march = Period(date(2026, 3, 1), date(2026, 4, 1))
    >>> fee = base_fee(Decimal(31), march, since(march, date(2026, 3, 20)))
    >>> replay_base_fee(fee.derivation) == fee
    True
    """
    free_until = derivation["free_until"]
    return base_fee(
        Decimal(derivation["price"]),
        read_period(derivation["full_period"]),
        read_period(derivation["period"]),
        int(derivation["currency_exponent"]),
        free_until=date.fromisoformat(free_until) if free_until else None,
        currency=derivation["currency"],
        name=derivation["name"],
    )


def since(full: Period, first_day: date) -> Period:
    """The part from `first_day` on, itself included.

    >>> since(Period(date(2026, 3, 1), date(2026, 4, 1)), date(2026, 3, 31)).days
    1
    """
    return Period(max(full.start, first_day), full.end)


def until(full: Period, last_day: date) -> Period:
    """The part up to `last_day`, itself included.

    >>> until(Period(date(2026, 3, 1), date(2026, 4, 1)), date(2026, 3, 20)).days
    20
    """
    return Period(full.start, min(full.end, last_day + timedelta(days=1)))


def split_at(full: Period, day: date) -> tuple[Period | None, Period | None]:
    """What the old and the new plan bill of a period in which the plan changes on `day`.

    >>> march = Period(date(2026, 3, 1), date(2026, 4, 1))
    >>> old, new = split_at(march, date(2026, 3, 11))
    >>> old.days, new.days, split_at(march, march.start)[0]
    (10, 21, None)
    """
    old = Period(full.start, min(day, full.end)) if day > full.start else None
    new = Period(max(day, full.start), full.end) if day < full.end else None
    return old, new


def trial_end(first_started: date, trial_days: int) -> date:
    """The first day that is no longer free, counted from the very first start of the subscription:
    a later plan gives no second trial.

    >>> trial_end(date(2026, 3, 1), 14)
    datetime.date(2026, 3, 15)
    """
    return first_started + timedelta(days=max(trial_days, 0))


def after_trial(part: Period, free_until: date | None) -> Period | None:
    """What is left of `part` to bill; None: it is all free.

    >>> march = Period(date(2026, 3, 1), date(2026, 4, 1))
    >>> after_trial(march, date(2026, 3, 15)).days, after_trial(march, date(2026, 4, 1))
    (17, None)
    """
    if free_until is None or free_until <= part.start:
        return part
    return Period(free_until, part.end) if free_until < part.end else None


def period_due(anchor: date, unit: Unit, value: int, due: date, in_advance: bool) -> Period:
    """The period whose base fee is due on the boundary `due`: the next one when paid in advance,
    the last one when paid in arrears. Usage is always of the last one.

    >>> period_due(date(2026, 1, 31), "month", 1, date(2026, 2, 28), in_advance=True).end
    datetime.date(2026, 3, 31)
    >>> period_due(date(2026, 1, 31), "month", 1, date(2026, 2, 28), in_advance=False).start
    datetime.date(2026, 1, 31)
    """
    if in_advance:
        return period_containing(anchor, unit, value, due)
    return period_ending_at(anchor, unit, value, due)
