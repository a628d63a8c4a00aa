"""Invoices as values, and the form in which ``expected_invoices.json`` keeps them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from pilot.nexacloud.taxes import taxes


@dataclass(frozen=True)
class Line:
    """`kind` is "base" or the metric; the period is half-open; `quantity` is what was used."""

    kind: str
    period_start: date
    period_end: date
    quantity: Decimal
    amount: Decimal

    def as_json(self) -> dict[str, str]:
        """Return the line with every number as a string."""
        return {
            "kind": self.kind,
            "period_start": self.period_start.isoformat(),
            "period_end": self.period_end.isoformat(),
            "quantity": plain(self.quantity),
            "amount": str(self.amount),
        }


@dataclass(frozen=True)
class Invoice:
    """One subscription on one due date. Amounts in `currency`, rounded to the cent."""

    service: str
    external_customer_id: str
    external_subscription_id: str
    plan_code: str
    province: str
    currency: str
    invoice_date: date
    lines: tuple[Line, ...]

    @property
    def untaxed(self) -> Decimal:
        """Return the sum of the lines, each already rounded."""
        return sum((line.amount for line in self.lines), Decimal("0.00"))

    @cached_property
    def taxes(self) -> dict[str, Decimal]:
        """Return each tax of the customer's province on the whole invoice."""
        return taxes(self.province, self.untaxed)

    @property
    def tax(self) -> Decimal:
        """Return the taxes together: the sum of what is printed."""
        return sum(self.taxes.values(), Decimal("0.00"))

    @property
    def total(self) -> Decimal:
        """Return what the customer pays."""
        return self.untaxed + self.tax

    @property
    def sort_key(self) -> tuple[str, str, date]:
        """Return the order of the file."""
        return self.service, self.external_subscription_id, self.invoice_date

    def as_json(self) -> dict[str, Any]:
        """Return the invoice with every number as a string."""
        return {
            "service": self.service,
            "external_customer_id": self.external_customer_id,
            "external_subscription_id": self.external_subscription_id,
            "plan_code": self.plan_code,
            "province": self.province,
            "currency": self.currency,
            "invoice_date": self.invoice_date.isoformat(),
            "lines": [line.as_json() for line in self.lines],
            "untaxed": str(self.untaxed),
            "taxes": {name: str(amount) for name, amount in self.taxes.items()},
            "tax": str(self.tax),
            "total": str(self.total),
        }


@dataclass(frozen=True, order=True)
class Held:
    """A subscription that is due but cannot be billed, and why."""

    external_subscription_id: str
    external_customer_id: str
    invoice_date: date
    reason: str

    def as_json(self) -> dict[str, str]:
        """Return the entry as strings."""
        return {
            "service": "nexacloud",
            "external_customer_id": self.external_customer_id,
            "external_subscription_id": self.external_subscription_id,
            "invoice_date": self.invoice_date.isoformat(),
            "reason": self.reason,
        }


def plain(number: Decimal) -> str:
    """Write a number without exponent or needless zeros.

    >>> plain(Decimal("1250.500000")), plain(Decimal("100"))
    ('1250.5', '100')
    """
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def render(rows: Iterable[dict[str, Any]]) -> str:
    """Return a JSON list with one row a line, so that a change shows as one line."""
    return "[\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n]\n"
