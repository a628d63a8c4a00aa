"""The screen that says whether Lago can be switched off."""

from typing import Any

from odoo import api, fields, models


class LagoChecklist(models.TransientModel):
    """Asked anew each time it is opened or refreshed: an old yes is no yes."""

    _name = "fusion.billing.lago.checklist.wizard"
    _description = "Can Lago be switched off?"

    service_id = fields.Many2one(
        "fusion.billing.service",
        required=True,
        ondelete="cascade",
        default=lambda self: self._default_service(),
    )
    asked_at = fields.Datetime(readonly=True)
    ready = fields.Boolean(compute="_compute_ready")
    line_ids = fields.One2many("fusion.billing.lago.checklist.line", "checklist_id", readonly=True)

    @api.model
    def _default_service(self) -> models.BaseModel:
        """The one that was imported from Lago last."""
        runs = self.env["fusion.billing.import.run"]
        return runs.search([("source", "=", "lago")], limit=1).service_id

    @api.depends("line_ids.ok")
    def _compute_ready(self) -> None:
        for checklist in self:
            checklist.ready = bool(checklist.line_ids) and all(checklist.line_ids.mapped("ok"))

    def action_check(self) -> dict[str, Any]:
        """Ask every point, here and in Lago."""
        self.ensure_one()
        points = self.service_id.lago_checklist()
        self.line_ids.unlink()
        self.asked_at = fields.Datetime.now()
        self.env["fusion.billing.lago.checklist.line"].create(
            [{"checklist_id": self.id, **point} for point in points]
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Can Lago be switched off?"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }


class LagoChecklistLine(models.TransientModel):
    """One point: yes or no, and why."""

    _name = "fusion.billing.lago.checklist.line"
    _description = "Lago Checklist Point"

    checklist_id = fields.Many2one(
        "fusion.billing.lago.checklist.wizard", required=True, ondelete="cascade"
    )
    point = fields.Char(required=True)
    ok = fields.Boolean(string="Yes")
    reason = fields.Char()
