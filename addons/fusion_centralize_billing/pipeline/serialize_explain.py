"""A fee by itself, and in words: how its amount came about and whether it comes about again."""

from typing import Any

from odoo import models

from .. import engine
from .gate import to_decimal


class BillingSerializeExplain(models.AbstractModel):
    _inherit = "fusion.billing.serialize"

    def _fee_alone(self, line_sudo: models.BaseModel) -> dict[str, Any]:
        """A fee outside of its invoice has its taxes with it."""
        link_sudo = self._invoice_link(line_sudo.move_id)
        taxes = line_sudo.tax_ids.flatten_taxes_hierarchy()
        fee = self._fee(line_sudo, link_sudo)
        currency = line_sudo.currency_id
        total = to_decimal(line_sudo.price_total) - to_decimal(line_sudo.price_subtotal)
        weights = [abs(to_decimal(tax.amount)) for tax in taxes]
        # The line's tax split by rate: the shares add up to it to the cent.
        split = any(weights)
        shares = engine.allocate(total, weights, currency.decimal_places) if split else weights
        return fee | {
            "applied_taxes": [
                {
                    "lago_id": self._derived_id(fee["lago_id"], f"tax:{tax.id}"),
                    "lago_fee_id": fee["lago_id"],
                    **self._tax(tax),
                    "amount_cents": self._cents(share, currency),
                    "amount_currency": currency.name,
                    "created_at": self._instant(line_sudo.create_date),
                }
                for tax, share in zip(taxes, shares, strict=True)
            ]
        }

    def _fee_explanation(self, line_sudo: models.BaseModel) -> dict[str, Any]:
        """``sentences`` as on the invoice, in the customer's language.

        ``replays`` is true if the recorded derivation, computed again, gives the same and that is
        the line's amount; null for a line without one: its price stands in the pricelist.
        """
        trace = dict(line_sudo.x_fc_trace or {})
        language = line_sudo.move_id.partner_id.lang or "en_CA"
        currency = line_sudo.currency_id
        return {
            "lago_fee_id": self._id("fee", line_sudo),
            "lago_invoice_id": self._id("invoice", line_sudo.move_id),
            "invoice_number": self._invoice_number(line_sudo.move_id),
            "language": language,
            "description": line_sudo.name or None,
            "sentences": engine.explain(trace, language) if trace else [line_sudo.name],
            "amount_cents": self._cents(line_sudo.price_subtotal, currency),
            "amount_currency": currency.name,
            "replays": self._replays(line_sudo, trace) if trace else None,
            "derivation": trace or None,
        }

    def _replays(self, line_sudo: models.BaseModel, trace: dict[str, Any]) -> bool:
        derivation = dict(trace)
        adjustment = derivation.pop("adjustment", None)
        try:
            agrees = engine.agrees(derivation)
        except (engine.BillingError, KeyError):
            return False
        billed = to_decimal((adjustment or derivation).get("amount", "0"))
        return agrees and billed == to_decimal(line_sudo.price_subtotal)
