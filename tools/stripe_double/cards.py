"""Stripe's own test cards: what becomes of them when saved, and when charged."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Card:
    """A number, and what is printed about it.

    ``charged`` is the outcome of a charge without the customer; ``saved`` of saving it in the
    portal; ``secure`` are the moments at which a customer is asked to confirm: `once` when the
    card is saved or paid with, `always` also when it is charged later.
    """

    number: str
    says: str
    charged: str = "succeeded"
    saved: str = "succeeded"
    secure: str = ""
    brand: str = "visa"


CARDS = (
    Card("4242424242424242", "always succeeds"),
    Card("5555555555554444", "always succeeds (Mastercard)", brand="mastercard"),
    Card("4000000000000341", "can be saved; every charge is declined", "generic_decline"),
    Card("4000000000000002", "declined", "generic_decline", "generic_decline"),
    Card("4000000000009995", "insufficient funds", "insufficient_funds", "insufficient_funds"),
    Card("4000000000009987", "declined: lost", "lost_card", "lost_card"),
    Card("4000000000009979", "declined: stolen", "stolen_card", "stolen_card"),
    Card("4000000000000069", "expired", "expired_card", "expired_card"),
    Card("4000000000000127", "wrong security code", "incorrect_cvc", "incorrect_cvc"),
    Card("4000000000000119", "processing error", "processing_error", "processing_error"),
    Card("4100000000000019", "declined: fraudulent", "fraudulent", "fraudulent"),
    Card("4000000000006975", "velocity exceeded", *["card_velocity_exceeded"] * 2),
    Card("4000002500003155", "3-D Secure once; then it can be charged", secure="once"),
    Card(
        "4000002760003184",
        "3-D Secure always; a later charge says authentication_required",
        "authentication_required",
        secure="always",
    ),
    Card(
        "4000008260003178",
        "3-D Secure always; then insufficient funds",
        "insufficient_funds",
        secure="always",
    ),
)
BY_NUMBER = {card.number: card for card in CARDS}
DEFAULT = CARDS[0]


def card_of(number: str) -> Card:
    """Return the card with a number; an unknown number is a card that always succeeds."""
    return BY_NUMBER.get(number) or Card(number, "")
