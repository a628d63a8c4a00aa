"""/app_invoices: what an app billed by itself. Not in Lago."""

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, WithJsonSchema

from .base import NewId, Required, Text, WireModel
from .usage import NUMBER, Day, Value, _value


def _maybe(value: Any) -> Decimal | None:
    return None if value is None or value == "" else _value(value)


MaybeValue = Annotated[
    Decimal | None,
    BeforeValidator(_maybe),
    WithJsonSchema(NUMBER | {"anyOf": [*NUMBER["anyOf"], {"type": "null"}]}),
]
MaybeDay = Annotated[Day | None, BeforeValidator(lambda value: value or None)]


class AppInvoiceLineIn(WireModel):
    """One line in the app's own words; ``amount`` is untaxed, or a tax, in major units."""

    kind: Literal["base", "usage", "discount", "tax", "other"]
    code: Text = None
    name: Text = None
    quantity: MaybeValue = None
    unit_amount: MaybeValue = None
    amount: Value
    rate: MaybeValue = None


class AppInvoiceIn(WireModel):
    """One invoice of the app for one subscription and ``[period_start, period_end)``."""

    external_invoice_id: NewId
    external_subscription_id: Required
    external_customer_id: Text = None
    period_start: Day
    period_end: Day
    issued_on: MaybeDay = None
    currency: Required
    lines: list[AppInvoiceLineIn]


class AppInvoicesIn(WireModel):
    """One of the two keys."""

    app_invoice: AppInvoiceIn | None = None
    app_invoices: list[AppInvoiceIn] | None = None
