"""What an app may change of a credit note: its own keys and values."""

from collections.abc import Mapping

from odoo import api, models


class BillingCreditNoteUpdate(models.AbstractModel):
    _inherit = "fusion.billing.credit.note"

    @api.model
    def _set_metadata(self, note: models.BaseModel, values: Mapping[str, str | None]) -> None:
        """Replace all of it; what stays keeps its date."""
        now = self.env["fusion.billing.serialize"]._instant(self.env.cr.now())
        known = {item["key"]: item["created_at"] for item in note.x_fc_metadata or []}
        note.x_fc_metadata = [
            {"key": key, "value": value, "created_at": known.get(key, now)}
            for key, value in values.items()
        ] or False
