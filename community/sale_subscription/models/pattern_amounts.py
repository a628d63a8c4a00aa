"""The amounts of an invoice after a pattern, from the completer of the normal path, and so from
Odoo's own tax engine. Orders of one group with equal prices have equal amounts: asked for once.
"""

import copy

from odoo.tools import float_repr

from .invoice_shapes import PlainPath
from .invoice_values import InvoiceCompleter
from .pattern_book import Due, Line
from .pattern_guard import Unlike

# What two lines in the same place must have in common to be each other's pattern.
ALIKE = ("display_type", "account_id", "tax_ids", "tax_tag_ids", "tax_repartition_line_id")
MOVE_AMOUNTS = {
    "amount_untaxed": "product",
    "amount_untaxed_signed": "product",
    "amount_untaxed_in_currency_signed": "product",
    "amount_tax": "tax",
    "amount_tax_signed": "tax",
    "amount_total": "total",
    "amount_total_signed": "total",
    "amount_total_in_currency_signed": "total",
    "amount_residual": "total",
    "amount_residual_signed": "total",
}


class Amounts:
    """Column values of one set of prices: of the invoice, and of each of its lines."""

    def __init__(self, move: dict, lines: list[dict], subtotals: list[float]):
        self.move = move
        self.lines = lines
        self.subtotals = subtotals  # by the order's lines, None for what is not billed
        self.open: list[float | None] = []  # what is left to invoice before this invoice


class PatternAmounts:
    """Amounts for the orders of one group."""

    def __init__(self, move, order_lines, prepared: dict):
        """
        :param move: the leader's invoice
        :param order_lines: the lines of its order
        :param prepared: the values that the normal path made it of
        """
        self.env = move.env
        self.move = move
        self.order_lines = order_lines
        self.prepared = prepared
        self.completer = InvoiceCompleter(self.env)
        self.stored: dict[tuple, str | None] = {}
        self.known: dict[tuple, Amounts] = {}

    def follow(self, leader: Due, items: list[dict], places: list[int | None]) -> None:
        """
        :param items: rows of the leader's invoice lines
        :param places: of the order's lines, by invoice line
        :raise Unlike: the leader's invoice is not what its prices call for
        """
        self.leader, self.items, self.places = leader, items, places
        self.completed = self._complete(leader)
        if len(self.completed) != len(items):
            raise Unlike("it has other lines than its amounts call for")
        self.base_lines = self._base_lines()

    def _complete(self, due: Due) -> list[dict]:
        """Values of all lines, as the normal path completes them, for this order's prices."""
        values = copy.copy(self.prepared)
        by_line = dict(zip((line.id for line in self.leader.lines), due.lines, strict=True))
        commands = []
        for command in values["invoice_line_ids"]:
            line = dict(command[2])
            links = [link[1] for link in line.get("sale_line_ids", ())]
            if len(links) != 1 or links[0] not in by_line:
                raise Unlike("an invoice line stands for no line of the order")
            own: Line = by_line[links[0]]
            if own.billed:
                line.update(price_unit=own.price, quantity=own.to_invoice, discount=own.discount)
            commands.append((command[0], command[1], line))
        values["invoice_line_ids"] = commands
        try:
            return [command[2] for command in self.completer.complete(values)["line_ids"]]
        except PlainPath as reason:
            raise Unlike(str(reason)) from reason

    def of(self, due: Due) -> Amounts:
        """:raise Unlike: these prices call for other lines than the leader's"""
        if due.amounts not in self.known:
            self.known[due.amounts] = self._amounts(due)
        return self.known[due.amounts]

    def _amounts(self, due: Due) -> Amounts:
        completed = self._complete(due)
        if [_alike(line) for line in completed] != [_alike(line) for line in self.completed]:
            raise Unlike("its taxes make other lines")
        sums = {"product": 0.0, "tax": 0.0}
        lines, subtotals, left = [], [None] * len(due.lines), [None] * len(due.lines)
        for item, place, values in zip(self.items, self.places, completed, strict=True):
            own = due.lines[place] if place is not None else None
            columns = self._line_columns(item, values, own)
            if own and own.billed:
                subtotals[place] = float(columns["price_subtotal"])
                left[place] = self._price_of_period(place, own)
            if item["display_type"] in sums:
                sums[item["display_type"]] += values["balance"]
            lines.append(written(columns, item))
        currency = self.move.currency_id
        sums = {kind: currency.round(-value) for kind, value in sums.items()}
        sums["total"] = currency.round(sums["product"] + sums["tax"])
        if currency.compare_amounts(sums["total"], 0.0) <= 0:
            raise Unlike("there is nothing to pay")
        head = {name: self.column(self.move, name, sums[of]) for name, of in MOVE_AMOUNTS.items()}
        found = Amounts(head, lines, subtotals)
        found.open = left
        return found

    def _line_columns(self, item: dict, values: dict, own: Line | None) -> dict:
        if item["display_type"] not in ("product", "tax", "payment_term"):
            return {}
        balance, amount = values["balance"], values["amount_currency"]
        columns = {
            "balance": balance,
            "amount_currency": amount,
            "debit": max(balance, 0.0),
            "credit": max(-balance, 0.0),
        }
        if item["amount_residual"]:
            columns |= {"amount_residual": balance, "amount_residual_currency": amount}
        if item["display_type"] == "tax":
            columns["tax_base_amount"] = values.get("tax_base_amount")
        if own:
            subtotal, total = self._totals(item, values, own)
            columns |= {
                "price_unit": own.price,
                "quantity": own.to_invoice,
                "discount": own.discount,
                "price_subtotal": subtotal,
                "price_total": total,
            }
        line = self.env["account.move.line"].browse(item["id"])
        return {name: self.column(line, name, value) for name, value in columns.items()}

    def column(self, record, name: str, value: float | None) -> str | None:
        """The value as the ORM stores it, as text: money keeps its cents."""
        key = record._name, name, value
        if key not in self.stored:
            field = record._fields[name]
            if field.type == "monetary":  # in the one currency of invoice, order and company
                currency = self.move.currency_id
                amount = currency.round(value or 0.0)
                self.stored[key] = float_repr(amount, currency.decimal_places)
            else:
                stored = field.convert_to_column_insert(value, record)
                self.stored[key] = None if stored is None else str(stored)
        return self.stored[key]

    def _base_lines(self) -> dict[int, dict]:
        return {
            line.id: self.move._prepare_product_base_line_for_taxes_computation(line)
            for line in self.move.line_ids
            if line.display_type == "product"
        }

    def _totals(self, item: dict, values: dict, own: Line) -> tuple[float, float]:
        """Subtotal and total of the line by itself, as `account.move.line` computes them."""
        if "price_subtotal" in values:
            return values["price_subtotal"], values["price_total"]
        base = dict(
            self.base_lines[item["id"]],
            price_unit=own.price,
            quantity=own.to_invoice,
            discount=own.discount,
        )
        taxes, company = self.env["account.tax"], self.move.company_id
        taxes._add_tax_details_in_base_line(base, company)
        taxes._round_base_lines_tax_details([base], company)
        details = base["tax_details"]
        return details["total_excluded_currency"], details["total_included_currency"]

    def _price_of_period(self, place: int, own: Line) -> float:
        """What the order line has to invoice in all, as `sale` computes it."""
        price = own.price * (1 - own.discount / 100.0)
        line = self.order_lines.browse(self.leader.lines[place].id)
        if not any(line.tax_ids.mapped("price_include")):
            return price * own.ordered
        found = line.tax_ids.compute_all(
            price,
            currency=line.currency_id,
            quantity=own.ordered,
            product=line.product_id,
            partner=line.order_id.partner_shipping_id,
        )
        return found["total_excluded"]


def written(columns: dict, row: dict) -> dict:
    """Columns that the leader has a value in: what is empty there stays empty."""
    return {name: value for name, value in columns.items() if row[name] is not None}


def _alike(line: dict) -> tuple:
    commands = [line.get(name) for name in ALIKE]
    return (*map(repr, commands), str(line.get("date_maturity")))
