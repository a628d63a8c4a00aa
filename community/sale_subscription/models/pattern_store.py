"""Writes invoices after their patterns, and what the normal path leaves on order and customer.

All of it in the transaction of the batch: a run that is killed leaves nothing of it, and the unique
index of `sale.subscription.claim` decides between two runs that meet.
"""

import json
import logging

from odoo import api
from odoo.tools import SQL

from .pattern_amounts import Amounts
from .pattern_book import Due
from .pattern_guard import Unlike
from .pattern_rows import Pattern

_logger = logging.getLogger(__name__)


class PatternMismatch(Exception):
    """What was inserted does not add up. The batch is taken back, and billed the normal way."""


class Book:
    """Invoices to write: collected pattern by pattern, inserted in one go."""

    def __init__(self, env: api.Environment):
        self.env = env
        self.heads: list[dict] = []
        self.items: list[dict] = []
        self.sale_lines: list[tuple[int, int]] = []
        self.made: list[tuple[Pattern, Due, Amounts, int]] = []

    @property
    def move_ids(self) -> list[int]:
        return [move_id for *_about, move_id in self.made]

    # === COLLECT === #

    def check(self, pattern: Pattern) -> None:
        """Build the leader's own rows, and compare them with those that the normal path made.

        :raise Unlike: they differ, in the columns named
        """
        own = pattern.head["id"], [item["id"] for item in pattern.items]
        number = pattern.head["sequence_number"], pattern.head["name"]
        head, items = pattern.rows(pattern.leader, number, own)
        head["made_sequence_gap"] = pattern.head["made_sequence_gap"]
        pairs = [("account_move", [head]), ("account_move_line", items)]
        for table, rows in pairs:
            if found := self.env.execute_query(
                SQL(
                    "SELECT to_jsonb(r), to_jsonb(l) FROM %s WHERE to_jsonb(r) <> to_jsonb(l)",
                    _after_pattern(table, rows),
                )
            ):
                names = {
                    name for ours, theirs in found for name in ours if ours[name] != theirs[name]
                }
                raise Unlike(f"its own row would be another: {table}.{', '.join(sorted(names))}")

    def add(self, pattern: Pattern, dues: list[Due]) -> None:
        """Number the invoices of these orders, and keep their rows for `insert`."""
        lines = len(pattern.items)
        ids = iter(self._next_ids("account_move_id_seq", len(dues)))
        item_ids = self._next_ids("account_move_line_id_seq", len(dues) * lines)
        numbers = self._numbers(pattern, len(dues))
        for place, due in enumerate(dues):
            own = next(ids), item_ids[place * lines : (place + 1) * lines]
            head, items = pattern.rows(due, numbers[place], own)
            self.heads.append(head)
            self.items += items
            self.sale_lines += [
                (item_id, due.lines[of].id)
                for item_id, of in zip(own[1], pattern.places, strict=True)
                if of is not None
            ]
            self.made.append((pattern, due, pattern.amounts.of(due), own[0]))

    def _next_ids(self, sequence: str, count: int) -> list[int]:
        query = SQL("SELECT nextval(%s) FROM generate_series(1, %s)", sequence, count)
        return [number for (number,) in self.env.execute_query(query)]

    def _numbers(self, pattern: Pattern, count: int) -> list[tuple[int, str]]:
        """The numbers after the last one. The leader's posting holds the lock on the journal's
        numbers until the end of the transaction: nobody else takes one of them."""
        move = pattern.move
        taken = [
            head["sequence_number"]
            for head, (other, *_rest) in zip(self.heads, self.made, strict=True)
            if other.move.journal_id == move.journal_id
            and other.move.sequence_prefix == move.sequence_prefix
        ]
        query = SQL(
            "SELECT max(sequence_number) FROM account_move"
            " WHERE journal_id = %s AND sequence_prefix = %s",
            move.journal_id.id,
            move.sequence_prefix,
        )
        last = max([*taken, *self.env.execute_query(query)[0]])
        form, values = move._get_sequence_format_param(move.name)
        return [
            (number, form.format(**{**values, "seq": number}))
            for number in range(last + 1, last + 1 + count)
        ]

    # === INSERT === #

    def insert(self) -> None:
        """:raise PatternMismatch: what is in the tables does not add up"""
        for table, rows in (("account_move", self.heads), ("account_move_line", self.items)):
            self._execute(
                SQL(
                    "INSERT INTO %s SELECT r.* FROM %s",
                    SQL.identifier(table),
                    _after_pattern(table, rows),
                )
            )
        self._insert_relations("account.move", self.heads, ())
        self._insert_relations("account.move.line", self.items, ("sale_line_ids",))
        self._insert_values(
            "sale_order_line_invoice_rel", ("invoice_line_id", "order_line_id"), self.sale_lines
        )
        self._insert_values(
            "sale_subscription_claim",
            ("order_id", "period_start", "move_id"),
            [(due.id, due.period[0], move_id) for _pattern, due, _amounts, move_id in self.made],
        )
        self._check_balance()
        # The next number is looked up again: these were not counted by the ORM.
        self.made[0][0].move._get_sequence_cache().clear()

    def _insert_relations(self, model: str, rows: list[dict], but: tuple[str, ...]) -> None:
        """What the leader is linked with (taxes, tags, …), its followers are linked with too."""
        ids = [row["id"] for row in rows]
        leaders = [row["leader"] for row in rows]
        relations = {
            (field.relation, field.column1, field.column2)
            for name, field in self.env[model]._fields.items()
            if field.type == "many2many" and field.store and field.relation and name not in but
        }
        for relation, own, other in sorted(relations):
            self._execute(
                SQL(
                    "INSERT INTO %(relation)s (%(own)s, %(other)s)"
                    " SELECT v.id, r.%(other)s FROM unnest(%(ids)s, %(leaders)s) v(id, leader)"
                    " JOIN %(relation)s r ON r.%(own)s = v.leader",
                    relation=SQL.identifier(relation),
                    own=SQL.identifier(own),
                    other=SQL.identifier(other),
                    ids=ids,
                    leaders=leaders,
                )
            )

    def _insert_values(self, table: str, columns: tuple[str, ...], rows: list[tuple]) -> None:
        self._execute(
            SQL(
                "INSERT INTO %s (%s) VALUES %s",
                SQL.identifier(table),
                SQL(", ").join(map(SQL.identifier, columns)),
                SQL(", ").join(map(SQL, ["%s"] * len(rows), rows)),
            )
        )

    def _execute(self, query: SQL) -> None:
        self.env.cr.execute(query)

    def _check_balance(self) -> None:
        """Each invoice balances, has its leader's number of lines, and is the sum of its lines."""
        expected = [(move_id, len(pattern.items)) for pattern, _due, _amounts, move_id in self.made]
        wrong = self.env.execute_query(
            SQL(
                """
                SELECT v.id
                  FROM unnest(%s, %s) v(id, lines)
                  LEFT JOIN account_move m ON m.id = v.id AND m.state = 'posted'
                  LEFT JOIN res_currency c ON c.id = m.currency_id
                  LEFT JOIN LATERAL (
                       SELECT count(*) AS lines, sum(balance) AS balance,
                              sum(debit - credit) AS sides,
                              -sum(balance) FILTER (WHERE display_type = 'product') AS untaxed,
                              sum(price_subtotal) FILTER (WHERE display_type = 'product') AS net,
                              coalesce(-sum(balance) FILTER (WHERE display_type = 'tax'), 0) AS tax,
                              sum(amount_residual) AS open
                         FROM account_move_line WHERE move_id = v.id AND parent_state = 'posted'
                       ) l ON true
                 WHERE (m.id IS NOT NULL AND l.lines = v.lines AND l.balance = 0 AND l.sides = 0
                        AND l.untaxed = m.amount_untaxed AND l.tax = m.amount_tax
                        AND abs(l.net - l.untaxed) <= c.rounding * v.lines
                        AND m.amount_untaxed + m.amount_tax = m.amount_total
                        AND l.open = m.amount_total AND m.amount_residual = m.amount_total
                       ) IS NOT TRUE
                """,
                [move_id for move_id, _lines in expected],
                [lines for _move_id, lines in expected],
            )
        )
        if wrong:
            ids = ", ".join(str(move_id) for (move_id,) in wrong)
            reason = f"Written after a pattern, these invoices do not add up: {ids}"
            _logger.warning("%s. The batch is billed the normal way.", reason)
            raise PatternMismatch(reason)


def _after_pattern(table: str, rows: list[dict]) -> SQL:
    """``leader l, given e, written r``: each leader's row with the given columns in place."""
    return SQL(
        "jsonb_array_elements(%(rows)s::jsonb) e"
        " JOIN %(table)s l ON l.id = (e->>'leader')::int"
        " CROSS JOIN LATERAL jsonb_populate_record(l, e) r",
        rows=json.dumps(rows),
        table=SQL.identifier(table),
    )
