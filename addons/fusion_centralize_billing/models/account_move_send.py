"""A document that has its PDF now is told to its app."""

from odoo import api, models


class AccountMoveSend(models.AbstractModel):
    _inherit = "account.move.send"

    @api.model
    def _link_invoice_documents(self, invoices_data):
        """Whoever had the PDF made: the API, a person, the run that sends invoices."""
        result = super()._link_invoice_documents(invoices_data)
        for move in invoices_data:
            if move.x_fc_service_id and invoices_data[move].get("pdf_attachment_values"):
                self.env["fusion.billing.invoice"]._tell_generated(move)
        return result
