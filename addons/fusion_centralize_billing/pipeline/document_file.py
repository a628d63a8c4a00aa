"""A document's PDF: Odoo's own attachment, behind a link that is signed and expires."""

from odoo import api, models
from odoo.tools.misc import hash_sign, verify_hash_signed

from ..engine.errors import NotFound

SCOPE = "fusion_billing_file"
HOURS = 24
PATH = "/api/billing/v1/files/"


class BillingDocumentFile(models.AbstractModel):
    _name = "fusion.billing.document.file"
    _description = "Documents behind Signed Links"

    @api.model
    def _make(self, move: models.BaseModel) -> models.BaseModel:
        """The PDF attachment of a posted document (sudo), rendered now if there is none.

        :return: empty where this server cannot render PDFs
        """
        if move.invoice_pdf_report_id:
            return move.invoice_pdf_report_id
        if self.env["ir.actions.report"].get_wkhtmltopdf_state() not in ("ok", "workers"):
            return move.invoice_pdf_report_id
        # As Send does, without sending to anybody: Odoo keeps the PDF with the invoice.
        company = move.with_company(move.company_id)
        self.env["account.move.send"].sudo()._generate_and_send_invoices(
            company, sending_methods=[]
        )
        move.invalidate_recordset(["invoice_pdf_report_id", "invoice_pdf_report_file"])
        return move.invoice_pdf_report_id

    @api.model
    def _url(self, move: models.BaseModel) -> str | None:
        """A link to the PDF for the next 24 hours, for whoever has it; none without a PDF."""
        if not move.invoice_pdf_report_id:
            return None
        token = hash_sign(self.env(su=True), SCOPE, [move.id], expiration_hours=HOURS)
        return f"{move.get_base_url()}{PATH}{token}"

    @api.model
    def _open(self, token: str) -> models.BaseModel:
        """The attachment (sudo) that a token opens.

        :raise NotFound: ``file_not_found`` for a forged or an expired one
        """
        try:
            payload = verify_hash_signed(self.env(su=True), SCOPE, token)
        except (ValueError, IndexError):
            payload = None
        moves_sudo = self.env["account.move"].sudo()
        attachment = moves_sudo.browse(payload or []).exists().invoice_pdf_report_id
        if not attachment:
            raise NotFound("file")
        return attachment
