"""Lago's ``payment_provider_invoice_payment_error`` from a transaction that failed."""

from typing import Any

from odoo import models


class BillingSerializeFailure(models.AbstractModel):
    _inherit = "fusion.billing.serialize"

    def _payment_failure(
        self, tx_sudo: models.BaseModel, move_sudo: models.BaseModel
    ) -> dict[str, Any]:
        """Whose money failed to come, for which invoice, and the provider's reason."""
        link_sudo = self._invoice_link(move_sudo)
        codes = [
            tx_sudo[name]
            for name in ("charge_decline_code", "charge_code")
            if name in tx_sudo._fields and tx_sudo[name]
        ]
        return {
            "lago_invoice_id": self._id("invoice", move_sudo),
            "lago_customer_id": self._id("customer", link_sudo),
            "external_customer_id": link_sudo.external_id or None,
            "provider_customer_id": tx_sudo.token_id.provider_ref or None,
            "payment_provider": tx_sudo.provider_code,
            "payment_provider_code": tx_sudo.provider_code,
            "provider_error": {
                "message": tx_sudo.state_message or None,
                "error_code": codes[0] if codes else None,
            },
        }
