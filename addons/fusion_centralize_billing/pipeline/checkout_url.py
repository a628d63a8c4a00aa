"""A signed link to the page where a customer saves a card, and what the card does then."""

from typing import Any

from odoo import models
from odoo.fields import Domain

from ..engine.errors import Invalid
from .portal_url import CARD


class BillingCheckout(models.AbstractModel):
    _inherit = "fusion.billing.portal"

    def _checkout(self, link: models.BaseModel) -> dict[str, Any]:
        """Lago's answer with the link: signed in, on Odoo's page of saved cards.

        :raises Invalid: ``base: no_linked_payment_provider``; see `_obstacle` for the others
        """
        link_sudo = link.sudo()
        provider = self._card_provider(link_sudo)
        if not provider:
            raise Invalid.field("base", "no_linked_payment_provider")
        return {
            "lago_customer_id": self.env["fusion.billing.serialize"]._id("customer", link),
            "external_customer_id": link.external_id,
            "payment_provider": provider.code,
            "payment_provider_code": provider.code,
            "checkout_url": self._url(link, CARD),
        }

    def _card_provider(self, link_sudo: models.BaseModel) -> models.BaseModel:
        """The first provider (sudo) that offers this customer to save a card, as Odoo's page asks
        for them."""
        providers_sudo = self.env["payment.provider"].sudo()
        found = providers_sudo._get_compatible_providers(
            link_sudo.service_id.company_id.id,
            link_sudo.partner_id.id,
            0.0,
            force_tokenization=True,
            is_validation=True,
        )
        return found.filtered("is_published")[:1]

    def _await_card(self, link_sudo: models.BaseModel) -> None:
        """The link was followed: the next card that is saved is meant for this customer's
        subscriptions."""
        link_sudo.card_asked_at = self.env.cr.now()

    def _use_card(self, token: models.BaseModel) -> None:
        """Have a card that was just saved pay the running subscriptions of whoever was asked for
        one; in place of another card, if they had one. In shadow nothing holds a card."""
        links_sudo = self.env["fusion.billing.account.link"].sudo()
        asked_sudo = links_sudo.search(
            [("partner_id", "=", token.partner_id.id), ("card_asked_at", "!=", False)]
        )
        for link_sudo in asked_sudo.filtered(lambda link: link.service_id.mode == "live"):
            self._running(link_sudo).payment_token_id = token
        asked_sudo.card_asked_at = False

    def _running(self, link_sudo: models.BaseModel) -> models.BaseModel:
        """The customer's subscriptions (sudo) that run or wait to."""
        subscribe = self.env["fusion.billing.subscribe"]
        domain = subscribe._domain(link_sudo.service_id, ["active", "pending"])
        domain &= Domain("x_fc_link_id", "=", link_sudo.id)
        return self.env["sale.order"].sudo().search(domain)
