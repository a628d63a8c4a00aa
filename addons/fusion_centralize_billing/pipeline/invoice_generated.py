"""`invoice.generated` and `credit_note.generated`: the PDF is there, and this is its address."""

from odoo import api, models

OBJECTS = {"out_invoice": "invoice", "out_refund": "credit_note"}


class BillingInvoiceGenerated(models.AbstractModel):
    _inherit = "fusion.billing.invoice"

    @api.model
    def _tell_generated(self, move: models.BaseModel) -> None:
        """Told once for each PDF; ``file_url`` opens it for 24 hours, the API gives another."""
        move_sudo = move.sudo()
        kind = OBJECTS.get(move_sudo.move_type)
        file_sudo = move_sudo.invoice_pdf_report_id
        alone = kind == "credit_note" and not move_sudo.reversed_entry_id
        if not kind or alone or not file_sudo or move_sudo.state != "posted":
            return
        serialize = self.env["fusion.billing.serialize"]
        url = serialize._file_url(move_sudo)
        self.env["fusion.billing.outbox"]._emit_once(
            move_sudo.x_fc_service_id,
            f"{kind}.generated",
            kind,
            f"generated/{move_sudo.id}/{file_sudo.id}",
            lambda: getattr(serialize, f"_{kind}")(move_sudo) | {"file_url": url},
        )
