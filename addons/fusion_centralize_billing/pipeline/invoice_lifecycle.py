"""Rare ends of an invoice: a draft that is deleted, a dispute that is lost."""

from typing import Any

from odoo import api, models

from ..engine.errors import NotAllowed


class BillingInvoiceLifecycle(models.AbstractModel):
    _inherit = "fusion.billing.invoice.actions"

    @api.model
    def _delete(self, invoice: models.BaseModel) -> dict[str, Any]:
        """Delete a draft: the usage it claimed is open again.

        :return: the invoice as it was, in Lago's shape
        :raise NotAllowed: ``invalid_status`` for anything but a draft; ``not_deletable`` where its
            number would leave a gap, or the company keeps whatever was posted once
        """
        if invoice.state != "draft":
            raise NotAllowed("invalid_status")
        kept = invoice.posted_before and (
            invoice.company_id.restrictive_audit_trail or not invoice.check_move_sequence_chain()
        )
        if kept:
            raise NotAllowed("not_deletable")
        service = invoice.x_fc_service_id
        shown = self.env["fusion.billing.serialize"]._invoice(invoice, full=True)
        invoice.unlink()
        self.env["fusion.billing.outbox"]._emit(service, "invoice.deleted", "invoice", shown)
        return shown

    @api.model
    def _lose_dispute(self, invoice: models.BaseModel) -> None:
        """The customer's bank took the money back for good: nobody is asked for it any more.

        The saved card is not charged again and the invoice is never overdue; who reads it in Odoo
        is told, because the ledger's side (a payment to take back, a loss to book) is theirs.
        Losing it again changes nothing.

        :raise NotAllowed: ``not_disputable`` unless the invoice is finalized
        """
        if invoice.state != "posted" or self._voided(invoice):
            raise NotAllowed("not_disputable")
        if invoice.x_fc_dispute_lost_at:
            return
        service = invoice.x_fc_service_id
        invoice.x_fc_dispute_lost_at = service._now()
        if "next_charge_date" in invoice._fields:
            invoice.next_charge_date = False
        invoice.message_post(
            body=self.env._(
                "%s says that the dispute over this invoice was lost: the card is not charged "
                "again. A payment that was taken back has to be reversed here.",
                service.name,
            )
        )
        shown = self.env["fusion.billing.serialize"]._invoice(invoice, full=True)
        self.env["fusion.billing.outbox"]._emit(
            service,
            "invoice.payment_dispute_lost",
            "payment_dispute_lost",
            {"invoice": shown, "reason": None},
        )
