"""Compare what an app billed with what we bill, and see how many of each class there are."""

from datetime import date
from typing import Any

from markupsafe import Markup

from odoo import api, fields, models

from ..models.reconciliation_line import CLASSES


class CompareWizard(models.TransientModel):
    """The screen around ``fusion.billing.service.compare_app_invoices``."""

    _name = "fusion.billing.compare.wizard"
    _description = "Compare Invoices with the App"

    service_id = fields.Many2one(
        "fusion.billing.service",
        required=True,
        ondelete="cascade",
        default=lambda self: self.env["fusion.billing.service"]._default_dual_run(),
    )
    date_from = fields.Date(
        string="From", required=True, default=lambda self: self._month(2),
        help="Periods that begin on that day or later.",
    )  # fmt: skip
    date_to = fields.Date(
        string="To (exclusive)", required=True, default=lambda self: self._month(0),
        help="Periods that end on that day or earlier.",
    )  # fmt: skip
    told_count = fields.Integer(string="Invoices of the app", compute="_compute_told_count")
    counts = fields.Json(readonly=True)
    result = fields.Html(compute="_compute_result")

    @api.model
    def _month(self, back: int) -> date:
        """The first day of this month, or of one before."""
        today = fields.Date.context_today(self).replace(day=1)
        return fields.Date.subtract(today, months=back)

    @api.depends("service_id", "date_from", "date_to")
    def _compute_told_count(self) -> None:
        for wizard in self:
            wizard.told_count = self.env["fusion.billing.app.invoice"].search_count(
                wizard._domain()
            )

    @api.depends("counts")
    def _compute_result(self) -> None:
        words = dict(self.env["fusion.billing.reconciliation"]._classes())
        row = Markup("<tr><td>%s</td><td class='text-end'>%s</td></tr>")
        table = Markup("<table class='table table-sm w-auto'>%s</table>")
        for wizard in self:
            counts = wizard.counts or {}
            rows = [row % (words[name], counts[name]) for name, _label in CLASSES if name in counts]
            rows += [row % (self.env._("All"), counts.get("compared", 0))]
            wizard.result = table % Markup().join(rows) if wizard.counts is not False else False

    def _domain(self) -> list:
        """Periods of the service that lie within the days."""
        return [
            ("service_id", "=", self.service_id.id),
            ("period_start", ">=", self.date_from),
            ("period_end", "<=", self.date_to),
        ]

    def action_compare(self) -> dict[str, Any]:
        """Compare, and show how many of each class were found."""
        self.ensure_one()
        self.counts = self.service_id.compare_app_invoices(self.date_from, self.date_to)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Compare with the app"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_open(self) -> dict[str, Any]:
        """The reconciliations of these days."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "fusion_centralize_billing.action_reconciliation"
        )
        return {**action, "domain": self._domain(), "context": {}}
