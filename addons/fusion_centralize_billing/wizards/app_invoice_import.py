"""What an app billed by itself, brought in by a person: a file, or the app's database."""

import base64
from datetime import date
from typing import Any

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..importers import app_files
from ..models.import_run import SEVERITIES
from ..pipeline.app_record import OUTCOMES


class AppInvoiceImport(models.TransientModel):
    """Records and says what became of it. Books nothing; compares nothing yet."""

    _name = "fusion.billing.app.invoice.import"
    _description = "Import of Invoices of an App"

    service_id = fields.Many2one(
        "fusion.billing.service",
        required=True,
        ondelete="cascade",
        default=lambda self: self.env["fusion.billing.service"]._default_dual_run(),
    )
    way = fields.Selection(
        [
            ("csv", "CSV file"),
            ("stripe", "Stripe's export of invoice lines (CSV)"),
            ("database", "The app's database (NexaCloud)"),
        ],
        string="From",
        required=True,
        default="csv",
    )
    file = fields.Binary(attachment=False)
    file_name = fields.Char()
    date_from = fields.Date(string="Invoices dated from", default=lambda self: self._month(1))
    date_to = fields.Date(string="to (included)", default=lambda self: self._month(0))
    template = fields.Binary(compute="_compute_template")
    severity = fields.Selection(SEVERITIES, readonly=True)
    headline = fields.Char(readonly=True)
    message = fields.Text(readonly=True)

    @api.model
    def _month(self, back: int) -> date:
        """The first day of this month, or of one before."""
        today = fields.Date.context_today(self).replace(day=1)
        return fields.Date.subtract(today, months=back)

    def _compute_template(self) -> None:
        self.template = base64.b64encode(app_files.template().encode())

    def action_template(self) -> dict[str, Any]:
        """Download our columns with one invoice as an example."""
        self.ensure_one()
        url = f"/web/content/{self._name}/{self.id}/template/app_invoices.csv?download=true"
        return {"type": "ir.actions.act_url", "url": url, "target": "download"}

    def action_import(self) -> dict[str, Any]:
        """Record; of a file all of it, or nothing."""
        self.ensure_one()
        if self.way == "database":
            report = self.service_id.read_app_invoices(self.date_from, self.date_to)
        elif self.file:
            content = base64.b64decode(self.file)
            report = self.service_id._import_app_invoices(content, self.way)
        else:
            raise UserError(self.env._("Choose a file first."))
        self.write(self._result(report))
        return self._reopen()

    def action_open(self) -> dict[str, Any]:
        """The invoices of the service."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "fusion_centralize_billing.action_app_invoice"
        )
        return {**action, "domain": [("service_id", "=", self.service_id.id)]}

    def action_compare(self) -> dict[str, Any]:
        """Go on to the comparison."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "fusion_centralize_billing.action_compare_wizard"
        )
        return {**action, "context": {"default_service_id": self.service_id.id}}

    def _result(self, report: dict[str, Any]) -> dict[str, Any]:
        said = [f"{line['external_id']}: {line['reason']}" for line in report["lines"]]
        if report["problems"]:
            return {
                "severity": "danger",
                "headline": self.env._("Nothing was recorded."),
                "message": "\n".join(report["problems"]),
            }
        words = dict(self.env["fusion.billing.app.invoice"]._outcomes())
        counts = [f"{report[name]} {words[name]}" for name in OUTCOMES if report[name]]
        return {
            "severity": "warning" if said else "success",
            "headline": self.env._(
                "%(count)s invoices read: %(counts)s.",
                count=report["read"],
                counts=", ".join(counts) or self.env._("none recorded"),
            ),
            "message": "\n".join(said),
        }

    def _reopen(self) -> dict[str, Any]:
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Import app invoices"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }
