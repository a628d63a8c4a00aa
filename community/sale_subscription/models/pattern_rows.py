"""The rows of an invoice after the pattern of its leader: what is its own, the rest is copied."""

from odoo import api
from odoo.tools import SQL

from .pattern_amounts import PatternAmounts, written
from .pattern_book import Due
from .pattern_groups import Group
from .pattern_guard import Unlike, check_leader


class Pattern:
    """The invoice that the normal path made of a group's first order, taken as a pattern.

    :raise Unlike: it is none, for a reason in words
    """

    def __init__(self, env: api.Environment, group: Group, move_id: int | None, prepared: dict):
        self.env = env
        self.group = group
        self.leader: Due = group[0]
        if not move_id or not prepared:
            raise Unlike("the normal path made no invoice of the first one")
        self.move = env["account.move"].browse(move_id)
        self.order = env["sale.order"].browse(self.leader.id)
        self.order_lines = self.order.order_line
        check_leader(self.move)
        self.head = self._row("account_move", "id")[0]
        self.items = self._row("account_move_line", "move_id")
        self.left = self._left()
        self.places = self._places()  # of the order's lines, by invoice line
        self.amounts = PatternAmounts(self.move, self.order_lines, prepared)
        self.amounts.follow(self.leader, self.items, self.places)
        self.names = [self._name(*pair) for pair in zip(self.items, self.places, strict=True)]

    def _row(self, table: str, column: str) -> list[dict]:
        query = SQL(
            "SELECT to_jsonb(t) FROM %s t WHERE %s = %s ORDER BY id",
            SQL.identifier(table),
            SQL.identifier(column),
            self.move.id,
        )
        return [row for (row,) in self.env.execute_query(query)]

    def _left(self) -> dict:
        """What the normal path left of the order that is the same for all of the group: whether
        the next period is due as well, and who is named as the last writer."""
        query = SQL(
            """
            SELECT jsonb_build_object('order_uid', o.write_uid, 'line_uid', l.write_uid,
                                      'line_status', l.invoice_status)
              FROM sale_order o JOIN sale_order_line l ON l.order_id = o.id WHERE l.id = %s
            """,
            next(line.id for line in self.leader.lines if line.billed),
        )
        ((left,),) = self.env.execute_query(query)
        if left["line_status"] not in ("invoiced", "to invoice"):
            raise Unlike("its lines are not invoiced")
        return left

    def _places(self) -> list[int | None]:
        place = {line.id: number for number, line in enumerate(self.leader.lines)}
        query = SQL(
            "SELECT invoice_line_id, order_line_id FROM sale_order_line_invoice_rel"
            " WHERE invoice_line_id IN %s",
            tuple(item["id"] for item in self.items),
        )
        rows = self.env.execute_query(query)
        found = {item_id: place.get(line_id) for item_id, line_id in rows}
        if len(rows) != len(found) or None in found.values():
            raise Unlike("an invoice line stands for no line, or for several, of the order")
        billed = {number for number, line in enumerate(self.leader.lines) if line.billed}
        named = {number for number in found.values() if not self.leader.lines[number].kind}
        if billed != named:
            raise Unlike("it bills other lines than the recurring ones")
        return [found.get(item["id"]) for item in self.items]

    # === NAMES === #

    def _name(self, item: dict, place: int | None) -> tuple[str, str]:
        """What the name of this line is made of, and what follows it: ``(display name, rest)``."""
        if place is not None:
            line = self.env["sale.order.line"].browse(self.leader.lines[place].id)
            lang = self.order.partner_invoice_id.lang
            product = line.product_id.with_context(lang=lang) if lang else line.product_id
            shown = product.display_name or ""
            begins = self._full_name(self.leader.lines[place].name, shown)
        elif item["display_type"] == "payment_term":
            shown, begins = "", _term_name(self.leader.ref, self.move.name)
        else:
            return "", ""
        if not (item["name"] or "").startswith(begins):
            raise Unlike("a line is named in an unusual way")
        return shown, item["name"].removeprefix(begins)

    def _full_name(self, name: str, shown: str) -> str:
        return self.env["account.move.line"]._get_journal_items_full_name(name, shown)

    # === ROWS === #

    def rows(self, due: Due, number: tuple[int, str], ids: tuple[int, list[int]]) -> tuple:
        """``(invoice, lines)`` as JSON objects, each with the row it is written after.

        :param number: sequence number and name of the invoice
        :param ids: of the invoice, and of its lines
        """
        amounts, (move_id, line_ids) = self.amounts.of(due), ids
        name = number[1]
        head = {
            "id": move_id,
            "name": name,
            "sequence_number": number[0],
            "ref": due.ref,
            "invoice_origin": due.name,
            "payment_reference": name,
            "partner_id": due.partner_id,
            "commercial_partner_id": due.commercial_id,
            "partner_shipping_id": due.shipping_id,
            "invoice_partner_display_name": due.partner_name,
            "made_sequence_gap": False,
        }
        leader = {"leader": self.head["id"]}
        head = {**written(head, self.head), **amounts.move, **leader}
        shared = {
            "move_id": move_id,
            "move_name": name,
            "ref": due.ref,
            "partner_id": due.commercial_id,
            "subscription_id": due.id,
        }
        lines = []
        for place, item in enumerate(self.items):
            own = {**shared, "id": line_ids[place]}
            if text := self._own_name(place, due, name):
                own["name"] = text
            lines.append({**written(own, item), **amounts.lines[place], "leader": item["id"]})
        return head, lines

    def _own_name(self, number: int, due: Due, move_name: str) -> str:
        shown, rest = self.names[number]
        place = self.places[number]
        if place is not None:
            return self._full_name(due.lines[place].name, shown) + rest
        if self.items[number]["display_type"] == "payment_term":
            return _term_name(due.ref, move_name) + rest
        return ""


def _term_name(ref: str, name: str) -> str:
    return f"{ref} - {name}" if ref != name else name
