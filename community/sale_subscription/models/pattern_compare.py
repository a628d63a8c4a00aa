import json
import logging
from contextlib import contextmanager

from odoo import api, models
from odoo.exceptions import AccessError, UserError

from .pattern_groups import Group
from .pattern_run import MODE
from .pattern_snapshot import Snapshot

_logger = logging.getLogger(__name__)

SHOWN = 20  # differences told in full


class SaleSubscriptionPattern(models.Model):
    """The comparison run: the same due orders billed both ways, and nothing of it kept."""

    _inherit = "sale.subscription.pattern"

    @api.model
    def action_compare(self) -> dict:
        """Run the comparison for the current company, and show its result.

        :raise AccessError: the person does not manage sales
        """
        if not self.env.user.has_group("sales_team.group_sale_manager"):
            raise AccessError(self.env._("Only a manager of sales runs the comparison."))
        report = self._compare_pattern_posting()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": self.env._("Pattern posting: comparison run"),
                "message": report,
                "type": "info",
                "sticky": True,
                "next": {
                    "type": "ir.actions.act_window",
                    "name": self.env._("Proven Invoice Shapes"),
                    "res_model": "sale.subscription.pattern",
                    "views": [[False, "list"]],
                },
            },
        }

    @api.model
    def _compare_pattern_posting(self, limit: int = 200) -> str:
        """Bill up to so many due orders of the company both ways in savepoints that are taken back.

        Every column of every row of every table that either way wrote is compared. Shapes without
        a difference are approved; keys and numbers, which two invoices never share, do not count.

        :return: what was compared, and each difference, in words
        """
        self.env.invalidate_all()  # both ways begin with what the database says
        orders = self.env["sale.order"].with_context(**{MODE: "compare"}, ir_cron_progress_id=False)
        due = orders.search(
            orders._recurring_invoice_domain([("company_id", "=", self.env.company.id)]),
            order="next_invoice_date, id",
            limit=limit,
        )
        groups = due._get_pattern_groups()
        if not groups:
            return self.env._(
                "Nothing to compare: it takes two due subscriptions of one shape, no cards, no"
                " foreign currency, and no other module with a say in invoices (see the log)."
            )
        due = orders.browse([one.id for found in groups for one in found])
        with self._taken_back():
            normal = self._bill(due.with_context(**{MODE: False}))
        with self._taken_back():
            pattern = self._bill(due)
        return self._judge(groups, *normal, *pattern)

    def _bill(self, orders) -> tuple[Snapshot, list[dict]]:
        """:return: what was written, and which orders were billed by rows of a pattern"""
        snapshot = Snapshot(self.env)
        written: list[int] = []
        moves = orders.with_context(pattern_written=written)._invoice_period()
        if len(moves) != len(orders):
            raise UserError(self.env._("Not every due subscription got its invoice."))
        return snapshot.take(), written

    @contextmanager
    def _taken_back(self):
        """All that is done inside is undone, with what it left for after the commit."""
        cr = self.env.cr
        waiting, data = list(cr.postcommit._funcs), dict(cr.postcommit.data)
        savepoint = cr.savepoint()
        try:
            yield
        finally:
            savepoint.close(rollback=True)
            self.env.invalidate_all(flush=False)
            cr.postcommit.clear()
            cr.postcommit.data.update(data)
            for callback in waiting:
                cr.postcommit.add(callback)

    # === RESULT === #

    def _judge(
        self,
        groups: list[Group],
        normal: Snapshot,
        _none: list,
        pattern: Snapshot,
        written: list[int],
    ) -> str:
        wrong, words = self._differences(normal, pattern)
        shapes: dict[str, list[Group]] = {}
        for found in groups:
            shapes.setdefault(found.shape.key, []).append(found)
        report = []
        for same in shapes.values():
            members = [due.id for found in same for due in found]
            rows = sum(
                len(of) for (_table, order_id), of in pattern.rows.items() if order_id in members
            )
            shape = same[0].shape
            if wrong & {None, *members}:
                report.append(self.env._("Not approved, rows differ: %s", shape.words))
            elif not set(written) & set(members):
                report.append(self.env._("Not approved, see the log for why: %s", shape.words))
            else:
                self.sudo()._approve(self.env.company, shape, rows)
                report.append(
                    self.env._(
                        "Approved after %(rows)s equal rows: %(shape)s",
                        rows=rows,
                        shape=shape.words,
                    )
                )
        report += words[:SHOWN]
        if len(words) > SHOWN:
            report.append(self.env._("… and %s more differences.", len(words) - SHOWN))
        _logger.info("Comparison of pattern posting:\n%s", "\n".join(report))
        return "\n".join(report)

    def _differences(self, normal: Snapshot, pattern: Snapshot) -> tuple[set, list[str]]:
        """Orders with a difference (None: not told whose), and each difference in words."""
        wrong, words = set(), []
        for key in sorted(normal.rows.keys() | pattern.rows.keys(), key=str):
            theirs, ours = normal.rows.get(key, []), pattern.rows.get(key, [])
            if theirs != ours:
                table, order_id = key
                wrong.add(order_id)
                name = self.env["sale.order"].browse(order_id).name if order_id else ""
                words += [f"{table} {name}: {told}" for told in _tell(theirs, ours)]
        return wrong, words


def _tell(theirs: list[str], ours: list[str]) -> list[str]:
    if len(theirs) != len(ours):
        return [f"{len(theirs)} rows the normal way, {len(ours)} after the pattern"]
    told = []
    for row, other in zip(theirs, ours, strict=True):
        if row != other:
            told += _tell_row(row, other)
    return told


def _tell_row(row: str, other: str) -> list[str]:
    try:
        left, right = json.loads(row), json.loads(other)
    except ValueError:
        return [f"{row} / {other}"]
    if not isinstance(left, dict):
        return [f"{row} / {other}"]
    return [
        f"{name}: {left[name]!r} the normal way, {right[name]!r} after the pattern"
        for name in left
        if left[name] != right.get(name)
    ]
