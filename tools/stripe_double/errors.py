"""Answers that are no success: a status, and Stripe's `error` object."""

from typing import Any

DECLINED = "Your card was declined."
UNSUPPORTED = "Your card does not support this type of purchase."
AUTHENTICATE = "Your card was declined. This transaction requires authentication."
REFUSED_BY_CUSTOMER = (
    "We are unable to authenticate your payment method."
    " Please choose a different payment method and try again."
)

# outcome, which is the decline code -> (code, what the customer may read). Lost and stolen cards
# say no more than a plain decline: only the code tells them apart.
DECLINES = {
    # may go well later
    "generic_decline": ("card_declined", DECLINED),
    "card_declined": ("card_declined", DECLINED),  # the one without a decline_code
    "do_not_honor": ("card_declined", DECLINED),
    "insufficient_funds": ("card_declined", "Your card has insufficient funds."),
    "card_velocity_exceeded": (
        "card_declined",
        "Your card was declined for making repeated attempts too frequently"
        " or exceeding its amount limit.",
    ),
    "issuer_not_available": ("card_declined", DECLINED),
    "reenter_transaction": ("card_declined", DECLINED),
    "try_again_later": ("card_declined", DECLINED),
    "processing_error": (
        "processing_error",
        "An error occurred while processing your card. Try again in a little bit.",
    ),
    # the customer has to act
    "authentication_required": ("authentication_required", AUTHENTICATE),
    # another card is needed
    "expired_card": ("expired_card", "Your card has expired."),
    "incorrect_cvc": ("incorrect_cvc", "Your card's security code is incorrect."),
    "incorrect_number": ("incorrect_number", "Your card number is incorrect."),
    "invalid_account": ("card_declined", DECLINED),
    "card_not_supported": ("card_declined", UNSUPPORTED),
    "currency_not_supported": ("card_declined", UNSUPPORTED),
    "restricted_card": ("card_declined", DECLINED),
    # never again
    "lost_card": ("card_declined", DECLINED),
    "stolen_card": ("card_declined", DECLINED),
    "pickup_card": ("card_declined", DECLINED),
    "fraudulent": ("card_declined", DECLINED),
    "highest_risk_level": ("card_declined", DECLINED),
    "merchant_blacklist": ("card_declined", DECLINED),
    "revocation_of_authorization": ("card_declined", DECLINED),
    "revocation_of_all_authorizations": ("card_declined", DECLINED),
    "stop_payment_order": ("card_declined", DECLINED),
    "transaction_not_allowed": ("card_declined", DECLINED),
}
# What a charge may come to besides a decline.
OTHER_OUTCOMES = ("succeeded", "processing", "requires_action")


class StripeError(Exception):
    """An answer with a status of 400 or more."""

    def __init__(self, status: int, kind: str, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": {"type": kind, "message": message, **more}}


class Dropped(Exception):
    """The connection ends without an answer."""


def invalid(message: str, status: int = 400, **more: Any) -> StripeError:
    """A request that Stripe does not accept: nothing was charged."""
    return StripeError(status, "invalid_request_error", message, **more)


def known_outcome(outcome: str) -> str:
    """Return an outcome that can be scripted, else raise.

    `insufficient_funds/do_not_try_again` adds the `advice_code` after the stroke.
    """
    name = outcome.partition("/")[0]
    if name not in DECLINES and name not in OTHER_OUTCOMES:
        raise invalid(f"No such outcome: {outcome}", param="outcomes")
    return outcome


def declined(outcome: str) -> dict[str, str]:
    """The card's `last_payment_error` for a scripted outcome."""
    decline_code, _, advice = outcome.partition("/")
    code, message = DECLINES[decline_code]
    return {
        "type": "card_error",
        "code": code,
        "message": message,
        **({} if decline_code == "card_declined" else {"decline_code": decline_code}),
        **({"advice_code": advice} if advice else {}),
    }


def not_authenticated(kind: str) -> dict[str, str]:
    """What an intent remembers when the customer refuses in the 3-D Secure window.

    ``kind``: `payment_intent` or `setup_intent`.
    """
    return {
        "type": "invalid_request_error",
        "code": f"{kind}_authentication_failure",
        "message": REFUSED_BY_CUSTOMER,
    }
