"""Lago's invoice from an account move."""

from decimal import Decimal
from typing import Any

from odoo import models

from .gate import to_decimal
from .statuses import SETTLED, STATUSES

VERSION = 4


class BillingSerializeInvoice(models.AbstractModel):
    _inherit = "fusion.billing.serialize"

    def _invoice(self, move: models.BaseModel, full: bool = False) -> dict[str, Any]:
        """An invoice. ``full`` adds fees, subscriptions, periods and credits, as Lago does
        outside lists."""
        move_sudo = move.sudo()
        link_sudo = self._invoice_link(move_sudo)
        invoice = {
            "lago_id": self._id("invoice", move_sudo),
            "billing_entity_code": move_sudo.x_fc_service_id.code,
            "sequential_id": move_sudo.sequence_number or None,
            "number": self._invoice_number(move_sudo),
            "purchase_order_number": None,
            **self._invoice_dates(move_sudo),
            "invoice_type": "subscription",
            "status": self._invoice_status(move_sudo),
            "payment_status": self._payment_status(move_sudo),
            "payment_dispute_lost_at": self._instant(
                move_sudo.x_fc_dispute_lost_at, milliseconds=True
            ),
            "currency": move_sudo.currency_id.name,
            **self._invoice_amounts(move_sudo),
            "file_url": self._file_url(move_sudo) if full else None,
            "xml_url": None,
            "web_url": None,
            "version_number": VERSION,
            "self_billed": False,
            "customer": self._customer(link_sudo, full=False) if link_sudo else None,
            "metadata": self._invoice_metadata(move_sudo),
            "applied_taxes": self._applied_taxes(move_sudo),
        }
        return invoice | (self._invoice_details(move_sudo, link_sudo) if full else {})

    def _invoice_number(self, move_sudo: models.BaseModel) -> str:
        named = move_sudo.name and move_sudo.name != "/"
        return move_sudo.name if named else f"{move_sudo.journal_id.code}-DRAFT"

    def _invoice_status(self, move_sudo: models.BaseModel) -> str:
        """A voided invoice is cancelled in Odoo, or reversed in the ledger by a credit note."""
        return "voided" if move_sudo.x_fc_voided_at else STATUSES[move_sudo.state]

    def _payment_status(self, move_sudo: models.BaseModel) -> str:
        """``succeeded`` once nothing is due; one that was voided unpaid never becomes it."""
        voided_unpaid = move_sudo.x_fc_voided_at and move_sudo.payment_state == "reversed"
        if move_sudo.payment_state in SETTLED and not voided_unpaid:
            return "succeeded"
        return "failed" if move_sudo.x_fc_payment_failed else "pending"

    def _invoice_metadata(self, move_sudo: models.BaseModel) -> list[dict[str, Any]]:
        own_id = self._id("invoice", move_sudo)
        return [
            {
                "lago_id": self._derived_id(own_id, f"metadata:{item['key']}"),
                "key": item["key"],
                "value": item["value"],
                "created_at": item["created_at"],
            }
            for item in move_sudo.x_fc_metadata or []
        ]

    def _invoice_dates(self, move_sudo: models.BaseModel) -> dict[str, Any]:
        issued, due = move_sudo.invoice_date, move_sudo.invoice_date_due
        today = move_sudo.x_fc_service_id._today()
        open_ = move_sudo.state == "posted" and move_sudo.payment_state not in SETTLED
        if move_sudo.x_fc_dispute_lost_at:
            open_ = False
        voided = move_sudo.x_fc_voided_at
        if move_sudo.state == "cancel":
            voided = voided or move_sudo.write_date
        return {
            "issuing_date": self._day(issued),
            "payment_due_date": self._day(due),
            "net_payment_term": (due - issued).days if due and issued else 0,
            "payment_overdue": bool(open_ and due and due < today),
            "created_at": self._instant(move_sudo.create_date),
            "updated_at": self._instant(move_sudo.write_date),
            "voided_at": self._instant(voided),
        }

    def _invoice_amounts(self, move_sudo: models.BaseModel) -> dict[str, int | None]:
        """Lago's identity: fees + taxes = total; total − paid − offset = due (0 once voided)."""
        currency = move_sudo.currency_id
        untaxed = self._cents(move_sudo.amount_untaxed, currency)
        taxes = self._cents(move_sudo.amount_tax, currency)
        total = self._cents(move_sudo.amount_total, currency)
        posted = move_sudo.state == "posted"
        due = self._cents(move_sudo.amount_residual, currency) if posted else total
        voided = self._invoice_status(move_sudo) == "voided"
        offset = self._cents(self._offset_amount(move_sudo), currency) if posted else 0
        return {
            "fees_amount_cents": untaxed,
            "progressive_billing_credit_amount_cents": 0,
            "coupons_amount_cents": 0,
            "sub_total_excluding_taxes_amount_cents": untaxed,
            "taxes_amount_cents": taxes,
            "sub_total_including_taxes_amount_cents": untaxed + taxes,
            "credit_notes_amount_cents": 0,
            "prepaid_credit_amount_cents": 0,
            "prepaid_granted_credit_amount_cents": None,
            "prepaid_purchased_credit_amount_cents": None,
            "total_amount_cents": total,
            "total_paid_amount_cents": total - due - offset,
            "total_offsetted_credit_note_amount_cents": offset,
            "total_due_amount_cents": 0 if voided else due,
        }

    def _offset_amount(self, move_sudo: models.BaseModel) -> Decimal:
        """What credit notes took off an invoice, in its currency."""
        partials = move_sudo.line_ids.matched_credit_ids.filtered(
            lambda partial: partial.credit_move_id.move_id.move_type == "out_refund"
        )
        return _total(partials, "debit_amount_currency")

    def _applied_taxes(self, move_sudo: models.BaseModel) -> list[dict[str, Any]]:
        """One entry per tax of the posted lines, as Odoo computed them."""
        own_id = self._id("invoice", move_sudo)
        currency = move_sudo.currency_id
        entries = []
        for tax in move_sudo.line_ids.tax_line_id.sorted("id"):
            lines = move_sudo.line_ids.filtered(lambda line, tax=tax: line.tax_line_id == tax)
            based = move_sudo.invoice_line_ids.filtered(
                lambda line, tax=tax: tax in line.tax_ids.flatten_taxes_hierarchy()
            )
            entries.append(
                {
                    "lago_id": self._derived_id(own_id, f"tax:{tax.id}"),
                    "lago_invoice_id": own_id,
                    **self._tax(tax),
                    "amount_cents": -self._cents(_total(lines, "amount_currency"), currency),
                    "amount_currency": currency.name,
                    "fees_amount_cents": self._cents(_total(based, "price_subtotal"), currency),
                    "created_at": self._instant(move_sudo.create_date),
                }
            )
        return entries

    def _tax(self, tax: models.BaseModel) -> dict[str, Any]:
        """What identifies a tax inside an applied tax."""
        return {
            "lago_tax_id": self._id("tax", tax),
            "tax_name": tax.name,
            "tax_code": (tax.invoice_label or tax.name).lower().replace(" ", "_"),
            "tax_rate": tax.amount,
            "tax_description": tax.invoice_label or None,
        }

    def _invoice_link(self, move_sudo: models.BaseModel) -> models.BaseModel:
        """The customer whose subscriptions are billed; else the partner's link of the service."""
        links_sudo = move_sudo.invoice_line_ids.subscription_id.x_fc_link_id
        if links_sudo:
            return links_sudo[0]
        return move_sudo.partner_id.x_fc_link_ids.filtered(
            lambda link: link.service_id == move_sudo.x_fc_service_id
        )[:1]


def _total(lines: models.BaseModel, field: str):
    return sum((to_decimal(line[field]) for line in lines), Decimal(0))
