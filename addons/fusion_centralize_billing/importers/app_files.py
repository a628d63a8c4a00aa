"""What an app billed, from a file: one row a line of an invoice. Pure: text in, items out.

Two forms: our own CSV, and the invoice lines that Stripe exports. A wrong row is told by its row
and column as they stand in the file; nothing is given then.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from .app_invoices import StartOf, period_start
from .errors import SourceError

INVOICE = ("external_invoice_id", "external_subscription_id", "external_customer_id",
           "period_start", "period_end", "issued_on", "currency")  # fmt: skip
LINE = ("kind", "code", "name", "quantity", "unit_amount", "amount", "rate")
COLUMNS = INVOICE + LINE
NEEDED = frozenset(COLUMNS[:2]) | {"period_start", "period_end", "currency", "kind", "amount"}

STRIPE_PARAMETER = "fusion_billing.stripe_export_mapping"
STRIPE_COLUMNS = {
    "external_invoice_id": "Invoice id",
    "external_subscription_id": "Subscription id",
    "external_customer_id": "Customer id",
    "issued_on": "Invoice date",
    "currency": "Currency",
    "price": "Price id",
    "usage_type": "Usage type",
    "name": "Description",
    "quantity": "Quantity",
    "unit_amount": "Unit amount",
    "amount": "Line amount",
    "discount": "Discount amount",
    "tax": "Tax amount",
    "tax_code": "Tax name",
    "period_start": "Period start",
    "period_end": "Period end",
}
STRIPE_NEEDED = frozenset(
    {"external_invoice_id", "external_subscription_id", "currency", "amount"}
    | {"period_start", "period_end"}
)
SAID = {
    "value_is_invalid": "cannot be read",
    "value_is_mandatory": "is empty",
    "value_is_out_of_range": "is not after the period's start",
}
KIND_OF = {"metered": "usage", "licensed": "base"}
TEMPLATE = (
    ("A-1", "sub-1", "acme", "2026-03-01", "2026-04-01", "2026-04-01", "CAD",
     "base", "pro", "Pro", "1", "20.00", "20.00", ""),
    ("A-1", "sub-1", "acme", "2026-03-01", "2026-04-01", "2026-04-01", "CAD",
     "usage", "bandwidth", "Bandwidth", "1250.5", "0.05", "12.53", ""),
    ("A-1", "sub-1", "acme", "2026-03-01", "2026-04-01", "2026-04-01", "CAD",
     "tax", "HST", "HST 13%", "", "", "4.23", "13"),
)  # fmt: skip


@dataclass(slots=True)
class Told:
    """Items for ``fusion.billing.app.record``, and where in the file each of them stands."""

    items: list[dict[str, Any]] = field(default_factory=list)
    rows: list[list[int]] = field(default_factory=list)
    columns: Mapping[str, str] = field(default_factory=dict)

    def sentence(self, path: str, codes: list[str]) -> str:
        """``0.lines.1.amount`` as ``Row 3, column amount: cannot be read``."""
        index, *steps = path.split(".")
        rows = self.rows[int(index)]
        row = rows[min(int(steps[1]), len(rows) - 1)] if steps[0] == "lines" else rows[0]
        name = self.columns.get(steps[-1], steps[-1])
        return f"Row {row}, column {name}: {', '.join(SAID.get(code, code) for code in codes)}"


def template() -> str:
    """Our CSV with one invoice as an example."""
    out = io.StringIO()
    csv.writer(out).writerows((COLUMNS, *TEMPLATE))
    return out.getvalue()


def own(content: bytes) -> Told:
    """Our CSV. :raise SourceError: one sentence for each thing that is wrong."""
    names = {name: name for name in COLUMNS}
    head, rows = _table(content)
    problems = _absent(NEEDED, names, head)
    problems += [f"There is no such column as “{name}”." for name in head if name not in names]
    told = Told(columns=names)
    for group in _invoices(rows, problems):
        first = group[0][1]
        for number, row in group[1:]:
            problems += [
                f"Row {number}, column {name}: is not as in row {group[0][0]}, of the same invoice."
                for name in INVOICE
                if row.get(name) != first.get(name)
            ]
        lines = [{name: row.get(name, "") for name in LINE} for _number, row in group]
        told.items.append({name: first.get(name, "") for name in INVOICE} | {"lines": lines})
        told.rows.append([number for number, _row in group])
    if problems:
        raise SourceError(problems)
    return told


def stripe(content: bytes, setting: str | None, start_of: StartOf) -> Told:
    """The invoice lines that Stripe exports, amounts in major units.

    :param setting: JSON, ``{"columns": {ours: theirs}, "prices": {"price_1…": {"kind", "code"}}}``
    :raise SourceError: one sentence for each thing that is wrong
    """
    names, prices = _mapping(setting)
    head, rows = _table(content)
    lower = {name.lower(): name for name in head}
    names = {ours: lower.get(theirs.lower(), theirs) for ours, theirs in names.items()}
    problems = _absent(STRIPE_NEEDED, names, head)
    told = Told(columns=names)
    renamed = [
        (number, {ours: row.get(theirs, "") for ours, theirs in names.items()})
        for number, row in rows
    ]
    for group in _invoices(renamed if not problems else [], problems):
        lines = [_stripe_line(number, row, names, prices, problems) for number, row in group]
        told.items.append(_stripe_item(lines, group[0][1], start_of))
        told.rows.append([number for number, _row in group])
    if problems:
        raise SourceError(problems)
    return told


# ---------------------------------------------------------------------- reading
def _table(content: bytes) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    """Column names, and every row that is not empty with its number in the file."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceError("The file is not in UTF-8: save it as “CSV UTF-8”.") from error
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        head = [name.strip() for name in next(reader, [])]
        rows = [
            (reader.line_num, dict(zip(head, (cell.strip() for cell in cells), strict=False)))
            for cells in reader
            if any(cell.strip() for cell in cells)
        ]
    except csv.Error as error:
        raise SourceError(f"Row {reader.line_num}: this is no CSV ({error}).") from error
    if not rows:
        raise SourceError("The file has no rows below its column names.")
    return head, rows


def _absent(needed: frozenset[str], names: Mapping[str, str], head: list[str]) -> list[str]:
    return [
        f"There is no column “{names[ours]}”. The file has: {', '.join(head)}."
        for ours in sorted(needed)
        if names[ours] not in head
    ]


def _invoices(
    rows: list[tuple[int, dict[str, str]]], problems: list[str]
) -> Iterator[list[tuple[int, dict[str, str]]]]:
    """Rows by their invoice, in the file's order; they need not stand together."""
    groups: dict[str, list[tuple[int, dict[str, str]]]] = {}
    for number, row in rows:
        if name := row.get("external_invoice_id"):
            groups.setdefault(name, []).append((number, row))
        elif not problems:
            problems.append(f"Row {number}: it names no invoice.")
    yield from groups.values()


def _mapping(setting: str | None) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    try:
        told = json.loads(setting) if setting and setting.strip() else {}
        columns, prices = told.get("columns") or {}, told.get("prices") or {}
        if unknown := columns.keys() - STRIPE_COLUMNS.keys():
            raise SourceError(f"{STRIPE_PARAMETER}: there is no “{min(unknown)}”.")
        wrong = [each for each in columns.values() if not isinstance(each, str)]
        wrong += [each for each in prices.values() if "kind" not in each]
    except (ValueError, AttributeError, TypeError) as error:
        raise SourceError(f"{STRIPE_PARAMETER} is not valid: {error}.") from error
    if wrong:
        raise SourceError(f"{STRIPE_PARAMETER} is not valid: {wrong[0]}.")
    return STRIPE_COLUMNS | columns, prices


# ---------------------------------------------------------------------- Stripe
def _stripe_line(
    number: int,
    row: dict[str, str],
    names: Mapping[str, str],
    prices: Mapping[str, Mapping[str, str]],
    problems: list[str],
) -> dict[str, Any]:
    """A row as values; its days and amounts are read, or a problem."""
    kind = KIND_OF.get(row["usage_type"].lower(), "base")
    known = prices.get(row["price"]) or {"kind": kind, "code": row["price"]}
    line: dict[str, Any] = {**row, "kind": known["kind"], "code": known.get("code") or ""}
    for name, read in (
        ("period_start", _day), ("period_end", _day), ("discount", _number), ("tax", _number),
    ):  # fmt: skip
        try:
            line[name] = read(row[name])
        except (ValueError, InvalidOperation):
            problems.append(f"Row {number}, column {names[name]}: cannot be read")
            line[name] = date.max if read is _day else Decimal(0)
    return line


def _stripe_item(
    lines: list[dict[str, Any]], first: Mapping[str, str], start_of: StartOf
) -> dict[str, Any]:
    """The period ends where its usage does, or where the fee that is paid ahead begins."""
    used = [line["period_end"] for line in lines if line["kind"] == "usage"]
    end = max(used) if used else min(line["period_start"] for line in lines)
    told = [
        {name: line[name] for name in ("kind", "code", "name", "quantity", "unit_amount", "amount")}
        for line in lines
    ]
    told += [
        {"kind": "discount", "name": line["name"], "amount": -abs(line["discount"])}
        for line in lines
        if line["discount"]
    ]
    taxes: dict[str, Decimal] = {}
    for line in lines:
        if line["tax"]:
            name = line["tax_code"] or "tax"
            taxes[name] = taxes.get(name, Decimal(0)) + line["tax"]
    told += [{"kind": "tax", "code": name, "amount": amount} for name, amount in taxes.items()]
    external_id = first["external_subscription_id"]
    return {
        "external_invoice_id": first["external_invoice_id"],
        "external_subscription_id": external_id,
        "external_customer_id": first["external_customer_id"],
        "period_start": period_start(lines, end, start_of, external_id),
        "period_end": end,
        "issued_on": first["issued_on"][:10],
        "currency": first["currency"].upper(),
        "lines": told,
    }


def _day(text: str) -> date:
    """Stripe writes ``2026-03-01 00:00:00``, in UTC."""
    return date.fromisoformat(text[:10])


def _number(text: str) -> Decimal:
    return Decimal(text) if text else Decimal(0)
