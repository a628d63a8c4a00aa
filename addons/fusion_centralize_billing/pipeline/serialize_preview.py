"""Lago's invoice of what was not billed yet: the same object, from records in memory."""

from decimal import Decimal
from typing import Any

from odoo import models

from .gate import to_decimal
from .preview import Preview


class BillingSerializePreview(models.AbstractModel):
    _inherit = "fusion.billing.serialize"

    def _invoice_preview(self, previews: list[Preview]) -> dict[str, Any]:
        """One invoice of all of them, as a draft; its id is computed, and no invoice has it."""
        first = previews[0]
        shown = [self._invoice(preview.move, full=True) for preview in previews]
        whole = ("billing_periods", "subscriptions", "fees")
        own_id = self._derived_id(
            self._id("subscription", first.order), f"preview:{first.day.isoformat()}"
        )
        return (
            shown[0]
            | {name: [entry for invoice in shown for entry in invoice[name]] for name in whole}
            | self._preview_amounts(previews)
            | {
                "lago_id": own_id,
                "sequential_id": None,
                "number": f"{first.move.journal_id.code}-DRAFT",
                "status": "draft",
                "applied_taxes": self._preview_taxes(previews, own_id),
            }
        )

    def _preview_amounts(self, previews: list[Preview]) -> dict[str, int]:
        currency = previews[0].currency
        untaxed = self._cents(sum((own.untaxed for own in previews), Decimal(0)), currency)
        taxes = self._cents(sum((own.tax for own in previews), Decimal(0)), currency)
        return {
            "fees_amount_cents": untaxed,
            "sub_total_excluding_taxes_amount_cents": untaxed,
            "taxes_amount_cents": taxes,
            "sub_total_including_taxes_amount_cents": untaxed + taxes,
            "total_amount_cents": untaxed + taxes,
            "total_paid_amount_cents": 0,
            "total_offsetted_credit_note_amount_cents": 0,
            "total_due_amount_cents": untaxed + taxes,
        }

    def _preview_taxes(self, previews: list[Preview], own_id: str) -> list[dict[str, Any]]:
        """One entry per tax, as Odoo would round it on the invoices."""
        currency = previews[0].currency
        sums: dict[models.BaseModel, tuple[Decimal, Decimal]] = {}
        for preview in previews:
            base_lines, _tax_lines = preview.move._get_rounded_base_and_tax_lines()
            for entry in (e for line in base_lines for e in line["tax_details"]["taxes_data"]):
                base, amount = sums.get(entry["tax"]._origin, (Decimal(0), Decimal(0)))
                sums[entry["tax"]._origin] = (
                    base + to_decimal(entry["base_amount_currency"]),
                    amount + to_decimal(entry["tax_amount_currency"]),
                )
        return [
            {
                "lago_id": self._derived_id(own_id, f"tax:{tax.id}"),
                "lago_invoice_id": own_id,
                **self._tax(tax),
                "amount_cents": self._cents(amount, currency),
                "amount_currency": currency.name,
                "fees_amount_cents": self._cents(base, currency),
                "created_at": None,
            }
            for tax, (base, amount) in sums.items()
        ]
