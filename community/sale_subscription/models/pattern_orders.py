"""What an invoice leaves on its order, written for many orders at once.

The same columns that the normal path computes when it links and posts an invoice: quantities and
amounts invoiced, what is left, the states, the day covered, the date of the next invoice.
"""

import json

from odoo import api
from odoo.tools import SQL

from .pattern_amounts import Amounts
from .pattern_book import Due, Line
from .pattern_rows import Pattern


def update_orders(env: api.Environment, made: list[tuple]) -> None:
    """
    :param made: ``[(pattern, due order, amounts, invoice id)]``
    """
    lines, orders = [], []
    for pattern, due, amounts, _move_id in made:
        states = []
        for place, line in enumerate(due.lines):
            if line.billed:
                values = _line_values(pattern, amounts, place, line, due)
                states.append(values["invoice_status"])
                lines.append(values)
            elif not line.kind:
                states.append(line.status)
        orders.append(
            {
                "id": due.id,
                "next_invoice_date": str(max(due.period[2], due.next_date)),
                "invoice_status": _order_status(states),
                "write_uid": pattern.left["order_uid"],
            }
        )
    _update(env, "sale_order_line", lines)
    _update(env, "sale_order", orders)


def _line_values(pattern: Pattern, amounts: Amounts, place: int, line: Line, due: Due) -> dict:
    untaxed = pattern.move.currency_id.round(line.untaxed_invoiced + amounts.subtotals[place])
    covered = max(filter(None, (line.last_invoiced, due.period[1])))
    columns = {
        "qty_invoiced": line.invoiced + line.to_invoice,
        "qty_to_invoice": line.ordered,
        "untaxed_amount_invoiced": untaxed,
        "untaxed_amount_to_invoice": amounts.open[place] - untaxed,
    }
    return {
        "id": line.id,
        "last_invoiced_date": str(covered),
        "invoice_status": pattern.left["line_status"],
        "write_uid": pattern.left["line_uid"],
        **{
            name: pattern.amounts.column(pattern.order_lines[:1], name, columns[name])
            for name in columns
        },
    }


def _order_status(states: list[str]) -> str:
    if "to invoice" in states:
        return "to invoice"
    if all(state == "invoiced" for state in states):
        return "invoiced"
    return "upselling" if all(state in ("invoiced", "upselling") for state in states) else "no"


def _update(env: api.Environment, table: str, rows: list[dict]) -> None:
    """Write these columns of these rows, and when, as the ORM does."""
    names = [name for name in rows[0] if name != "id"]
    columns = SQL(", ").join(
        SQL("%s = v.%s", SQL.identifier(name), SQL.identifier(name)) for name in names
    )
    env.cr.execute(
        SQL(
            "UPDATE %(table)s t SET %(columns)s, write_date = %(now)s"
            "  FROM jsonb_populate_recordset(NULL::%(table)s, %(rows)s::jsonb) v"
            " WHERE t.id = v.id",
            table=SQL.identifier(table),
            columns=columns,
            now=env.cr.now(),
            rows=json.dumps(rows),
        )
    )


def count_invoiced(env: api.Environment, made: list[tuple]) -> None:
    """A customer's rank grows by one an invoice, as on posting."""
    counts: dict[int, int] = {}
    for _pattern, due, _amounts, _move_id in made:
        for partner_id in {due.partner_id, due.commercial_id}:
            counts[partner_id] = counts.get(partner_id, 0) + 1
    partners = env["res.partner"].browse(counts)
    partners.fetch(["customer_rank"])
    for count in set(counts.values()):
        partners.filtered(lambda partner, count=count: counts[partner.id] == count)._increase_rank(
            "customer_rank", count
        )
