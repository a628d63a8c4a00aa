"""An app's customer, created or changed: what the API does on top of identity resolution."""

from typing import Any

from odoo import models

from ..engine.errors import Invalid


class BillingCustomer(models.AbstractModel):
    """Upsert by external id: only the keys that were sent change, an explicit null clears."""

    _name = "fusion.billing.customer"
    _description = "Billing customers"

    def _upsert(self, service: models.BaseModel, external_id: str, values: dict[str, Any]):
        """Create or change this service's customer and tell the app about it.

        :param values: Lago's customer keys, only those that were sent
        :return: the ``fusion.billing.account.link``
        :raises Invalid: the currency changes although something was sold in another one
        """
        link = self._find(service, external_id)
        if link:
            self._check_currency(link, values.get("currency"))
        before = dict(link.data or {}) if link else None
        link = self.env["fusion.billing.identity"]._resolve(service, external_id, values)
        if before is None:
            self._announce(link, "customer.created")
        elif before != (link.data or {}):
            self._announce(link, "customer.updated")
        return link

    def _find(self, service: models.BaseModel, external_id: str):
        """This service's link with that external id, or nothing."""
        return self.env["fusion.billing.account.link"].search(
            [("service_id", "=", service.id), ("external_id", "=", external_id)], limit=1
        )

    def _check_currency(self, link: models.BaseModel, currency: str | None) -> None:
        if not currency:
            return
        others_sudo = link.sudo().subscription_ids.filtered(
            lambda order: order.state != "cancel" and order.currency_id.name != currency
        )
        if others_sudo and (link.data or {}).get("currency") != currency:
            raise Invalid({"currency": ["currencies_does_not_match"]})

    def _announce(self, link: models.BaseModel, webhook_type: str) -> None:
        payload = self.env["fusion.billing.serialize"]._customer(link)
        self.env["fusion.billing.outbox"]._emit(link.service_id, webhook_type, "customer", payload)
