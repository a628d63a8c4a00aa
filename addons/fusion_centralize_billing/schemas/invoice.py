"""What an app may send about an invoice."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from .base import Required, Text, WireModel


def _not_null(value: str | None) -> str:
    return "" if value is None else value


class MetadataIn(WireModel):
    """A key and its value; ``id`` names one that is there already."""

    id: Text = None
    key: Required
    value: Annotated[Text, AfterValidator(_not_null)] = ""


class InvoiceChangeIn(WireModel):
    """PUT: only what is sent changes; ``metadata`` replaces the whole set."""

    payment_status: Literal["pending", "succeeded", "failed"] | None = None
    metadata: list[MetadataIn] | None = None


class InvoiceVoidIn(WireModel):
    """POST …/void: at the top level of the body, in cents."""

    generate_credit_note: bool | None = None
    refund_amount: Annotated[int, Field(ge=0)] | None = None
    credit_amount: Annotated[int, Field(ge=0)] | None = None
