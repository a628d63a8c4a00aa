"""Stripe customers and their payment methods, brought over by their ids: no card is typed again."""

from collections.abc import Iterable
from functools import partial
from typing import Any
from urllib.parse import quote

from odoo import api, models
from odoo.exceptions import UserError

from .stripe_read import StripeReader, Unanswered

DEFAULT = "invoice_settings.default_payment_method"


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

        :raise UserError: Stripe gives no answer; a customer it could not be asked about must not
            look like one without a card
        """
        provider_sudo = self._provider(service)
        owners = {order: self._customer_of(order.x_fc_link_id) for order in orders.sudo()}
        if not provider_sudo:
            answers = {}
        else:
            answers = self._ask(provider_sudo, {owner for owner in owners.values() if owner})
        found = {}
        for order_sudo, customer in owners.items():
            if not customer:
                found[order_sudo.id] = _none(self.env._("the app knows no Stripe customer"))
            elif not provider_sudo:
                found[order_sudo.id] = _none(self.env._("Stripe is not set up here"))
            else:
                found[order_sudo.id] = self._told(customer, *answers[customer])
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
    def _ask(
        self, provider_sudo: models.BaseModel, customers: Iterable[str]
    ) -> dict[str, tuple[dict | None, dict | None]]:
        """Customer id → the customer at Stripe and its card, if there are any."""
        reader = StripeReader(provider_sudo)
        try:
            return reader.each(partial(_look, reader), sorted(customers))
        except Unanswered as error:
            raise UserError(
                self.env._(
                    "Stripe could not be asked for the cards: %(error)s. Nothing was rehearsed: "
                    "try again in a few minutes.",
                    error=error,
                )
            ) from error

    def _told(
        self, customer: str, known: dict[str, Any] | None, method: dict[str, Any] | None
    ) -> dict[str, Any]:
        if not known:
            return _none(self.env._("Stripe does not know %(customer)s", customer=customer))
        if known.get("deleted"):
            return _none(self.env._("%(customer)s was deleted at Stripe", customer=customer))
        if not method:
            return _none(self.env._("%(customer)s has no card at Stripe", customer=customer))
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


def _look(reader: StripeReader, customer: str) -> tuple[dict | None, dict | None]:
    """A customer and its card, or None for what is not there. Runs in a thread."""
    known = reader.get(f"customers/{quote(customer, safe='')}", **{"expand[]": DEFAULT})
    if not known or known.get("deleted"):
        return known, None
    method = (known.get("invoice_settings") or {}).get("default_payment_method")
    if not isinstance(method, dict):
        listed = reader.get("payment_methods", customer=customer, limit=1) or {}
        method = next(iter(listed.get("data") or []), None)
    return known, method


def _none(note: str) -> dict[str, Any]:
    return {"card": False, "card_note": note, "card_values": False}
