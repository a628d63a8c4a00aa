"""Import from NexaCloud: test the connection, rehearse, run, and read what happened."""

from typing import Any

from odoo import api, fields, models

from ..importers import nexacloud
from ..models.import_run import MODES, SEVERITIES
from ..pipeline.import_report import OBJECTS, OUTCOMES

# What the screen lists; the report itself is complete.
SHOWN_LINES = 1000
# Rows of the source that are imported while the browser waits; more go to the background.
AT_ONCE = 5000


class NexacloudImport(models.TransientModel):
    """The screen around ``fusion.billing.service.import_nexacloud``."""

    _name = "fusion.billing.nexacloud.import"
    _description = "Import from NexaCloud"

    service_id = fields.Many2one(
        "fusion.billing.service",
        required=True,
        ondelete="cascade",
        default=lambda self: self._default_service(),
    )
    service_mode = fields.Selection(related="service_id.mode", string="Service Mode")
    connection_set = fields.Boolean(compute="_compute_connection_set")
    run_id = fields.Many2one("fusion.billing.import.run", string="Report", readonly=True)
    mode = fields.Selection(MODES, readonly=True)
    severity = fields.Selection(SEVERITIES, readonly=True)
    headline = fields.Char(readonly=True)
    message = fields.Text(readonly=True)
    session = fields.Char(readonly=True)
    count_ids = fields.One2many("fusion.billing.nexacloud.import.count", "import_id", readonly=True)
    line_ids = fields.One2many("fusion.billing.nexacloud.import.line", "import_id", readonly=True)

    @api.model
    def _default_service(self) -> models.BaseModel:
        """The service of that name, else the one that still waits in shadow."""
        services = self.env["fusion.billing.service"]
        return services.search([("code", "=", "nexacloud")], limit=1) or services.search(
            [("mode", "=", "shadow")], limit=1
        )

    @api.depends("service_id")
    def _compute_connection_set(self) -> None:
        parameters_sudo = self.env["ir.config_parameter"].sudo()
        self.connection_set = bool(parameters_sudo.get_param(nexacloud.PARAMETER))

    def action_test(self) -> dict[str, Any]:
        """Reach the database and check what can be read; nothing is imported."""
        return self._act("test")

    def action_dry_run(self) -> dict[str, Any]:
        """Import and roll back: shows exactly what a run would do."""
        return self._act("dry_run")

    def action_run(self) -> dict[str, Any]:
        """Import. Repeating it changes nothing unless the app changed."""
        return self._act("run")

    def _act(self, mode: str) -> dict[str, Any]:
        self.ensure_one()
        runs = self.env["fusion.billing.import.run"]
        if mode != "test" and self._is_large():
            return runs._queue(self.service_id, "nexacloud", mode)._open()
        report = self.service_id.import_nexacloud(mode)
        self.count_ids.unlink()
        self.line_ids.unlink()
        self.run_id = report["run_id"]
        self.write(self._prepare_result(report))
        self.env["fusion.billing.nexacloud.import.count"].create(self._prepare_counts(report))
        self.env["fusion.billing.nexacloud.import.line"].create(
            [{"import_id": self.id, **line} for line in _worst_first(report)[:SHOWN_LINES]]
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Import from NexaCloud"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }

    def action_csv(self) -> dict[str, Any]:
        """Download the whole report as CSV."""
        return self.run_id.action_csv()

    def action_xlsx(self) -> dict[str, Any]:
        """Download the whole report as a workbook."""
        return self.run_id.action_xlsx()

    def _is_large(self) -> bool:
        """Whether it takes longer than a browser should wait for; unreadable is not large."""
        report = self.env["fusion.billing.import.nexacloud"]._import(self.service_id, "test")
        return sum(report["tables"].values()) > AT_ONCE

    def _prepare_result(self, report: dict[str, Any]) -> dict[str, Any]:
        sentences = [self.run_id.message or ""]
        if len(report["lines"]) > SHOWN_LINES:
            sentences.append(
                self.env._(
                    "The list shows the %(shown)s gravest of %(all)s lines.",
                    shown=SHOWN_LINES,
                    all=len(report["lines"]),
                )
            )
        return {
            "mode": report["mode"],
            "severity": report["severity"],
            "headline": self.run_id.headline,
            "message": "\n".join(filter(None, sentences)),
            "session": self.run_id.session,
        }

    def _prepare_counts(self, report: dict[str, Any]) -> list[dict[str, Any]]:
        tables = {"customers": "users"}
        return [
            {
                "import_id": self.id,
                "object": name,
                "rows": report["tables"].get(tables.get(name, name), 0),
                **report[name],
            }
            for name in OBJECTS
            if report["tables"]
        ]


class NexacloudImportCount(models.TransientModel):
    """One object of the report: how many rows ended how."""

    _name = "fusion.billing.nexacloud.import.count"
    _description = "Import Count"

    import_id = fields.Many2one(
        "fusion.billing.nexacloud.import", required=True, ondelete="cascade"
    )
    object = fields.Selection([(name, name.capitalize()) for name in OBJECTS], required=True)
    rows = fields.Integer(string="In NexaCloud")
    created = fields.Integer()
    updated = fields.Integer()
    unchanged = fields.Integer()
    skipped = fields.Integer()
    failed = fields.Integer()


class NexacloudImportLine(models.TransientModel):
    """One row that somebody may want to know about."""

    _name = "fusion.billing.nexacloud.import.line"
    _description = "Import Line"

    import_id = fields.Many2one(
        "fusion.billing.nexacloud.import", required=True, ondelete="cascade"
    )
    object = fields.Selection([(name, name.capitalize()) for name in OBJECTS], required=True)
    external_id = fields.Char(string="NexaCloud ID")
    outcome = fields.Selection([(name, name.capitalize()) for name in OUTCOMES], required=True)
    severity = fields.Selection(SEVERITIES, required=True)
    reason = fields.Char()


def _worst_first(report: dict[str, Any]) -> list[dict[str, str]]:
    rank = {"danger": 0, "warning": 1}
    return sorted(report["lines"], key=lambda line: rank.get(line["severity"], 2))
