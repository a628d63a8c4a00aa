"""POST /payments: a payment that reached the app by another way than ours."""

from typing import Annotated

from pydantic import AfterValidator, Field

from .base import Instant, Required, WireModel

MAX_CENTS = 10**15


class PaymentIn(WireModel):
    """``payment``: of one invoice, at most what is due on it."""

    invoice_id: Required
    amount_cents: Annotated[int, Field(gt=0, lt=MAX_CENTS)]
    reference: Annotated[Required, AfterValidator(str.strip)]
    paid_at: Instant = None
