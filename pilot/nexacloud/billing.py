"""NexaCloud's own billing: what every customer owes, and the file others are checked against.

    python -m pilot.nexacloud.billing [--dsn postgresql://…] [--until DATE] [--write] [--store]

Without ``--dsn`` the seeded rows are billed in memory. ``--write`` rewrites
``expected_invoices.json`` and ``expected_held.json``; ``--store`` writes into the app's tables,
as its nightly job does: with the winter's invoices, and each billed subscription moved on to its
next period. What was cut over is left to the billing system (`handover.py`).
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from pilot.nexacloud import dataset, handover, other_services, rating
from pilot.nexacloud.invoicing import Held, Invoice, render
from pilot.nexacloud.records import Dataset
from pilot.nexacloud.seed import connect

BILLING_DATE = date(2026, 4, 1)
_HERE = Path(__file__).parent
INVOICES_FILE = _HERE / "expected_invoices.json"
HELD_FILE = _HERE / "expected_held.json"


def everything(
    data: Dataset, until: date, elsewhere: Mapping[str, date] | None = None
) -> tuple[list[Invoice], list[Held]]:
    """Return the invoices of all three services, sorted, and NexaCloud's held subscriptions.

    `elsewhere`: from which day on a subscription of NexaCloud is not its own to bill.
    """
    invoices, held = rating.bill(data, until)
    mine = handover.own(invoices, elsewhere or {}), handover.own(held, elsewhere or {})
    return [*mine[0], *other_services.expected(until)], mine[1]


def documents(data: Dataset, until: date) -> tuple[str, str]:
    """Return the contents of both files."""
    invoices, held = everything(data, until)
    return render(row.as_json() for row in invoices), render(row.as_json() for row in held)


def store(connection: Any, invoices: Sequence[Invoice]) -> int:
    """Write NexaCloud's invoices into the app's tables; what is there already stays. New ones."""
    new = 0
    with connection.cursor() as cursor:
        for invoice in invoices:
            cursor.execute(
                "INSERT INTO invoices (user_id, subscription_id, invoice_date, province, currency,"
                " untaxed, tax, total, taxes) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
                " ON CONFLICT (subscription_id, invoice_date) DO NOTHING RETURNING id",
                (
                    invoice.external_customer_id, invoice.external_subscription_id,
                    invoice.invoice_date, invoice.province, invoice.currency, invoice.untaxed,
                    invoice.tax, invoice.total, json.dumps(invoice.as_json()["taxes"]),
                ),
            )  # fmt: skip
            if row := cursor.fetchone():
                new += 1
                _store_lines(cursor, row[0], invoice)
    return new


def _store_lines(cursor: Any, invoice_id: int, invoice: Invoice) -> None:
    for line in invoice.lines:
        cursor.execute(
            "INSERT INTO invoice_lines (invoice_id, kind, period_start, period_end, quantity,"
            " amount) VALUES (%s, %s, %s, %s, %s, %s)",
            (invoice_id, line.kind, line.period_start, line.period_end, line.quantity, line.amount),
        )


def move_on(
    connection: Any, data: Dataset, until: date, elsewhere: Mapping[str, date] | None = None
) -> None:
    """Give every subscription that the app has billed up to `until` its next period.

    What it held it has not billed.
    """
    plans = {plan.id: plan for plan in data.plans}
    held = {user.id for user in data.users if user.province is None}
    with connection.cursor() as cursor:
        for contract in data.subscriptions:
            if contract.user_id in held:
                continue
            due = rating.due(contract, plans[contract.plan_id], until)
            last = (elsewhere or {}).get(str(contract.id), date.max)
            for end, following in ((end, to) for _start, end, to in due if end < last):
                cursor.execute(
                    "UPDATE subscriptions SET current_period_start = %s, current_period_end = %s"
                    " WHERE id = %s AND current_period_end <= %s",
                    (end, following, contract.id, end),
                )


def summary(invoices: Sequence[Invoice], held: Sequence[Held]) -> str:
    """Return a table by service, province and currency."""
    groups: dict[tuple[str, str, str], list[Invoice]] = defaultdict(list)
    for invoice in invoices:
        groups[invoice.service, invoice.province, invoice.currency].append(invoice)
    lines = [f"{'service':<12} {'prov':<4} {'cur':<3} {'no.':>4} {'untaxed':>11} {'tax':>10}"]
    for (service, province, currency), group in sorted(groups.items()):
        untaxed = sum((each.untaxed for each in group), Decimal(0))
        tax = sum((each.tax for each in group), Decimal(0))
        lines.append(
            f"{service:<12} {province:<4} {currency:<3} {len(group):>4} {untaxed:>11} {tax:>10}"
        )
    lines += [f"held: {each.external_subscription_id}: {each.reason}" for each in held]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="pilot.nexacloud.billing", description=__doc__)
    parser.add_argument("--dsn", help="bill the rows of this database instead of the seed's")
    parser.add_argument("--until", type=date.fromisoformat, default=BILLING_DATE)
    parser.add_argument("--write", action="store_true", help="rewrite the two expected files")
    parser.add_argument("--store", action="store_true", help="write into the app's own tables")
    options = parser.parse_args(arguments)
    if options.store and options.dsn is None:
        parser.error("--store needs --dsn")
    data, elsewhere = _rows(options.dsn)
    invoices, held = everything(data, options.until, elsewhere)
    print(summary(invoices, held))
    print(f"cut over: {len(elsewhere)} subscriptions are billed elsewhere")
    if options.write:
        billed, parked = documents(data, options.until)
        INVOICES_FILE.write_text(billed, encoding="utf-8")
        HELD_FILE.write_text(parked, encoding="utf-8")
    if options.store:
        due = [invoice for invoice in invoices if invoice.service == rating.SERVICE]
        own = [*rating.bill_winter(data), *due]
        with closing(connect(options.dsn)) as connection, connection:
            elsewhere = handover.read(connection, hold=True)
            own = handover.own(own, elsewhere)
            print(f"stored: {store(connection, own)} new of {len(own)}")
            move_on(connection, data, options.until, elsewhere)
    return 0


def _rows(dsn: str | None) -> tuple[Dataset, dict[str, date]]:
    if dsn is None:
        return dataset.build(), {}
    with closing(connect(dsn)) as connection:
        return dataset.read(connection), handover.read(connection)


if __name__ == "__main__":
    sys.exit(main())
