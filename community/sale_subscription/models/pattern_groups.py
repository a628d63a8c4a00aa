"""Which of the due orders are written after which, and what their shape is called."""

import hashlib
import json
from fractions import Fraction

from odoo import api
from odoo.tools import SQL

from . import pattern_book
from .pattern_book import Due
from .pattern_guard import asks_for_each_order


class Group(list):
    """Orders whose invoices differ in nothing but customer, amounts and names; first the leader."""

    shape: "Shape"


class Shape:
    """What a comparison run approves: the kind of invoice, without customers, days and prices."""

    def __init__(self, facts: dict, words: str):
        self.facts = facts
        self.words = words
        self.key = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def group(env: api.Environment, dues: list[Due]) -> list[Group]:
    """Groups of two and more orders, each with its shape."""
    _set_periods(env, dues)
    groups: dict[tuple, Group] = {}
    for due in dues:
        if due.period:
            groups.setdefault(_likeness(due), Group()).append(due)
    large = [found for found in groups.values() if len(found) > 1]
    _set_shapes(env, large)
    return large


def _likeness(due: Due) -> tuple:
    lines = [(line.likeness, bool(line.price), bool(line.discount)) for line in due.lines]
    ends = bool(due.end and due.end <= due.period[1])
    return due.company_id, due.likeness, due.period, ends, *lines


def _set_periods(env: api.Environment, dues: list[Due]) -> None:
    """Ask each kind of order once; each order if another module has a say in its dates."""
    known: dict[tuple, tuple] = {}
    always = asks_for_each_order(env, env["sale.order"]._get_pattern_modules())
    for due in dues:
        covered = max(
            (line.last_invoiced for line in due.lines if line.last_invoiced), default=None
        )
        key = (
            due.id if always else None,
            *(due.likeness, due.start, due.end, due.next_date, covered),
            *(line.likeness for line in due.lines),
        )
        if key not in known:
            known[key] = _ask_period(env, due, covered)
        due.period = known[key]


def _ask_period(env: api.Environment, due: Due, covered) -> tuple:
    """``(first day, last day, date of the next invoice)``; empty for a part of a period."""
    order = env["sale.order"].browse(due.id)
    billed = env["sale.order.line"].browse([line.id for line in due.lines if line.billed])
    answers = {line._get_invoice_line_parameters()[:3] for line in billed}
    if len(answers) != 1:
        return ()
    start, stop, ratio = answers.pop()
    if ratio != Fraction(1) or start > stop or (covered and covered >= start):
        return ()
    return start, stop, order._get_due_date(stop + pattern_book.ONE_DAY)


def _set_shapes(env: api.Environment, groups: list[Group]) -> None:
    if not groups:
        return
    leaders = [found[0].id for found in groups]
    rows = dict(
        env.execute_query(
            SQL(
                """
                SELECT o.id, jsonb_build_object(
                    'columns', to_jsonb(array(SELECT jsonb_object_keys(
                        jsonb_strip_nulls(to_jsonb(o)) - %s::text[]) ORDER BY 1)),
                    'lines', (SELECT jsonb_agg(to_jsonb(array(SELECT jsonb_object_keys(
                        jsonb_strip_nulls(to_jsonb(l)) - %s::text[]) ORDER BY 1))
                        ORDER BY l.sequence, l.id)
                        FROM sale_order_line l WHERE l.order_id = o.id))
                  FROM sale_order o WHERE o.id IN %s
                """,
                pattern_book.ORDER_FREE,
                pattern_book.LINE_FREE,
                tuple(leaders),
            )
        )
    )
    for found in groups:
        found.shape = _shape(env["sale.order"].browse(found[0].id), found[0], rows[found[0].id])


def _shape(order, due: Due, columns: dict) -> Shape:
    """The facts that name the shape, and the same in words for a person."""
    taxes = {line.id: line.tax_ids for line in order.order_line}
    plan = order.plan_id
    facts = {
        "company": order.company_id.id,
        "rounding": order.company_id.tax_calculation_rounding_method,
        "currency": order.currency_id.name,
        "journal": order.journal_id.id,
        "position": order.fiscal_position_id.id,
        "term": order.payment_term_id.id,
        "lang": order.partner_invoice_id.lang,
        "arrears": plan.bill_end_period,
        "mailed": bool(plan.invoice_mail_template_id),
        "order columns": columns["columns"],
        "lines": [
            {
                "kind": line.kind or "product",
                "billed": line.billed,
                "taxes": sorted(taxes[line.id].ids),
                "discount": bool(line.discount),
                "free": not line.price,
                "columns": names,
            }
            for line, names in zip(due.lines, columns["lines"], strict=True)
        ],
    }
    return Shape(facts, _words(order, due, taxes))


def _words(order, due: Due, taxes: dict) -> str:
    lines = []
    for line in due.lines:
        parts = [line.kind.removeprefix("line_") if line.kind else "product"]
        parts += taxes[line.id].mapped("name")
        parts += ["discounted"] * bool(line.discount) + ["once"] * (
            not line.billed and not line.kind
        )
        lines.append(" ".join(parts))
    head = [
        order.currency_id.name,
        "in arrears" if order.plan_id.bill_end_period else "in advance",
        order.journal_id.name,
        order.fiscal_position_id.name,
        order.payment_term_id.name,
    ]
    return f"{', '.join(filter(None, head))}: {'; '.join(lines)}"
