"""What an app is told about money that did not go back."""

from typing import Any

from odoo import models


class BillingSerializeRefund(models.AbstractModel):
    _inherit = "fusion.billing.serialize"

    def _refund_failure(self, refund: models.BaseModel) -> dict[str, Any]:
        """Lago's ``credit_note_payment_provider_refund_error``."""
        refund_sudo = refund.sudo()
        note_sudo = refund_sudo.x_fc_credit_note_id
        link_sudo = self._invoice_link(note_sudo)
        return {
            "lago_credit_note_id": self._id("credit_note", note_sudo),
            "lago_customer_id": self._id("customer", link_sudo) if link_sudo else None,
            "external_customer_id": link_sudo.external_id if link_sudo else None,
            "provider_customer_id": refund_sudo.token_id.provider_ref or None,
            "payment_provider": refund_sudo.provider_code,
            "payment_provider_code": refund_sudo.provider_code,
            "provider_error": {
                "message": refund_sudo.state_message or "",
                "error_code": refund_sudo.charge_code or None,
            },
        }
