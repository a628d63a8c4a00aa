"""What NexaCloud billed by itself, from its own two tables, as values for the dual run. Pure.

An invoice of day D is told for the period that ends on D: the usage of that period, and the base
fee that is billed on D.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from psycopg2 import sql

from .nexacloud import NexaCloud

# Start of the period of a subscription (its id) that ends on a day; None where it is not known.
StartOf = Callable[[str, date], date | None]

ZERO = Decimal(0)
LONG = 32  # days: a base fee for longer is one for a year


def invoices(source: NexaCloud, first: date, last: date) -> Iterator[tuple[dict, list[dict]]]:
    """Stream the invoices dated ``first`` to ``last``, both included, each with its lines.

    Both tables are read once, in the order of the invoice's id, beside each other.
    """
    dated = sql.SQL("{} BETWEEN {} AND {}").format(
        source.column("invoices", "invoice_date"), sql.Literal(first), sql.Literal(last)
    )
    of_these = sql.SQL("{} IN (SELECT {} FROM {} WHERE {})").format(
        source.column("invoice_lines", "invoice_id"),
        source.column("invoices", "id"),
        source.table("invoices"),
        dated,
    )
    lines = source.rows("invoice_lines", of_these, ("invoice_id", "id"))
    following = next(lines, None)
    for invoice in source.rows("invoices", dated, ("id",)):
        own = []
        while following and following["invoice_id"] == invoice["id"]:
            own.append(following)
            following = next(lines, None)
        yield invoice, own


def item(invoice: Mapping[str, Any], lines: list[dict], start_of: StartOf) -> dict[str, Any]:
    """One invoice in the shape of ``fusion.billing.app.record._record``."""
    end = invoice["invoice_date"]
    told = [_line(line) for line in lines]
    billed = sum((line["amount"] for line in lines), ZERO)
    told += _rest("other", invoice["untaxed"], billed)
    taxes = {name: Decimal(str(value)) for name, value in (invoice["taxes"] or {}).items()}
    told += [{"kind": "tax", "code": name, "amount": value} for name, value in taxes.items()]
    told += _rest("tax", invoice["tax"], sum(taxes.values(), ZERO))
    external_id = str(invoice["subscription_id"])
    return {
        "external_invoice_id": str(invoice["id"]),
        "external_subscription_id": external_id,
        "external_customer_id": str(invoice["user_id"] or ""),
        "period_start": period_start(lines, end, start_of, external_id),
        "period_end": end,
        "issued_on": end,
        "currency": str(invoice["currency"]).strip().upper(),
        "lines": told,
    }


def period_start(lines: list[dict], end: date, start_of: StartOf, external_id: str) -> date:
    """Start of the period that ends on the day of an invoice with these lines.

    :param lines: with ``period_start`` and ``period_end``, half-open
    """
    return _ended(lines, end) or start_of(external_id, end) or _before(lines, end)


def _line(line: Mapping[str, Any]) -> dict[str, Any]:
    told = {"kind": "base"} if line["kind"] == "base" else {"kind": "usage", "code": line["kind"]}
    return told | {"quantity": line["quantity"], "amount": line["amount"]}


def _rest(kind: str, whole: Decimal | None, known: Decimal) -> list[dict[str, Any]]:
    """What the invoice says in all beyond its parts: a difference of its own, never lost."""
    rest = ZERO if whole is None else whole - known
    name = "Not in the invoice's parts"
    return [{"kind": kind, "code": "rest", "name": name, "amount": rest}] if rest else []


def _ended(lines: list[dict], end: date) -> date | None:
    """Start of the period that a line of the invoice says is over."""
    return min((line["period_start"] for line in lines if line["period_end"] == end), default=None)


def _before(lines: list[dict], end: date) -> date:
    """A month before, or a year, as long as the fee that begins on that day."""
    ahead = max((line["period_end"] for line in lines), default=end)
    months = 12 if (ahead - end).days >= LONG else 1
    year, month0 = divmod(end.year * 12 + end.month - 1 - months, 12)
    following = date(year + (month0 == 11), (month0 + 1) % 12 + 1, 1)
    last = (following - date(year, month0 + 1, 1)).days
    return date(year, month0 + 1, min(end.day, last))
