"""One import that was asked for: test, rehearsal or run. Its report stays, also as a file."""

import base64
import logging
from typing import Any

import psycopg2
from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError

from ..pipeline import import_file
from ..pipeline.import_report import OUTCOMES, ImportReport

_logger = logging.getLogger(__name__)

SEVERITIES = [
    ("success", "Good"),
    ("info", "Note"),
    ("warning", "Look at this"),
    ("danger", "Wrong"),
]
SOURCES = [("nexacloud", "NexaCloud"), ("lago", "Lago")]
MODES = [("test", "Connection test"), ("dry_run", "Dry run"), ("run", "Import")]
# Who performs an import that waits for the background, by its source.
STAGES = {"nexacloud": "fusion.billing.import.nexacloud", "lago": "fusion.billing.import.lago"}


class BillingImportRun(models.Model):
    """The report of one import, whatever its source. Written by the import, read by people.

    ``counts``: ``{object: {"rows", "created", "updated", "unchanged", "skipped", "failed"}}``,
    rows being what the source holds.
    """

    _name = "fusion.billing.import.run"
    _description = "Import Run"
    _order = "id desc"

    service_id = fields.Many2one(
        "fusion.billing.service", required=True, readonly=True, ondelete="cascade", index=True
    )
    source = fields.Selection(SOURCES, required=True, readonly=True)
    mode = fields.Selection(MODES, required=True, readonly=True)
    state = fields.Selection(
        [("waiting", "In the background"), ("done", "Done")],
        required=True,
        readonly=True,
        default="done",
        index=True,
    )
    severity = fields.Selection(SEVERITIES, readonly=True)
    headline = fields.Char(compute="_compute_headline")
    message = fields.Text(readonly=True, help="Problems and warnings, one a line.")
    session = fields.Char(readonly=True, help="What was read, by whom.")
    counts = fields.Json(readonly=True)
    summary = fields.Html(compute="_compute_summary")
    created = fields.Integer(compute="_compute_totals")
    updated = fields.Integer(compute="_compute_totals")
    unchanged = fields.Integer(compute="_compute_totals")
    skipped = fields.Integer(compute="_compute_totals")
    failed = fields.Integer(compute="_compute_totals")
    problem = fields.Boolean(readonly=True, help="The source could not be read: nothing imported.")
    finished_at = fields.Datetime(readonly=True)
    progress = fields.Float(compute="_compute_progress", help="Per cent of the source's rows.")
    stage = fields.Char(compute="_compute_progress")
    line_ids = fields.One2many("fusion.billing.import.line", "run_id", readonly=True)
    file_csv = fields.Binary(compute="_compute_files")
    file_xlsx = fields.Binary(compute="_compute_files")

    @api.depends("source", "mode", "create_date")
    def _compute_display_name(self) -> None:
        sources, modes = dict(SOURCES), dict(MODES)
        for run in self:
            stamp = run.create_date and fields.Datetime.context_timestamp(run, run.create_date)
            when = stamp.strftime(" %Y-%m-%d %H:%M") if stamp else ""
            run.display_name = f"{sources[run.source]}, {modes[run.mode].lower()}{when}"

    @api.depends("counts")
    def _compute_totals(self) -> None:
        for run in self:
            for outcome in OUTCOMES:
                run[outcome] = sum(row.get(outcome, 0) for row in (run.counts or {}).values())

    @api.depends("mode", "state", "problem", "counts")
    def _compute_headline(self) -> None:
        for run in self:
            run.headline = run._headline()

    def _headline(self) -> str:
        if self.state == "waiting":
            return self.env._("Goes on in the background. Nothing is kept before it is all done.")
        if self.problem:
            return self.env._("Nothing was imported.")
        if self.failed:
            return self.env._("%(count)s rows failed; the list says why.", count=self.failed)
        return {
            "test": self.env._("The connection works; everything needed can be read."),
            "dry_run": self.env._("Dry run: this is what would happen. Nothing was written."),
            "run": self.env._("Imported. Nothing is billed before the service goes live."),
        }[self.mode]

    @api.depends("counts")
    def _compute_summary(self) -> None:
        columns = ("rows", *OUTCOMES)
        names = [self.env._("In the app"), *(name.capitalize() for name in OUTCOMES)]
        head = Markup().join(Markup('<th class="text-end">%s</th>') % name for name in names)
        for run in self:
            body = Markup().join(
                Markup("<tr><td>%s</td>%s</tr>")
                % (
                    name.replace("_", " ").capitalize(),
                    Markup().join(
                        Markup('<td class="text-end">%s</td>') % f"{row.get(column, 0):,}"
                        for column in columns
                    ),
                )
                for name, row in (run.counts or {}).items()
            )
            table = Markup('<table class="table table-sm"><tr><th></th>%s</tr>%s</table>')
            run.summary = table % (head, body) if body else False

    @api.depends("state")
    def _compute_progress(self) -> None:
        """Read past the cache: another transaction moves these figures."""
        told = self.env["fusion.billing.import.progress"].sudo()._of(self.ids)
        for run in self:
            stage, done, total = told.get(run.id, ("", 0, 0))
            run.stage = stage if run.state == "waiting" else False
            run.progress = 100.0 if run.state == "done" else 100.0 * done / max(total, 1)

    @api.depends("line_ids")
    def _compute_files(self) -> None:
        for run in self:
            rows = import_file.rows_of(run)
            run.file_csv = base64.b64encode(import_file.as_csv(rows))
            run.file_xlsx = base64.b64encode(import_file.as_xlsx(rows, import_file.counts_of(run)))

    # ------------------------------------------------------------------- actions
    def action_csv(self) -> dict[str, Any]:
        """Download every line as CSV, in UTF-8."""
        return self._download("file_csv", "csv")

    def action_xlsx(self) -> dict[str, Any]:
        """Download counts and lines as a workbook."""
        return self._download("file_xlsx", "xlsx")

    def _download(self, name: str, extension: str) -> dict[str, Any]:
        self.ensure_one()
        file = f"import-{self.source}-{self.mode}-{self.id}.{extension}"
        address = f"/web/content/{self._name}/{self.id}/{name}/{file}?download=true"
        return {"type": "ir.actions.act_url", "url": address, "target": "download"}

    def action_refresh(self) -> dict[str, Any]:
        """Show how far it is."""
        self.ensure_one()
        return self._open()

    def _open(self) -> dict[str, Any]:
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Import report"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "current",
        }

    # ----------------------------------------------------------------- recording
    @api.model
    def _record(
        self, service: models.BaseModel, source: str, report: dict[str, Any]
    ) -> models.BaseModel:
        """Keep a report (``ImportReport.as_dict()``, of whatever objects) for people to read."""
        run_sudo = self.sudo().create(
            {"service_id": service.id, "source": source, "mode": report["mode"]}
        )
        run_sudo._fill(report)
        return run_sudo.with_env(self.env)

    def _fill(self, report: dict[str, Any]) -> None:
        """Write what happened; the caller has given the right to."""
        session = report["session"]
        where = session and self.env._(
            "Database %(database)s as %(role)s, PostgreSQL %(server)s, read-only: %(read_only)s",
            **session,
        )
        self.write(
            {
                "state": "done",
                "severity": report["severity"],
                "problem": bool(report["problems"]),
                "message": "\n".join([*report["problems"], *report["warnings"]]),
                "session": where or False,
                "counts": import_file.counts_in(report),
                "finished_at": fields.Datetime.now(),
            }
        )
        model = self.env["fusion.billing.import.line"]
        model.create([{"run_id": self.id, **line} for line in report["lines"]])

    # ---------------------------------------------------------------- background
    @api.model
    def _queue(self, service: models.BaseModel, source: str, mode: str) -> models.BaseModel:
        """Ask for an import beside the screen: at once, by the scheduler, as this user."""
        run_sudo = self.sudo().create(
            {"service_id": service.id, "source": source, "mode": mode, "state": "waiting"}
        )
        self.env.ref("fusion_centralize_billing.cron_import").sudo()._trigger()
        return run_sudo.with_env(self.env)

    @api.model
    def _cron_import(self) -> None:
        """Perform the oldest import that waits. Killed half-way it still waits, and starts anew."""
        domain = [("state", "=", "waiting")]
        run = self.search(domain, order="id", limit=1).try_lock_for_update()
        if not run:
            return
        stage = self.env[STAGES[run.source]].with_user(run.create_uid)
        service = run.service_id.with_env(stage.env)
        company = service.sudo().company_id
        stage = stage.with_context(allowed_company_ids=company.ids)
        tell = self.env["fusion.billing.import.progress"]._teller(run.id)
        try:
            with self.env.cr.savepoint():
                report = stage._import(service.with_env(stage.env), run.mode, tell)
        except (psycopg2.OperationalError, psycopg2.InterfaceError, ConcurrencyError):
            raise  # of the transaction, not of this import: the scheduler tries again
        except Exception as error:
            # It would fail again, and everything that was asked for after it would wait.
            _logger.exception("Import %s stopped", run.id)
            failed = ImportReport(run.mode)
            failed.problems.append(
                self.env._("It stopped: %s. Odoo's log says where.", type(error).__name__)
            )
            report = failed.as_dict()
        run._fill(report)
        self.env["ir.cron"]._commit_progress(1, remaining=self.search_count(domain))
