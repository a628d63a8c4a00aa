"""POST /credit_notes and its estimate."""

from typing import Annotated, Literal

from pydantic import Field

from .base import Required, Text, WireModel
from .metric import Unserved

Cents = Annotated[int, Field(ge=0, lt=10**15)]


MetadataKey = Annotated[str, Field(min_length=1, max_length=40)]
Metadata = Annotated[dict[MetadataKey, Text], Field(max_length=50)]
"""Keys and values of the app's own."""


class CreditNoteItemIn(WireModel):
    """How much of a fee to give back, without its taxes."""

    fee_id: Required
    amount_cents: Cents


class CreditNoteEstimateIn(WireModel):
    """``credit_note`` without saying what becomes of it."""

    invoice_id: Required
    items: list[CreditNoteItemIn]


class CreditNoteIn(CreditNoteEstimateIn):
    """``credit_note``: the amounts by which it settles, taxes included, equal its items."""

    reason: (
        Literal[
            "duplicated_charge",
            "product_unsatisfactory",
            "order_change",
            "order_cancellation",
            "fraudulent_charge",
            "other",
        ]
        | None
    ) = None
    description: Text = None
    credit_amount_cents: Cents | None = None
    refund_amount_cents: Cents | None = None
    offset_amount_cents: Cents | None = None
    metadata: Metadata | None = None


class CreditNoteChangeIn(WireModel):
    """PUT: only what is sent changes. A refund's status is the provider's word."""

    refund_status: Unserved = None
    metadata: Metadata | None = None
