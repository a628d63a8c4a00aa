"""Credit notes an app asks for: of an invoice's fees, never more than is left of them."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from odoo import Command, api, models
from odoo.tools import SQL

from ..engine import round_money
from ..engine.errors import NotAllowed
from .credit import price_amount
from .gate import to_decimal

Amounts = Mapping[models.BaseModel, Decimal]


class BillingCreditNote(models.AbstractModel):
    """An `out_refund` that reverses the invoice: its accounts, its taxes, its journal."""

    _name = "fusion.billing.credit.note"
    _description = "Credit Notes over the API"

    # ------------------------------------------------------------------ what is left
    @api.model
    def _lock(self, invoice: models.BaseModel) -> None:
        """Let one transaction at a time credit this invoice; a rival starts over and sees it."""
        invoice.flush_recordset()
        self.env.cr.execute(
            SQL("UPDATE account_move SET write_date = write_date WHERE id = %s", invoice.id)
        )

    @api.model
    def _left(self, invoice: models.BaseModel) -> dict[models.BaseModel, Decimal]:
        """What of each billed line is not credited yet, untaxed, whoever credited it."""
        lines = invoice.invoice_line_ids.filtered(lambda line: line.display_type == "product")
        left = {line: to_decimal(line.price_subtotal) for line in lines}
        adrift = Decimal(0)
        for credit in self._notes(invoice).invoice_line_ids:
            if credit.display_type != "product":
                continue
            amount = to_decimal(credit.price_subtotal)
            line = self._credited(lines, credit)
            if line:
                left[line] -= amount
            else:
                adrift += amount
        # What a person credited without a line of ours is taken from the first that has it.
        for line, amount in left.items():
            taken = max(min(adrift, amount), Decimal(0))
            left[line], adrift = amount - taken, adrift - taken
        return left

    def _notes(self, invoice: models.BaseModel) -> models.BaseModel:
        return invoice.reversal_move_ids.filtered(
            lambda move: move.move_type == "out_refund" and move.state != "cancel"
        )

    def _credited(self, lines: models.BaseModel, credit: models.BaseModel) -> models.BaseModel:
        """The line a credit belongs to: by its link, its rated key, or what it sells."""
        if credit.x_fc_credited_line_id in lines:
            return credit.x_fc_credited_line_id
        return lines.filtered(
            lambda line: (
                line.subscription_id == credit.subscription_id
                and line.product_id == credit.product_id
                and line.x_fc_line_key == credit.x_fc_line_key
                and line.x_fc_period_start == credit.x_fc_period_start
                and line.deferred_start_date == credit.deferred_start_date
            )
        )[:1]

    @api.model
    def _left_total(self, invoice: models.BaseModel) -> Decimal:
        """What of the invoice is not credited yet, taxes included."""
        credited = sum((to_decimal(note.amount_total) for note in self._notes(invoice)), Decimal(0))
        return to_decimal(invoice.amount_total) - credited

    # ------------------------------------------------------------------ what it comes to
    @api.model
    def _figures(self, invoice: models.BaseModel, amounts: Amounts) -> dict[str, Any]:
        """``{"untaxed", "taxes", "total", "by_tax": {tax: (base, amount)}}`` of crediting these
        amounts, as Odoo's tax engine rounds them on the document."""
        taxes = self.env["account.tax"].sudo()
        company, currency = invoice.company_id, invoice.currency_id
        bases = [
            taxes._prepare_base_line_for_taxes_computation(
                line,
                price_unit=self._price(line, amount),
                quantity=1.0,
                discount=0.0,
                is_refund=True,
                rate=1.0,
                sign=1,
            )
            for line, amount in amounts.items()
        ]
        taxes._add_tax_details_in_base_lines(bases, company)
        taxes._round_base_lines_tax_details(bases, company)
        totals = taxes._get_tax_totals_summary(bases, currency, company)
        by_tax: dict[models.BaseModel, tuple[Decimal, Decimal]] = {}
        for base in bases:
            for detail in base["tax_details"]["taxes_data"]:
                base_amount, amount = by_tax.get(detail["tax"], (Decimal(0), Decimal(0)))
                by_tax[detail["tax"]] = (
                    base_amount + to_decimal(detail["base_amount_currency"]),
                    amount + to_decimal(detail["tax_amount_currency"]),
                )
        untaxed = to_decimal(totals["base_amount_currency"])
        tax = to_decimal(totals["tax_amount_currency"])
        places = currency.decimal_places
        return {
            "untaxed": round_money(untaxed, places),
            "taxes": round_money(tax, places),
            "total": round_money(untaxed + tax, places),
            "by_tax": by_tax,
        }

    def _price(self, line: models.BaseModel, amount: Decimal) -> float:
        """An untaxed amount as the line's price is written: with its taxes, if they are in it."""
        subtotal, priced = to_decimal(line.price_subtotal), price_amount(line)
        if priced == subtotal:
            return float(amount)
        return float(round_money(priced * amount / subtotal, line.currency_id.decimal_places))

    # ------------------------------------------------------------------ the document
    @api.model
    def _issue(
        self,
        invoice: models.BaseModel,
        amounts: Amounts,
        *,
        reason: str,
        description: str | None = None,
        offset: bool = False,
    ) -> models.BaseModel:
        """Post the credit note of these lines' amounts (untaxed). Call `_lock` first.

        :param offset: set it against the invoice, as far as that is open; else it stays open
        """
        last = sum(amounts.values()) == sum(self._left(invoice).values())
        note = invoice.with_company(invoice.company_id).create(
            self._prepare_note(invoice, amounts, reason, description)
        )
        if last:
            self._take_left_taxes(invoice, note)
        note.with_context(fc_credit_stays_open=not offset).action_post()
        return note

    def _take_left_taxes(self, invoice: models.BaseModel, note: models.BaseModel) -> None:
        """The last credit takes the taxes that are left: each was rounded on its own document, and
        all credits together must come to the invoice to the cent."""
        documents = invoice | self._notes(invoice) - note
        for line in note.line_ids.filtered("tax_line_id"):
            same = documents.line_ids.filtered(
                lambda other, line=line: (
                    other.tax_line_id == line.tax_line_id and other.account_id == line.account_id
                )
            )
            left = -sum((to_decimal(other.amount_currency) for other in same), Decimal(0))
            if left != to_decimal(line.amount_currency):
                values = {"amount_currency": float(left)}
                note.write({"line_ids": [Command.update(line.id, values)]})

    def _prepare_note(
        self, invoice: models.BaseModel, amounts: Amounts, reason: str, description: str | None
    ) -> dict[str, Any]:
        today = invoice.x_fc_service_id._today()
        words = self.env._("Credit of %(invoice)s", invoice=invoice.name)
        return {
            "move_type": "out_refund",
            "reversed_entry_id": invoice.id,
            "ref": description or words,
            "x_fc_credit_reason": reason,
            "invoice_origin": invoice.invoice_origin,
            "invoice_date": today,
            "invoice_date_due": today,
            "invoice_payment_term_id": False,
            "partner_id": invoice.partner_id.id,
            "partner_shipping_id": invoice.partner_shipping_id.id,
            "fiscal_position_id": invoice.fiscal_position_id.id,
            "currency_id": invoice.currency_id.id,
            "company_id": invoice.company_id.id,
            "journal_id": invoice.journal_id.id,
            "invoice_user_id": invoice.invoice_user_id.id,
            "team_id": invoice.team_id.id,
            "x_fc_service_id": invoice.x_fc_service_id.id,
            "invoice_line_ids": [
                Command.create(self._prepare_line(line, amount)) for line, amount in amounts.items()
            ],
        }

    def _prepare_line(self, line: models.BaseModel, amount: Decimal) -> dict[str, Any]:
        return {
            "name": line.name,
            "sequence": line.sequence,
            "product_id": line.product_id.id,
            "product_uom_id": line.product_uom_id.id,
            "quantity": 1,
            "price_unit": self._price(line, amount),
            "discount": 0.0,
            "tax_ids": [Command.set(line.tax_ids.ids)],
            "account_id": line.account_id.id,
            "analytic_distribution": line.analytic_distribution,
            "sale_line_ids": [Command.set(line.sale_line_ids.ids)],
            "subscription_id": line.subscription_id.id,
            "deferred_start_date": line.deferred_start_date,
            "deferred_end_date": line.deferred_end_date,
            "x_fc_credited_line_id": line.id,
        }

    @api.model
    def _void(self, note: models.BaseModel) -> None:
        """Take back a credit nobody has used: the document is cancelled.

        :raise NotAllowed: ``no_voidable_amount`` if nothing is left of it;
            ``invalid_type_or_status`` if part was used or goes back to the card, or if it corrects
            usage, which the next billing run would only credit again
        """
        self._lock(note)
        if note.state != "posted" or not note.amount_residual:
            raise NotAllowed("no_voidable_amount")
        _status, refund, _coming = self.env["fusion.billing.refund"]._state(note)
        if refund or note.x_fc_correction or note.amount_residual != note.amount_total:
            raise NotAllowed("invalid_type_or_status")
        note.button_draft()
        note.button_cancel()
