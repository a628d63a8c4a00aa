"""Lago's payment from an account payment."""

from typing import Any

from odoo import models

STATUSES = {"draft": "pending", "in_process": "succeeded", "paid": "succeeded"}


class BillingSerializePayment(models.AbstractModel):
    _inherit = "fusion.billing.serialize"

    def _receipt(self, payment: models.BaseModel, service: models.BaseModel) -> dict[str, Any]:
        """The receipt of a payment that succeeded."""
        payment_sudo = payment.sudo()
        return {
            "lago_id": self._id("payment_receipt", payment_sudo),
            "number": payment_sudo.name or "",
            "payment": self._payment(payment, service),
            "created_at": self._instant(payment_sudo.create_date),
        }

    def _payment(self, payment: models.BaseModel, service: models.BaseModel) -> dict[str, Any]:
        """A payment, with those of its invoices that are this service's.

        ``reference`` is the app's own, else Odoo's memo; never null, as clients insist.
        """
        payment_sudo = payment.sudo()
        invoices = payment_sudo.invoice_ids.filtered(
            lambda move: move.x_fc_service_id == service and move.move_type == "out_invoice"
        ).sorted("id")
        link_sudo = self._invoice_link(invoices[:1])
        status = STATUSES.get(payment_sudo.state, "failed")
        transaction = payment_sudo.payment_transaction_id
        provider = transaction.provider_code or None
        return {
            "lago_id": self._id("payment", payment_sudo),
            "lago_customer_id": self._id("customer", link_sudo),
            "external_customer_id": link_sudo.external_id or None,
            "invoice_ids": [self._id("invoice", move) for move in invoices],
            "invoice_numbers": [self._invoice_number(move) for move in invoices],
            "lago_payable_id": self._id("invoice", invoices[:1]),
            "payable_type": "Invoice",
            "amount_cents": self._cents(payment_sudo.amount, payment_sudo.currency_id),
            "amount_currency": payment_sudo.currency_id.name,
            "status": status,
            "payment_status": status,
            "type": "provider" if transaction else "manual",
            "reference": payment_sudo.x_fc_reference or payment_sudo.memo or "",
            "payment_provider_code": provider,
            "payment_provider_type": provider,
            "external_payment_id": transaction.provider_reference or None,
            "provider_payment_id": transaction.provider_reference or None,
            "provider_customer_id": transaction.token_id.provider_ref or None,
            "next_action": {},
            "created_at": self._instant(payment_sudo.create_date),
        }
