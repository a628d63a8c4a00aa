"""The dual run of a service: how exactly invoices must agree, and what starts it."""

from datetime import date
from typing import Any

from odoo import api, fields, models
from odoo.exceptions import UserError


class BillingService(models.Model):
    _inherit = "fusion.billing.service"

    reconcile_tax_tolerance = fields.Float(
        string="Tax tolerance",
        digits=(30, 12),
        default=0.01,
        help="In a dual run a tax may differ by this much, as each side rounds its own lines. "
        "Quantities may not differ at all.",
    )

    def read_app_invoices(self, date_from: date | str, date_to: date | str) -> dict[str, Any]:
        """Record what the app billed by itself, from its database. For billing managers, over RPC.

        :param date_from: first invoice date; ``date_to``: the last one, included
        :return: see ``fusion.billing.app.source._read``
        """
        first, last = self._range(date_from, date_to)
        return self.env["fusion.billing.app.source"]._read(self, first, last)

    def compare_app_invoices(self, date_from: date | str, date_to: date | str) -> dict[str, int]:
        """Compare the app's invoices with ours. For billing managers, also over RPC.

        :param date_from: periods that lie within ``[date_from, date_to)`` are compared
        :return: ``{class: rows, "compared": all, "written": how many changed}``
        """
        first, last = self._range(date_from, date_to)
        return self.env["fusion.billing.reconcile"]._run(self, first, last)

    def _import_app_invoices(self, content: bytes, source: str) -> dict[str, Any]:
        """A file of the app's invoices; see ``fusion.billing.app.file._import``."""
        self.ensure_one()
        self._check_manager()
        return self.env["fusion.billing.app.file"]._import(self, content, source)

    def action_compare_wizard(self) -> dict[str, Any]:
        """Compare this service with its app."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "fusion_centralize_billing.action_compare_wizard"
        )
        return {**action, "context": {"default_service_id": self.id}}

    @api.model
    def _default_dual_run(self) -> models.BaseModel:
        """The service that still waits in shadow, else the only one."""
        shadow = self.search([("mode", "=", "shadow")], limit=2)
        found = shadow or self.search([("active", "=", True)], limit=2)
        return found if len(found) == 1 else found.browse()

    def _range(self, date_from: date | str, date_to: date | str) -> tuple[date, date]:
        """Both days, once it is sure that the user may ask at all."""
        self.ensure_one()
        self._check_manager()
        first, last = fields.Date.to_date(date_from), fields.Date.to_date(date_to)
        if not first or not last or first > last:
            raise UserError(self.env._("Give two days, the earlier one first."))
        return first, last
