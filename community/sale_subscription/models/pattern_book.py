"""The due orders of a batch, read in two statements and grouped by what makes invoices alike.

Two orders are in one group when every column of the orders, of their lines and of their customers
is equal, but for those named here. So a column that nobody here knows keeps orders apart: those
that differ in it are not written after each other's pattern.
"""

import datetime
from dataclasses import dataclass

from odoo import api
from odoo.tools import SQL

ONE_DAY = datetime.timedelta(days=1)
LOGGED = ["create_date", "create_uid", "write_date", "write_uid"]
# Of an order: its identity, its own amounts and dates. What of it reaches the invoice is written.
ORDER_FREE = [
    *LOGGED,
    "access_token",
    "amount_tax",
    "amount_total",
    "amount_untaxed",
    "client_order_ref",
    "commitment_date",
    "currency_rate",
    "date_order",
    "end_date",
    "first_contract_date",
    "id",
    "internal_note",
    "invoice_status",
    "name",
    "next_invoice_date",
    "origin",
    "origin_order_id",
    "partner_id",
    "partner_invoice_id",
    "partner_shipping_id",
    "recurring_monthly",
    "recurring_total",
    "signed_by",
    "signed_on",
    "start_date",
    "subscription_id",
    "validity_date",
]
LINE_FREE = [
    *LOGGED,
    "customer_lead",
    "discount",
    "id",
    "invoice_status",
    "last_invoiced_date",
    "name",
    "order_id",
    "order_partner_id",
    "parent_line_id",
    "price_reduce_taxexcl",
    "price_reduce_taxinc",
    "price_subtotal",
    "price_tax",
    "price_total",
    "price_unit",
    "product_uom_qty",
    "qty_invoiced",
    "qty_to_invoice",
    "technical_price_unit",
    "untaxed_amount_invoiced",
    "untaxed_amount_to_invoice",
]
# Of a customer: who and where it is. Country, province, language and settings stay.
PARTNER_FREE = [
    *LOGGED,
    "barcode",
    "city",
    "color",
    "comment",
    "commercial_company_name",
    "commercial_partner_id",
    "company_name",
    "company_registry",
    "complete_name",
    "customer_rank",
    "email",
    "email_normalized",
    "function",
    "global_location_number",
    "id",
    "message_bounce",
    "name",
    "parent_id",
    "partner_latitude",
    "partner_longitude",
    "peppol_endpoint",
    "phone",
    "phone_sanitized",
    "ref",
    "signup_type",
    "street",
    "street2",
    "supplier_rank",
    "tz",
    "user_id",
    "vat",
    "website",
    "zip",
]


@dataclass(slots=True)
class Line:
    """One line of an order, with what is its own."""

    id: int
    likeness: str
    kind: str | None  # display type
    recurring: bool
    by_order: bool  # invoiced as ordered
    name: str
    price: float
    discount: float
    ordered: float
    to_invoice: float
    invoiced: float
    untaxed_invoiced: float
    last_invoiced: datetime.date | None
    status: str

    @property
    def billed(self) -> bool:
        return self.recurring and not self.kind


@dataclass(slots=True)
class Due:
    """A due order with its lines, and the period that is next."""

    id: int
    company_id: int
    likeness: str
    name: str
    ref: str
    partner_id: int
    shipping_id: int
    commercial_id: int
    partner_name: str
    plan_id: int
    start: datetime.date | None
    end: datetime.date | None
    next_date: datetime.date
    lines: list[Line]
    period: tuple = ()  # first day, last day, date of the next invoice

    @property
    def amounts(self) -> tuple:
        """All that the amounts of the invoice depend on, within a group."""
        return tuple((line.price, line.to_invoice, line.discount) for line in self.lines)


def read_due(env: api.Environment, orders, companies, today: datetime.date) -> list[Due]:
    """Those of the orders that have nothing about them that is left to the normal path."""
    rows = env.execute_query(
        SQL(
            """
            SELECT o.id, o.company_id,
                   concat_ws('|', md5((to_jsonb(o) - %(order_free)s::text[])::text),
                       p.likeness, o.partner_id = p.id,
                       CASE WHEN s.id = p.id THEN '=' ELSE s.likeness END,
                       CASE WHEN c.id = p.id THEN '=' ELSE c.likeness END),
                   o.name, coalesce(nullif(o.client_order_ref, ''), o.name), p.id, s.id, c.id,
                   p.complete_name, o.plan_id, o.start_date, o.end_date, o.next_invoice_date
              FROM sale_order o
              JOIN res_company y ON y.id = o.company_id AND y.currency_id = o.currency_id
              JOIN %(customer)s p ON p.id = o.partner_invoice_id AND p.name <> ''
              JOIN %(customer)s c ON c.id = p.commercial_partner_id
              JOIN %(customer)s s ON s.id = o.partner_shipping_id
             WHERE o.id IN %(orders)s AND o.company_id IN %(companies)s
               AND o.state = 'sale' AND o.is_subscription
               AND o.subscription_state = '3_progress' AND o.next_invoice_date <= %(today)s
               AND o.payment_token_id IS NULL AND o.last_reminder_date IS NULL
               AND NOT EXISTS (SELECT FROM sale_order_transaction_rel r
                                WHERE r.sale_order_id = o.id)
               AND NOT EXISTS (SELECT FROM sale_subscription_claim k
                                WHERE k.order_id = o.id AND k.period_start >= o.next_invoice_date)
            """,
            customer=SQL(CUSTOMER, free=PARTNER_FREE),
            orders=tuple(orders.ids),
            companies=tuple(companies.ids),
            today=today,
            order_free=ORDER_FREE,
        )
    )
    lines = _read_lines(env, [row[0] for row in rows])
    found = [Due(*row, lines=lines.get(row[0], [])) for row in rows]
    place = {order_id: place for place, order_id in enumerate(orders.ids)}
    return sorted(filter(_is_plain, found), key=lambda due: place[due.id])


CUSTOMER = """LATERAL (
    SELECT r.id, r.name, r.complete_name, r.commercial_partner_id,
           concat(md5((to_jsonb(r) - %(free)s::text[])::text), r.vat IS NULL) AS likeness
      FROM res_partner r)"""


def _read_lines(env: api.Environment, order_ids: list[int]) -> dict[int, list[Line]]:
    if not order_ids:
        return {}
    rows = env.execute_query(
        SQL(
            """
            SELECT l.order_id, l.id,
                   concat(md5((to_jsonb(l) - %(free)s::text[])::text), (
                       SELECT array_agg(r.account_tax_id ORDER BY r.account_tax_id)
                         FROM account_tax_sale_order_line_rel r
                        WHERE r.sale_order_line_id = l.id)),
                   l.display_type, coalesce(l.recurring_invoice, false),
                   NOT coalesce(l.is_downpayment, false)
                       AND t.invoice_policy = 'order' AND t.type <> 'combo'
                       AND NOT EXISTS (SELECT FROM sale_order_line_invoice_rel r
                           JOIN account_move_line i ON i.id = r.invoice_line_id
                          WHERE r.order_line_id = l.id
                            AND (i.discount <> l.discount OR i.parent_state = 'draft')),
                   l.name, l.price_unit, coalesce(l.discount, 0), coalesce(l.product_uom_qty, 0),
                   coalesce(l.qty_to_invoice, 0), coalesce(l.qty_invoiced, 0),
                   coalesce(l.untaxed_amount_invoiced, 0), l.last_invoiced_date, l.invoice_status
              FROM sale_order_line l
              LEFT JOIN product_product v ON v.id = l.product_id
              LEFT JOIN product_template t ON t.id = v.product_tmpl_id
             WHERE l.order_id IN %(orders)s
             ORDER BY l.order_id, l.sequence, l.id
            """,
            free=LINE_FREE,
            orders=tuple(order_ids),
        )
    )
    lines: dict[int, list[Line]] = {}
    for order_id, *values in rows:
        lines.setdefault(order_id, []).append(Line(*values))
    return lines


def _is_plain(due: Due) -> bool:
    """Every recurring line is billed as ordered, and nothing else has something to invoice."""
    billed = [line for line in due.lines if line.billed]
    others = [line for line in due.lines if not line.billed]
    return (
        bool(billed)
        and all(
            line.by_order
            and line.to_invoice == line.ordered > 0
            and line.price >= 0
            and 0 <= line.discount < 100
            for line in billed
        )
        and any(line.price for line in billed)
        and not any(line.to_invoice for line in others)
        and not any(line.status == "no" for line in others if not line.kind)
    )
