"""An app's customer, created or changed: what the API does on top of identity resolution."""

from typing import Any

from odoo import models
from odoo.fields import Domain

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
        self._revive(service, external_id)
        link = self.env["fusion.billing.identity"]._resolve(service, external_id, values)
        if before is None:
            self._announce(link, "customer.created")
        elif before != (link.data or {}):
            self._announce(link, "customer.updated")
        return link

    def _find(self, service: models.BaseModel, external_id: str):
        """This service's link with that external id, or nothing."""
        return self.env["fusion.billing.account.link"].search(
            [
                ("service_id", "=", service.id),
                ("external_id", "=", external_id),
                ("deleted_at", "=", False),
            ],
            limit=1,
        )

    def _delete(self, link: models.BaseModel) -> None:
        """Take a customer off its service: what runs ends now and is billed.

        The link stays, because invoices, subscriptions and usage point at it.
        """
        service = link.service_id
        subscribe, now = self.env["fusion.billing.subscribe"], service._now()
        domain = subscribe._domain(service, ["active", "pending"])
        domain &= Domain("x_fc_link_id", "=", link.id)
        for order_sudo in self.env["sale.order"].sudo().search(domain, order="id"):
            if subscribe._status(order_sudo, now) == "pending":
                subscribe._cancel(order_sudo, now)
            else:
                subscribe._terminate(order_sudo, now)
        link.deleted_at = now

    def _revive(self, service: models.BaseModel, external_id: str) -> None:
        """An id that was deleted begins anew, with nothing of what was said before."""
        known = [("service_id", "=", service.id), ("external_id", "=", external_id)]
        deleted = self.env["fusion.billing.account.link"].search(
            [*known, ("deleted_at", "!=", False)], limit=1
        )
        if deleted:
            deleted.write({"deleted_at": False, "data": False})

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
