"""What a piece of work wrote to the database: every row of every table, made comparable.

Rows are found by the transaction that wrote them, so no list of tables has to be kept: what another
module writes on the way is compared like the rest.
"""

import json
import re

from odoo import api
from odoo.tools import SQL

MARK = "sale_subscription_pattern_mark"
WAKING = "ir_cron_trigger"
# Which order a row belongs to is told by these columns; invoices and their lines by theirs.
OWNERS = {
    "sale_order": "id",
    "sale_order_line": "order_id",
    "account_move": "id",
    "account_move_line": "move_id",
    "res_partner": "id",
}


class Snapshot:
    """Begin it, do the work, then `take` what was written since.

    :ivar rows: ``{(table, order id or None): [row as text]}``, each list sorted
    """

    def __init__(self, env: api.Environment):
        self.env = env
        self.rows: dict[tuple[str, int | None], list[str]] = {}
        env.cr.execute(SQL("DROP TABLE IF EXISTS %s", SQL.identifier(MARK)))
        env.cr.execute(SQL("CREATE TEMP TABLE %s AS SELECT 1 AS one", SQL.identifier(MARK)))
        self.before = self._counts()

    def _counts(self) -> dict[str, tuple]:
        query = SQL(
            "SELECT relname, n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_xact_user_tables"
            " WHERE schemaname = current_schema"
        )
        return {name: tuple(counts) for name, *counts in self.env.execute_query(query)}

    def take(self) -> "Snapshot":
        self.env.cr.flush()
        after = self._counts()
        touched = sorted(name for name in after if after[name] != self.before.get(name))
        written = {table: self._written(table) for table in touched}
        replace = _Replacement(self.env, written)
        for table in touched:
            before = self.before.get(table)
            deleted = after[table][2] - (before[2] if before else 0)
            self.rows[f"{table}, rows deleted", None] = [str(deleted)] if deleted else []
            for row in written[table]:
                order_id = replace.order_of(table, row)
                self.rows.setdefault((table, order_id), []).append(replace.text(table, row))
        for (table, _order_id), rows in self.rows.items():
            # Waking a job once is as good as waking it for each invoice.
            rows[:] = sorted(set(rows) if table == WAKING else rows)
        return self

    def _written(self, table: str) -> list[dict]:
        """Rows whose present version is not older than the mark."""
        query = SQL(
            "SELECT to_jsonb(t)::text FROM %s t, %s m WHERE age(t.xmin) <= age(m.xmin)",
            SQL.identifier(table),
            SQL.identifier(MARK),
        )
        # As text, so that 49.00 and 49.0 are two things.
        return [json.loads(row, parse_float=str) for (row,) in self.env.execute_query(query)]


class _Replacement:
    """Puts names in place of keys and numbers, which two invoices never share."""

    def __init__(self, env: api.Environment, written: dict[str, list[dict]]):
        self.moves = {row["id"]: row for row in written.get("account_move", [])}
        self.items: dict[int, str] = {}
        self.first: dict[int, int] = {}  # sequence of the first line, by invoice
        self.orders: dict[int, int] = {}  # by invoice
        for claim in written.get("sale_subscription_claim", []):
            self.orders[claim["move_id"]] = claim["order_id"]
        items = sorted(written.get("account_move_line", []), key=lambda row: row["id"])
        counts: dict[int, int] = {}
        for row in items:
            move_id = row["move_id"]
            counts[move_id] = counts.get(move_id, 0) + 1
            self.items[row["id"]] = f"line {counts[move_id]} of {self._move(move_id)}"
            self.first[move_id] = min(row["sequence"], self.first.get(move_id, row["sequence"]))
        self.sale_lines = {row["id"]: row["order_id"] for row in written.get("sale_order_line", [])}
        self.items_order = {row["id"]: self.orders.get(row["move_id"]) for row in items}
        self.keys = self._foreign_keys(env)

    def _move(self, move_id: int) -> str:
        return f"invoice of order {self.orders.get(move_id)}"

    def _foreign_keys(self, env: api.Environment) -> dict[tuple[str, str], str]:
        """``{(table, column): table}`` for what refers to an invoice or one of its lines."""
        query = SQL(
            """
            SELECT c.conrelid::regclass::text, a.attname, c.confrelid::regclass::text
              FROM pg_constraint c
              JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
             WHERE c.contype = 'f'
               AND c.confrelid IN ('account_move'::regclass, 'account_move_line'::regclass)
            """
        )
        return {(table, column): to for table, column, to in env.execute_query(query)}

    def order_of(self, table: str, row: dict) -> int | None:
        """The order that the row is about, as far as it can be told."""
        if table == "sale_order":
            return row["id"]
        if "order_id" in row:
            return row["order_id"]
        if table == "account_move":
            return self.orders.get(row["id"])
        for name, value in row.items():
            to = self.keys.get((table, name))
            if to == "account_move" and value in self.orders:
                return self.orders[value]
            if to == "account_move_line" and value in self.items_order:
                return self.items_order[value]
        return None

    def text(self, table: str, row: dict) -> str:
        row = dict(row)
        move_id = row["id"] if table == "account_move" else row.get("move_id")
        for name, value in row.items():
            to = self.keys.get((table, name))
            if to == "account_move" and value in self.moves:
                row[name] = self._move(value)
            elif to == "account_move_line" and value in self.items:
                row[name] = self.items[value]
        if table == "account_move_line":
            row["id"] = self.items[row["id"]]
            if row["sequence"] < 10000:
                row["sequence"] -= self.first[move_id]
        elif table not in OWNERS or table == "account_move":
            row.pop("id", None)
        if table == WAKING:
            row.pop("call_at")
        if table == "res_partner":
            # A customer's rank is stored by whichever query comes next, and in its user's name.
            row.pop("write_uid")
        if table == "account_move":
            # The first of a batch tells whether there was a gap before it.
            row.update(sequence_number="number", made_sequence_gap="?")
        text = json.dumps(row, sort_keys=True, ensure_ascii=False)
        number = self.moves.get(move_id, {}).get("name")
        return re.sub(rf"{re.escape(number)}(?!\d)", "NUMBER", text) if number else text
