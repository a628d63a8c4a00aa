"""What the bank says to each kind of customer, and what each does, by days from the first invoice.

Plain data: the company that is lived through and the oracle that predicts it both read it.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

SOFT, HARD, NEW_CARD, CONFIRM = (
    "insufficient_funds",
    "stolen_card",
    "expired_card",
    "authentication_required",
)
GOOD = "succeeded"
ALWAYS = 40
START = date(2027, 3, 1)
PRICE = 2900


@dataclass(frozen=True)
class Script:
    """``answers``: what the bank says to the card's charges in order; from then on it pays.

    ``acts``: ``{day: act}``. ``price``: cents a month. ``card``: False pays by bank only.
    """

    answers: tuple[str, ...] = ()
    acts: dict[int, str] = field(default_factory=dict)
    price: int = PRICE
    card: bool = True


SCRIPTS = {
    "pays": Script(),
    "declined once": Script((GOOD, SOFT)),
    "declined three times": Script((SOFT,) * 3),
    "never pays": Script((SOFT,) * ALWAYS),
    "stops in the second month": Script((GOOD, *(SOFT,) * ALWAYS)),
    "stolen card": Script((GOOD, HARD)),
    "stolen card, replaced late": Script((HARD,), {20: "new card"}),
    "expired card, replaced after the suspension": Script((NEW_CARD,), {15: "new card"}),
    "expired card, replaced before it": Script((GOOD, NEW_CARD), {36: "new card"}),
    "confirms by the link": Script((CONFIRM,), {8: "pay"}),
    "never confirms": Script((CONFIRM,) * ALWAYS),
    "owes less than the threshold": Script((SOFT,) * ALWAYS, price=110),
    "owes less than the threshold, then more": Script((SOFT,) * ALWAYS, price=260),
    "owes exactly the threshold": Script((SOFT,) * ALWAYS, price=500),
    "exempt": Script((SOFT,) * ALWAYS, {0: "exempt"}),
    "on hold": Script((SOFT,) * ALWAYS, {2: "hold for 18 days"}),
    "suspended by a person": Script((), {5: "suspend"}),
    "suspended and resumed by a person": Script((), {5: "suspend", 50: "resume"}),
    "by bank, late": Script((), {9: "pay", 40: "pay", 71: "pay"}, card=False),
    "by bank, after the suspension": Script((), {14: "pay"}, card=False),
    "by bank, never": Script((), card=False),
    "pays a part": Script((SOFT,) * ALWAYS, {9: "pay all but 4.00"}),
    "credited in full": Script((SOFT,) * 3, {6: "credit"}),
    "refunded": Script((), {10: "refund"}),
    "pays twice": Script((), {1: "pay again"}),
    "disputes": Script((SOFT,) * ALWAYS, {7: "dispute"}),
}
# Kinds for a quick look; all of them are in the crowd.
SHORT = (
    "pays",
    "declined three times",
    "never pays",
    "stolen card, replaced late",
    "expired card, replaced after the suspension",
    "owes less than the threshold",
    "exempt",
    "on hold",
    "suspended and resumed by a person",
    "by bank, after the suspension",
    "pays a part",
    "credited in full",
    "refunded",
    "pays twice",
)


def some() -> list[tuple[str, date]]:
    """One customer of each kind that ends in a way of its own, begun on the first days of March."""
    return [(kind, START + timedelta(days=n % 3)) for n, kind in enumerate(SHORT)]


def crowd(seed: int, count: int) -> list[tuple[str, date]]:
    """So many, drawn; half of them simply pay. Every kind is there when there is room."""
    rng = Random(seed)
    kinds = list(SCRIPTS) + rng.choices(["pays", *SCRIPTS], [len(SCRIPTS)] + [1] * len(SCRIPTS),
                                        k=max(count - len(SCRIPTS), 0))  # fmt: skip
    return [(kind, START + timedelta(days=rng.randrange(28))) for kind in kinds[:count]]
