"""Answers that are no success: a status, and Stripe's `error` object."""

from typing import Any

# outcome -> (code, decline_code, what the customer may read). Lost and stolen cards say no more
# than a plain decline: only the code tells them apart.
DECLINES = {
    "generic_decline": ("card_declined", "generic_decline", "Your card was declined."),
    "do_not_honor": ("card_declined", "do_not_honor", "Your card was declined."),
    "insufficient_funds": (
        "card_declined",
        "insufficient_funds",
        "Your card has insufficient funds.",
    ),
    "lost_card": ("card_declined", "lost_card", "Your card was declined."),
    "stolen_card": ("card_declined", "stolen_card", "Your card was declined."),
    "fraudulent": ("card_declined", "fraudulent", "Your card was declined."),
    "expired_card": ("expired_card", "expired_card", "Your card has expired."),
    "incorrect_cvc": (
        "incorrect_cvc",
        "incorrect_cvc",
        "Your card's security code is incorrect.",
    ),
    "processing_error": (
        "processing_error",
        "processing_error",
        "An error occurred while processing your card. Try again in a little bit.",
    ),
    "authentication_required": (
        "authentication_required",
        "authentication_required",
        "Your card was declined. This transaction requires authentication.",
    ),
}

# Stripe's own test numbers: they can be saved, and go wrong when charged.
TEST_CARDS = {
    "4242424242424242": "succeeded",
    "4000000000000341": "generic_decline",
    "4000000000000002": "generic_decline",
    "4000000000009995": "insufficient_funds",
    "4000000000009987": "lost_card",
    "4000000000009979": "stolen_card",
    "4000000000000069": "expired_card",
    "4000000000000127": "incorrect_cvc",
    "4000000000000119": "processing_error",
    "4000002760003184": "authentication_required",
}


class StripeError(Exception):
    """An answer with a status of 400 or more."""

    def __init__(self, status: int, kind: str, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": {"type": kind, "message": message, **more}}


def invalid(message: str, status: int = 400, **more: Any) -> StripeError:
    """A request that Stripe does not accept: nothing was charged."""
    return StripeError(status, "invalid_request_error", message, **more)


def declined(outcome: str) -> dict[str, str]:
    """The card's `last_payment_error` for a scripted outcome."""
    code, decline_code, message = DECLINES[outcome]
    return {
        "type": "card_error",
        "code": code,
        "decline_code": decline_code,
        "message": message,
    }
