"""Complete values of customer invoices, by Odoo's own tax engine, before anything is created.

Given only product lines, `account.move.create` makes tax and payment lines afterwards and writes
to every line several times. Given all lines with their amounts, it stores them and is done. The
amounts, accounts, tags and dates are those that Odoo computes: every step here calls the method
that Odoo itself would call, once for many invoices where the answer is the same.
"""

import datetime
from collections.abc import Callable
from typing import NamedTuple

from odoo import Command, api, fields, models

from . import invoice_shapes
from .invoice_shapes import SECTIONS, PlainPath

# What is handed to the tax engine of a line, and changes no amount.
UNTAXED = {"record", "id", "partner_id"}


class Head(NamedTuple):
    """What the lines of an invoice need to know of it."""

    company: models.BaseModel
    currency: models.BaseModel
    partner: models.BaseModel  # the commercial one, which all journal items carry
    position: models.BaseModel
    term: models.BaseModel
    day: datetime.date
    due: datetime.date
    rate: float


class InvoiceCompleter:
    """Completes the values of many invoices; what several of them share is asked for once."""

    def __init__(self, env: api.Environment):
        self.env = env
        self.taxes = env["account.tax"]
        self.line_fields = env["account.move.line"]._fields
        self.today = fields.Date.context_today(env.user)
        self.known: dict[tuple, object] = {}
        self.amounts: dict[tuple, tuple[list[dict], list[dict]]] = {}
        self.engine_is_odoos = invoice_shapes.is_odoos_engine(env)

    def complete(self, values: dict) -> dict:
        """The values with the day, and with ``line_ids`` in place of ``invoice_line_ids``.

        :raise PlainPath: the invoice has something that is not built here
        """
        invoice_shapes.check_invoice(values)
        head = self._head(values)
        self._once(invoice_shapes.check_company, head.company)
        self._once(invoice_shapes.check_term, head.term)
        lines = [dict(command[2]) for command in values["invoice_line_ids"]]
        products = [line for line in lines if line.get("display_type") not in SECTIONS]
        bases = [self._base_line(line, head) for line in products]
        taxes = self._tax_lines(products, bases, head)
        terms = self._term_lines(products, taxes, head)
        rest = {key: value for key, value in values.items() if key != "invoice_line_ids"}
        if not rest.get("journal_id"):
            rest["journal_id"] = self._once(self._journal, head.company, head.currency).id
        made = [Command.create(line) for line in (*lines, *taxes, *terms)]
        return {**rest, "invoice_date": head.day, "line_ids": made}

    def _head(self, values: dict) -> Head:
        company = self.env["res.company"].browse(values["company_id"])
        currency = self.env["res.currency"].browse(values["currency_id"])
        partner = self.env["res.partner"].browse(values["partner_id"])
        day = fields.Date.to_date(values.get("invoice_date")) or self.today
        supplied = fields.Date.to_date(values.get("taxable_supply_date")) or day
        return Head(
            company=company,
            currency=currency,
            partner=partner.commercial_partner_id,
            position=self.env["account.fiscal.position"].browse(values["fiscal_position_id"]),
            term=self.env["account.payment.term"].browse(
                values.get("invoice_payment_term_id") or ()
            ),
            day=day,
            due=fields.Date.to_date(values.get("invoice_date_due")) or self.today,
            rate=self._once(self._rate, company, currency, supplied),
        )

    # === LINES === #

    def _base_line(self, line: dict, head: Head) -> dict:
        """Fill account and taxes in, and return what the tax engine wants to know of the line."""
        product = self.env["product.product"].browse(line.get("product_id"))
        account = self._once(
            self._account, line.get("account_id"), product, head.position, head.company
        )
        taxes = self._line_taxes(line, account, product, head)
        self._once(invoice_shapes.check_taxes, taxes)
        line.update(
            account_id=account.id,
            tax_ids=[Command.set(taxes.ids)],
            partner_id=head.partner.id,
            currency_id=head.currency.id,
            analytic_distribution=False,
        )
        return self.taxes._prepare_base_line_for_taxes_computation(
            {
                "product_id": product,
                "product_uom_id": self.env["uom.uom"].browse(line.get("product_uom_id")),
                "tax_ids": taxes,
                "price_unit": self._stored("price_unit", line["price_unit"]),
                "quantity": self._stored("quantity", line["quantity"]),
                "discount": self._stored("discount", line.get("discount")),
                "currency_id": head.currency,
                "partner_id": head.partner,
                "account_id": account,
                "analytic_distribution": False,
                "name": line.get("name"),
            },
            rate=head.rate,
            sign=-1,
        )

    def _line_taxes(self, line: dict, account, product, head: Head):
        given = line.get("tax_ids")
        if given is None:
            return self._once(self._default_taxes, account, product, head.position, head.company)
        ids = [tax_id for command in given for tax_id in _tax_ids(command)]
        return self.env["account.tax"].browse(ids)

    def _tax_lines(self, lines: list[dict], bases: list[dict], head: Head) -> list[dict]:
        """Write the engine's amounts into the product lines; return the tax lines.

        Invoices with the same lines have the same amounts: the engine is asked once.
        """
        shape = self._tax_shape(bases, head.company)
        if not shape or shape not in self.amounts:
            amounts = self._amounts(bases, head.company)
            self.amounts[shape] = amounts
        products, taxes = self.amounts[shape]
        for line, found in zip(lines, products, strict=True):
            line.update(found)
        return [{**line, "partner_id": head.partner.id} for line in taxes]

    def _tax_shape(self, bases: list[dict], company) -> tuple:
        """All that the amounts hang on. Empty if another module may look at something else."""
        if not self.engine_is_odoos:
            return ()
        kinds = ((key, _in_order(value)) for base in bases for key, value in base.items())
        return company.id, len(bases), *((key, kind) for key, kind in kinds if key not in UNTAXED)

    def _amounts(self, bases: list[dict], company) -> tuple[list[dict], list[dict]]:
        engine = self.taxes
        engine._add_tax_details_in_base_lines(bases, company)
        engine._round_base_lines_tax_details(bases, company)
        engine._add_accounting_data_in_base_lines_tax_details(bases, company)
        result = engine._prepare_tax_lines(bases, company)
        products = [
            {
                **amounts,
                "price_subtotal": base["tax_details"]["total_excluded_currency"],
                "price_total": base["tax_details"]["total_included_currency"],
            }
            for base, amounts in result["base_lines_to_update"]
        ]
        return products, [{**line, "display_type": "tax"} for line in result["tax_lines_to_add"]]

    def _term_lines(self, products: list[dict], taxes: list[dict], head: Head) -> list[dict]:
        account = self._once(self._receivable, head.partner, head.position, head.company)
        shared = {
            "display_type": "payment_term",
            "account_id": account.id,
            "partner_id": head.partner.id,
            "currency_id": head.currency.id,
            "discount_date": False,
            "discount_balance": 0.0,
            "discount_amount_currency": 0.0,
        }
        return [
            {**shared, "date_maturity": due, "balance": balance, "amount_currency": amount}
            for due, (balance, amount) in self._instalments(products, taxes, head).items()
        ]

    def _instalments(
        self, products: list[dict], taxes: list[dict], head: Head
    ) -> dict[datetime.date, tuple[float, float]]:
        """What is due when: ``{day: (in company currency, in the invoice's)}``."""
        own = head.company.currency_id
        if not head.term:
            lines = products + taxes
            total = _owed(lines, "balance", own), _owed(lines, "amount_currency", head.currency)
            return {head.due: total}
        plan = head.term._compute_terms(
            date_ref=head.day,
            currency=head.currency,
            company=head.company,
            tax_amount=_owed(taxes, "balance", own),
            tax_amount_currency=_owed(taxes, "amount_currency", head.currency),
            untaxed_amount=_owed(products, "balance", own),
            untaxed_amount_currency=_owed(products, "amount_currency", head.currency),
            sign=1,
        )
        made: dict[datetime.date, tuple[float, float]] = {}
        for part in plan["line_ids"]:
            due = fields.Date.to_date(part["date"])
            balance, amount = made.get(due, (0.0, 0.0))
            made[due] = balance + part["company_amount"], amount + part["foreign_amount"]
        return made

    # === WHAT ODOO WOULD ANSWER, ASKED ONCE === #

    def _once(self, question: Callable, *about):
        key = (question.__name__, *about)
        if key not in self.known:
            self.known[key] = question(*about)
        return self.known[key]

    def _rate(self, company, currency, day: datetime.date) -> float:
        return self.env["res.currency"]._get_conversion_rate(
            from_currency=company.currency_id, to_currency=currency, company=company, date=day
        )

    def _journal(self, company, currency):
        draft = {"move_type": "out_invoice", "company_id": company.id, "currency_id": currency.id}
        return self.env["account.move"].new(draft)._search_default_journal()

    def _account(self, account_id: int | None, product, position, company):
        if account_id:
            return self.env["account.account"].browse(account_id)
        template = product.with_company(company).product_tmpl_id
        account = template.get_product_accounts(fiscal_pos=position)["income"]
        if not product or not account:
            raise PlainPath("a line has no product, or the product no income account")
        return account

    def _default_taxes(self, account, product, position, company):
        domain = self.taxes._check_company_domain(company)
        taxes = product.taxes_id.filtered_domain(domain) or account.tax_ids.filtered(
            lambda tax: tax.type_tax_use == "sale"
        )
        taxes = taxes._filter_taxes_by_company(company)
        return position.map_tax(taxes) if position and taxes else taxes

    def _receivable(self, partner, position, company):
        account = (
            partner.with_company(company).property_account_receivable_id
            or company.partner_id.with_company(company).property_account_receivable_id
        )
        if not account:
            raise PlainPath("neither customer nor company has a receivable account")
        return position.map_account(account) if position else account

    def _stored(self, name: str, value: float | None) -> float:
        """The number as Odoo rounds it to the field's digits."""
        return self.line_fields[name].convert_to_cache(value or 0.0, self.env["account.move.line"])


def _in_order(value):
    """Something to compare by: records by their ids in order, as taxes count one after another."""
    return (value._name, value._ids) if isinstance(value, models.BaseModel) else value


def _tax_ids(command) -> list[int]:
    if command[0] == Command.SET:
        return list(command[2])
    if command[0] == Command.LINK:
        return [command[1]]
    raise PlainPath("the taxes of a line are given in an unusual way")


def _owed(lines: list[dict], key: str, currency) -> float:
    """What the customer owes for these lines: the other side of their amounts."""
    return -currency.round(sum(line[key] for line in lines))
