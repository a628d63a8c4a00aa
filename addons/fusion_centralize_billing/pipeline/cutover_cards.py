"""Stripe customers and their payment methods, brought over by their ids: no card is typed again."""

from typing import Any

import requests

from odoo import api, models
from odoo.exceptions import ValidationError


class BillingCutoverCards(models.AbstractModel):
    """Reads at Stripe which card the app would charge, and saves it as Odoo saves one itself."""

    _name = "fusion.billing.cutover.cards"
    _description = "Cards of a Cut-over"

    @api.model
    def _find(
        self, service: models.BaseModel, orders: models.BaseModel
    ) -> dict[int, dict[str, Any]]:
        """Order id → ``{"card", "card_note", "card_values"}``. Asks Stripe, tells it nothing.

        The card is the customer's default for invoices, else the newest one.
        """
        provider_sudo = self._provider(service)
        known: dict[str, dict[str, Any]] = {}
        found = {}
        for order_sudo in orders.sudo():
            customer = self._customer_of(order_sudo.x_fc_link_id)
            if not customer:
                found[order_sudo.id] = _none(self.env._("the app knows no Stripe customer"))
            elif not provider_sudo:
                found[order_sudo.id] = _none(self.env._("Stripe is not set up here"))
            else:
                if customer not in known:
                    known[customer] = self._ask(provider_sudo, customer)
                found[order_sudo.id] = known[customer]
        return found

    @api.model
    def _attach(self, lines: models.BaseModel) -> None:
        """Give each order its card. Safe to repeat: a card that is known is not saved twice."""
        provider_sudo = self._provider(lines.service_id)
        tokens_sudo = self.env["payment.token"].sudo()
        for line in lines.filtered("card_values"):
            values, order_sudo = line.card_values, line.order_id.sudo()
            partner_sudo = order_sudo.partner_id.commercial_partner_id
            domain = [
                ("provider_id", "=", provider_sudo.id),
                ("provider_ref", "=", values["customer"]),
                ("stripe_payment_method", "=", values["payment_method"]),
                ("partner_id", "in", (partner_sudo | order_sudo.partner_id).ids),
            ]
            token_sudo = tokens_sudo.search(domain, limit=1) or tokens_sudo.create(
                {
                    "provider_id": provider_sudo.id,
                    "payment_method_id": self._method(values["kind"]).id,
                    "payment_details": values["last4"],
                    "provider_ref": values["customer"],
                    "stripe_payment_method": values["payment_method"],
                    "partner_id": order_sudo.partner_id.id,
                }
            )
            order_sudo.payment_token_id = token_sudo
            line.token_id = token_sudo

    # -------------------------------------------------------------------- Stripe
    def _ask(self, provider_sudo: models.BaseModel, customer: str) -> dict[str, Any]:
        try:
            known = provider_sudo._send_api_request(
                "GET",
                f"customers/{customer}",
                data={"expand[]": "invoice_settings.default_payment_method"},
            )
            method = (known.get("invoice_settings") or {}).get("default_payment_method")
            if not known.get("deleted") and not isinstance(method, dict):
                listed = provider_sudo._send_api_request(
                    "GET", "payment_methods", data={"customer": customer, "limit": 1}
                )
                method = next(iter(listed.get("data") or []), None)
        except (ValidationError, requests.RequestException) as error:
            return _none(self.env._("Stripe said of %(customer)s: %(error)s",
                                    customer=customer, error=error.args[0]))  # fmt: skip
        if known.get("deleted"):
            return _none(self.env._("%(customer)s was deleted at Stripe", customer=customer))
        if not method:
            return _none(self.env._("%(customer)s has no card at Stripe", customer=customer))
        return self._told(customer, method)

    def _told(self, customer: str, method: dict[str, Any]) -> dict[str, Any]:
        kind = method["type"]
        if not self._method(kind):
            return _none(self.env._("Odoo has no payment method “%(kind)s” switched on", kind=kind))
        details = method.get(kind) or {}
        last4 = details.get("last4") or ""
        brand = str(details.get("brand") or kind).replace("_", " ").title()
        values = {"customer": customer, "payment_method": method["id"], "kind": kind,
                  "last4": last4}  # fmt: skip
        return {"card": f"{brand} •••• {last4}", "card_note": False, "card_values": values}

    def _method(self, kind: str) -> models.BaseModel:
        """Odoo's record of a kind of payment that can be saved."""
        methods_sudo = self.env["payment.method"].sudo()
        return methods_sudo.search(
            [("code", "=", kind), ("support_tokenization", "=", True)], limit=1
        )

    def _provider(self, service: models.BaseModel) -> models.BaseModel:
        return (
            self.env["payment.provider"]
            .sudo()
            .search(
                [
                    ("code", "=", "stripe"),
                    ("state", "!=", "disabled"),
                    ("company_id", "=", service.company_id.id),
                ],
                limit=1,
            )
        )

    def _customer_of(self, link_sudo: models.BaseModel) -> str:
        """Stripe's customer id, as the import or the app's API call left it on the link."""
        configuration = (link_sudo.data or {}).get("billing_configuration") or {}
        if configuration.get("payment_provider", "stripe") != "stripe":
            return ""
        return configuration.get("provider_customer_id") or ""


def _none(note: str) -> dict[str, Any]:
    return {"card": False, "card_note": note, "card_values": False}
