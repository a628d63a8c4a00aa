"""Import from Lago: test the connection, rehearse, run. The report opens by itself."""

from typing import Any

from odoo import api, fields, models

from ..importers import lago


class LagoImport(models.TransientModel):
    """The screen around ``fusion.billing.service.import_lago``."""

    _name = "fusion.billing.lago.import"
    _description = "Import from Lago"

    service_id = fields.Many2one(
        "fusion.billing.service",
        required=True,
        ondelete="cascade",
        default=lambda self: self._default_service(),
    )
    service_mode = fields.Selection(related="service_id.mode", string="Service Mode")
    connection_set = fields.Boolean(compute="_compute_connection_set")

    @api.model
    def _default_service(self) -> models.BaseModel:
        """The one that still waits in shadow."""
        return self.env["fusion.billing.service"].search([("mode", "=", "shadow")], limit=1)

    @api.depends("service_id")
    def _compute_connection_set(self) -> None:
        """Whether both are set; the key itself is never shown."""
        parameters_sudo = self.env["ir.config_parameter"].sudo()
        self.connection_set = all(map(parameters_sudo.get_param, (lago.URL, lago.KEY)))

    def action_test(self) -> dict[str, Any]:
        """Reach Lago and count what the key may read; nothing is imported."""
        return self._act("test")

    def action_dry_run(self) -> dict[str, Any]:
        """Import beside the screen and roll back: shows exactly what a run would do."""
        return self._act("dry_run")

    def action_run(self) -> dict[str, Any]:
        """Import beside the screen. Repeating it changes nothing unless Lago changed."""
        return self._act("run")

    def _act(self, mode: str) -> dict[str, Any]:
        """A test answers at once. An API is slow and limits its callers: the rest does not keep
        a browser waiting."""
        self.ensure_one()
        runs = self.env["fusion.billing.import.run"]
        if mode != "test":
            self.service_id._check_manager()
            return runs._queue(self.service_id, "lago", mode)._open()
        return runs.browse(self.service_id.import_lago(mode)["run_id"])._open()
