"""A customer's saved cards: which there are, which one pays, and their end."""

from typing import Any

from odoo import models
from odoo.fields import Domain

from ..engine.errors import Invalid, NotFound
from ..engine.identifier import decode_as


class BillingPaymentMethod(models.AbstractModel):
    """Cards belong to the contact, not to a service: only an app that may sign the customer in
    sees them, see `_obstacle`."""

    _inherit = "fusion.billing.portal"

    def _card_domain(self, link: models.BaseModel) -> Domain:
        """The customer's cards at the service's company.

        :raise Invalid: ``base``: nobody may act as this customer
        """
        link_sudo = link.sudo()
        if code := self._obstacle(link_sudo):
            raise Invalid.field("base", code)
        return Domain("partner_id", "=", link_sudo.partner_id.id) & Domain(
            "provider_id.company_id", "=", link_sudo.service_id.company_id.id
        )

    def _card(self, link: models.BaseModel, lago_id: str) -> models.BaseModel:
        """One of them (sudo).

        :raise NotFound: ``payment_method``
        """
        wanted = self._card_domain(link) & Domain("id", "=", decode_as("payment_method", lago_id))
        token_sudo = self.env["payment.token"].sudo().search(wanted, limit=1)
        if not token_sudo:
            raise NotFound("payment_method")
        return token_sudo

    def _set_default(self, link: models.BaseModel, token: models.BaseModel) -> None:
        """Charge what runs to this card from now on. In shadow nothing holds a card.

        :raise Invalid: ``base: no_active_subscription``
        """
        link_sudo = link.sudo()
        orders_sudo = self._running(link_sudo)
        if not orders_sudo or link_sudo.service_id.mode != "live":
            raise Invalid.field("base", "no_active_subscription")
        orders_sudo.payment_token_id = token

    def _shown_card(self, link: models.BaseModel, token: models.BaseModel) -> dict[str, Any]:
        """Lago's payment method."""
        serialize = self.env["fusion.billing.serialize"]
        provider = token.provider_id
        method = token.stripe_payment_method if provider.code == "stripe" else token.provider_ref
        return {
            "lago_id": serialize._id("payment_method", token),
            "is_default": token in self._running(link.sudo()).payment_token_id,
            "payment_provider_code": provider.code,
            "payment_provider_name": provider.name,
            "payment_provider_type": provider.code,
            "provider_method_id": method or None,
            "created_at": serialize._instant(token.create_date),
        }
