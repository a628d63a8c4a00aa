"""What an app billed by itself, as it told us. Not in Lago."""

from typing import Literal

from .base import AnswerModel, Currency, Day, Plain

Outcome = Literal["created", "updated", "unchanged", "signed_off"]


class AppInvoiceLineAnswer(AnswerModel):
    """A line; what the app left out is null. Exact, in major units."""

    kind: Literal["base", "usage", "discount", "tax", "other"]
    code: str | None
    name: str | None
    quantity: Plain | None
    unit_amount: Plain | None
    amount: Plain
    rate: Plain | None


class AppInvoiceAnswer(AnswerModel):
    """An invoice of the app, with exact sums of its lines in major units."""

    external_invoice_id: str
    external_subscription_id: str
    external_customer_id: str | None
    period_start: Day
    period_end: Day
    issued_on: Day | None
    currency: Currency
    untaxed: Plain
    tax: Plain
    total: Plain
    source: Literal["api", "database", "stripe", "csv", "lago"]
    lines: list[AppInvoiceLineAnswer]


class RecordedAppInvoice(AppInvoiceAnswer):
    """The same with what became of it: ``signed_off`` stays as it was."""

    outcome: Outcome
