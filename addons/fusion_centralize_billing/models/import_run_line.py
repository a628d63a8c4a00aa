"""What an import says about one row, and how far an import in the background is."""

from collections.abc import Callable, Sequence

from odoo import api, fields, models
from odoo.tools import SQL

from ..pipeline.import_report import OUTCOMES
from .import_run import SEVERITIES

_TOLD = """
    INSERT INTO fusion_billing_import_progress (run_key, company_key, stage, done, total)
    VALUES (%(run)s, %(company)s, %(stage)s, %(done)s, %(total)s)
    ON CONFLICT (run_key) DO UPDATE
       SET stage = EXCLUDED.stage, done = EXCLUDED.done, total = EXCLUDED.total
"""


class BillingImportLine(models.Model):
    """One row of the source that somebody may want to know about. Worst first."""

    _name = "fusion.billing.import.line"
    _description = "Import Line"
    _rec_name = "external_id"
    _order = "run_id desc, rank, id"

    run_id = fields.Many2one(
        "fusion.billing.import.run", required=True, readonly=True, ondelete="cascade", index=True
    )
    object = fields.Char(required=True, readonly=True)
    external_id = fields.Char(string="ID in the App", readonly=True)
    outcome = fields.Selection(
        [(name, name.capitalize()) for name in OUTCOMES], required=True, readonly=True
    )
    severity = fields.Selection(SEVERITIES, required=True, readonly=True)
    rank = fields.Integer(compute="_compute_rank", store=True)
    reason = fields.Char(readonly=True)

    @api.depends("severity")
    def _compute_rank(self) -> None:
        ranks = {"danger": 0, "warning": 1}
        for line in self:
            line.rank = ranks.get(line.severity, 2)


class BillingImportProgress(models.Model):
    """How far an import is, told while its own transaction is still open.

    A row of its own and no foreign key: the import writes its run only at the end, and neither
    may wait for the other.
    """

    _name = "fusion.billing.import.progress"
    _description = "Import Progress"
    _log_access = False

    run_key = fields.Integer(required=True)
    company_key = fields.Integer(required=True, help="The company of the run's service.")
    stage = fields.Char()
    done = fields.Integer()
    total = fields.Integer()

    _run_uniq = models.UniqueIndex("(run_key)")

    @api.model
    def _teller(self, run_id: int) -> Callable[[str, int, int], None]:
        """A function ``(stage, done, total)`` whose words others can read at once."""

        company_id = self.env["fusion.billing.import.run"].browse(run_id).service_id.company_id.id

        def tell(stage: str, done: int, total: int) -> None:
            words = {"run": run_id, "company": company_id, "stage": stage}
            words |= {"done": done, "total": total}
            with self.env.registry.cursor() as cursor:
                cursor.execute(SQL(_TOLD, **words))

        return tell

    @api.model
    def _of(self, run_ids: Sequence[int]) -> dict[int, tuple[str, int, int]]:
        """Run → (stage, rows done, rows in all)."""
        rows = self.search([("run_key", "in", list(run_ids))])
        rows.invalidate_recordset()
        return {row.run_key: (row.stage, row.done, row.total) for row in rows}
