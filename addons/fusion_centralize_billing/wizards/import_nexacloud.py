"""Import from NexaCloud: test the connection, rehearse, run, and read what happened."""

from typing import Any

from odoo import api, fields, models

from ..importers import nexacloud
from ..pipeline.import_report import OBJECTS, OUTCOMES

# What the screen lists; the report itself is complete.
SHOWN_LINES = 1000
SEVERITIES = [
    ("success", "Good"),
    ("info", "Note"),
    ("warning", "Look at this"),
    ("danger", "Wrong"),
]


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
    mode = fields.Selection(
        [("test", "Connection test"), ("dry_run", "Dry run"), ("run", "Import")], readonly=True
    )
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
        report = self.service_id.import_nexacloud(mode)
        self.count_ids.unlink()
        self.line_ids.unlink()
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

    def _prepare_result(self, report: dict[str, Any]) -> dict[str, Any]:
        session = report["session"]
        sentences = [*report["problems"], *report["warnings"]]
        if len(report["lines"]) > SHOWN_LINES:
            sentences.append(
                self.env._(
                    "The list shows the %(shown)s gravest of %(all)s lines.",
                    shown=SHOWN_LINES,
                    all=len(report["lines"]),
                )
            )
        where = session and self.env._(
            "Database %(database)s as %(role)s, PostgreSQL %(server)s, read-only: %(read_only)s",
            **session,
        )
        return {
            "mode": report["mode"],
            "severity": report["severity"],
            "headline": self._headline(report),
            "message": "\n".join(sentences),
            "session": where,
        }

    def _headline(self, report: dict[str, Any]) -> str:
        if report["problems"]:
            return self.env._("Nothing was imported.")
        failed = sum(report[name]["failed"] for name in OBJECTS)
        if failed:
            return self.env._("%(count)s rows failed; the list says why.", count=failed)
        return {
            "test": self.env._("The connection works; everything needed can be read."),
            "dry_run": self.env._("Dry run: this is what would happen. Nothing was written."),
            "run": self.env._("Imported. Nothing is billed before the service goes live."),
        }[report["mode"]]

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
