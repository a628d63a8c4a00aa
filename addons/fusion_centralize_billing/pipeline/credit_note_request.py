"""What an app may ask of a credit note, checked in Lago's words before anything is written."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from odoo import api, models

from ..engine.errors import BillingError, Invalid, NotAllowed, NotFound
from ..engine.identifier import decode_as
from .gate import to_decimal

MODES = ("credit_amount_cents", "offset_amount_cents", "refund_amount_cents")


@dataclass(frozen=True, slots=True)
class Asked:
    """Untaxed amounts by billed line, and what crediting them comes to."""

    amounts: dict[models.BaseModel, Decimal]
    figures: dict[str, Any]


class BillingCreditNoteRequest(models.AbstractModel):
    _inherit = "fusion.billing.credit.note"

    @api.model
    def _asked(self, invoice: models.BaseModel, items: list[Mapping[str, Any]]) -> Asked:
        """The items against what is left of their fees. Reads only.

        :raise NotAllowed: ``invalid_type_or_status`` unless the invoice is finalized
        :raise NotFound: ``fee_not_found`` for a fee that is not this invoice's
        :raise Invalid: ``amount_cents: higher_than_remaining_fee_amount``
        """
        if invoice.state != "posted" or invoice.x_fc_voided_at:
            raise NotAllowed("invalid_type_or_status")
        left = self._left(invoice)
        by_id = {line.id: line for line in left}
        amounts: dict[models.BaseModel, Decimal] = {}
        for item in items:
            line = by_id.get(decode_as("fee", item["fee_id"]))
            if not line:
                raise NotFound("fee")
            cents = Decimal(item["amount_cents"])
            amount = cents.scaleb(-invoice.currency_id.decimal_places)
            amounts[line] = amounts.get(line, Decimal(0)) + amount
        if any(amount > left[line] for line, amount in amounts.items()):
            raise Invalid.field("amount_cents", "higher_than_remaining_fee_amount")
        amounts = {line: amount for line, amount in amounts.items() if amount}
        figures = self._figures(invoice, amounts)
        if amounts and sum(amounts.values()) == sum(left.values()):
            # The last credit takes what is left, taxes included.
            total = self._left_total(invoice)
            figures |= {"total": total, "taxes": total - figures["untaxed"]}
        return Asked(amounts, figures)

    @api.model
    def _credit(self, invoice: models.BaseModel, values: Mapping[str, Any]) -> models.BaseModel:
        """Credit fees of an invoice, as the customer's credit or against what the invoice owes.

        :raise BillingError: as `_asked`, and `Invalid` for amounts that do not fit
        """
        self._lock(invoice)
        asked = self._asked(invoice, values["items"])
        self._check_sums(invoice, asked, values)
        note = self._issue(
            invoice,
            asked.amounts,
            reason=values.get("reason") or "other",
            description=values.get("description"),
            offset=bool(values.get("offset_amount_cents")),
        )
        if cents := values.get("refund_amount_cents"):
            back = Decimal(cents).scaleb(-invoice.currency_id.decimal_places)
            # The sums may be a cent off the items: the note is what there is to give back.
            back = min(back, to_decimal(note.amount_total))
            self.env["fusion.billing.refund"]._ask(note, back)
        return note

    def _check_sums(
        self, invoice: models.BaseModel, asked: Asked, values: Mapping[str, Any]
    ) -> None:
        serialize = self.env["fusion.billing.serialize"]
        known = serialize._invoice_amounts(invoice)
        sums = {mode: values.get(mode) or 0 for mode in MODES}
        if not asked.amounts or not sum(sums.values()):
            raise Invalid.field("base", "total_amount_must_be_positive")
        refundable = self.env["fusion.billing.refund"]._refundable(invoice)
        places = invoice.currency_id.decimal_places
        if error := _unsupported(sums, known, int(refundable.scaleb(places))):
            raise error
        cents = serialize._cents(asked.figures["total"], invoice.currency_id)
        if abs(sum(sums.values()) - cents) > 1:
            raise Invalid.field("base", "does_not_match_item_amounts")
        mode = next(mode for mode in MODES if sums[mode])
        left = serialize._cents(self._left_total(invoice), invoice.currency_id)
        if mode == "offset_amount_cents":
            left = min(left, known["total_due_amount_cents"])
        if cents > left:
            raise Invalid.field(mode, "higher_than_remaining_invoice_amount")


def _unsupported(
    sums: Mapping[str, int], known: Mapping[str, Any], refundable: int
) -> BillingError | None:
    """Money goes back to the card it came from: what came by bank, a person sends back."""
    if sums["refund_amount_cents"] > refundable:
        code = "higher_than_remaining_invoice_amount" if refundable else "not_supported"
        if not known["total_paid_amount_cents"]:
            code = "cannot_refund_unpaid_invoice"
        return Invalid.field("refund_amount_cents", code)
    if sums["offset_amount_cents"] and sum(sums.values()) > sums["offset_amount_cents"]:
        return Invalid.field("offset_amount_cents", "not_supported")
    return None
