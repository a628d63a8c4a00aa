"""The address of a document's PDF in its JSON."""

from odoo import models


class BillingSerializeFile(models.AbstractModel):
    _inherit = "fusion.billing.serialize"

    def _file_url(self, move_sudo: models.BaseModel) -> str | None:
        """The signed link, once there is a PDF."""
        return self.env["fusion.billing.document.file"]._url(move_sudo)
