"""Lago's credit note, and its estimate, from an account move that reverses an invoice."""

from decimal import Decimal
from typing import Any

from odoo import models

from .gate import to_decimal


class BillingSerializeCreditNote(models.AbstractModel):
    _inherit = "fusion.billing.serialize"

    def _credit_note(self, note: models.BaseModel) -> dict[str, Any]:
        """A credit note with its items, each with the fee it credits."""
        note_sudo = note.sudo()
        invoice_sudo = note_sudo.reversed_entry_id
        link_sudo = self._invoice_link(note_sudo)
        lines = note_sudo.invoice_line_ids.filtered(lambda line: line.display_type == "product")
        return {
            "lago_id": self._id("credit_note", note_sudo),
            "billing_entity_code": note_sudo.x_fc_service_id.code,
            "sequential_id": note_sudo.sequence_number or None,
            "number": self._invoice_number(note_sudo),
            "lago_invoice_id": self._id("invoice", invoice_sudo),
            "invoice_number": self._invoice_number(invoice_sudo) if invoice_sudo else None,
            "purchase_order_number": None,
            "issuing_date": self._day(note_sudo.invoice_date),
            "reason": note_sudo.x_fc_credit_reason or "other",
            "description": note_sudo.ref or None,
            "currency": note_sudo.currency_id.name,
            **self._credit_note_amounts(note_sudo),
            "created_at": self._instant(note_sudo.create_date),
            "updated_at": self._instant(note_sudo.write_date),
            "file_url": self._file_url(note_sudo),
            "xml_url": None,
            "self_billed": False,
            "customer": self._customer(link_sudo, full=False) if link_sudo else None,
            "items": [self._credit_note_item(line, link_sudo) for line in lines],
            "applied_taxes": self._credit_note_taxes(note_sudo),
            "error_details": [],
            **self._credit_note_metadata(note_sudo),
        }

    def _credit_note_metadata(self, note_sudo: models.BaseModel) -> dict[str, Any]:
        """Only where the app keeps some: Lago leaves the key out otherwise."""
        items = note_sudo.x_fc_metadata or []
        return {"metadata": {item["key"]: item["value"] for item in items}} if items else {}

    def _credit_note_amounts(self, note_sudo: models.BaseModel) -> dict[str, Any]:
        """What was set against its own invoice is the offset, what goes back to the card the
        refund, and the rest is credit. A refund that failed is credit all the same."""
        currency = note_sudo.currency_id
        total, taxes = to_decimal(note_sudo.amount_total), to_decimal(note_sudo.amount_tax)
        offset = self._note_offset(note_sudo)
        refund_status, refund, coming = self.env["fusion.billing.refund"]._state(note_sudo)
        kept = Decimal(0) if refund_status == "failed" else refund
        credit, places = total - offset - kept, currency.decimal_places
        voided = note_sudo.state == "cancel"
        balance = Decimal(0) if voided else to_decimal(note_sudo.amount_residual) - coming
        status = "voided" if voided else "available" if balance else "consumed"
        return {
            "credit_status": status if credit else None,
            "refund_status": refund_status,
            "total_amount_cents": self._cents(total, currency),
            "precise_total_amount_cents": self._decimal(total.scaleb(places)),
            "taxes_amount_cents": self._cents(taxes, currency),
            "precise_taxes_amount_cents": self._decimal(taxes.scaleb(places)),
            "sub_total_excluding_taxes_amount_cents": self._cents(total - taxes, currency),
            "balance_amount_cents": self._cents(balance, currency),
            "credit_amount_cents": self._cents(credit, currency),
            "refund_amount_cents": self._cents(refund, currency),
            "offset_amount_cents": self._cents(offset, currency),
            "coupons_adjustment_amount_cents": 0,
            "taxes_rate": _rate(taxes, total - taxes),
        }

    def _note_offset(self, note_sudo: models.BaseModel) -> Decimal:
        partials = note_sudo.line_ids.matched_debit_ids.filtered(
            lambda partial: partial.debit_move_id.move_id == note_sudo.reversed_entry_id
        )
        amounts = (to_decimal(partial.credit_amount_currency) for partial in partials)
        return sum(amounts, Decimal(0))

    def _credit_note_item(self, line_sudo: models.BaseModel, link_sudo: models.BaseModel):
        currency = line_sudo.currency_id
        net = to_decimal(line_sudo.price_subtotal)
        note_id = self._id("credit_note", line_sudo.move_id)
        fee = line_sudo.x_fc_credited_line_id or line_sudo
        return {
            "lago_id": self._derived_id(note_id, f"item:{line_sudo.id}"),
            "amount_cents": self._cents(net, currency),
            "precise_amount_cents": self._decimal(net.scaleb(currency.decimal_places)),
            "amount_currency": currency.name,
            "fee": self._fee(fee, link_sudo),
        }

    def _credit_note_taxes(self, note_sudo: models.BaseModel) -> list[dict[str, Any]]:
        """The invoice's entries under the note's own names, positive as on the note."""
        return [
            {
                **{key: tax[key] for key in tax if key not in ("lago_invoice_id", "created_at")},
                "lago_credit_note_id": self._id("credit_note", note_sudo),
                "amount_cents": abs(tax["amount_cents"]),
                "base_amount_cents": tax["fees_amount_cents"],
            }
            for tax in self._applied_taxes(note_sudo)
        ]

    def _estimate(self, invoice: models.BaseModel, asked: Any) -> dict[str, Any]:
        """Lago's ``estimated_credit_note`` of what `_asked` found."""
        currency, figures = invoice.currency_id, asked.figures
        total = self._cents(figures["total"], currency)
        amounts = self._invoice_amounts(invoice)
        taxes, net = figures["taxes"], figures["untaxed"]
        refundable = self._cents(self.env["fusion.billing.refund"]._refundable(invoice), currency)
        return {
            "lago_invoice_id": self._id("invoice", invoice),
            "invoice_number": self._invoice_number(invoice),
            "currency": currency.name,
            "taxes_amount_cents": self._cents(taxes, currency),
            "precise_taxes_amount_cents": self._decimal(taxes.scaleb(currency.decimal_places)),
            "sub_total_excluding_taxes_amount_cents": self._cents(net, currency),
            "max_creditable_amount_cents": total,
            "max_refundable_amount_cents": min(total, refundable),
            "max_offsettable_amount_cents": min(total, amounts["total_due_amount_cents"]),
            "coupons_adjustment_amount_cents": 0,
            "precise_coupons_adjustment_amount_cents": "0.0",
            "taxes_rate": _rate(taxes, net),
            "items": [
                {"lago_fee_id": self._id("fee", line), "amount_cents": self._cents(cents, currency)}
                for line, cents in asked.amounts.items()
            ],
            "applied_taxes": [
                {
                    **self._tax(tax),
                    "base_amount_cents": self._cents(base, currency),
                    "amount_cents": self._cents(amount, currency),
                    "amount_currency": currency.name,
                }
                for tax, (base, amount) in figures["by_tax"].items()
            ],
        }


def _rate(taxes: Decimal, net: Decimal) -> float:
    """Percent, as Lago gives it; of a document with several rates their mean by amount."""
    return float(round(taxes / net * 100, 2)) if net else 0.0
