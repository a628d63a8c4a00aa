"""Corrections in the customer's favour: a line on the next invoice, or a credit note."""

from decimal import Decimal

from odoo import Command, models

from .draft import Bill, Draft
from .gate import to_decimal
from .run_rest import run_line
from .usage_lines import FIRST_SEQUENCE


class BillingRunCorrections(models.AbstractModel):
    """Before a subscription is invoiced, what its corrected periods owe the customer is looked at.

    Small corrections travel as lines of the next invoice. Above the service's limit, or where
    that invoice is too small to carry them, each corrected period gets a credit note that
    reverses the invoice it was billed on.
    """

    _inherit = "fusion.billing.invoice"

    def _credit_corrections(self, orders: models.BaseModel, book: dict[int, Draft]) -> list[dict]:
        """Post the credit notes these orders need, and take them out of their drafts.

        :return: a run line for each
        """
        lines = []
        for order in orders:
            draft = book[order.id]
            owing = [bill for bill in draft.bills if bill.claim and _owed(bill) > 0]
            if not owing or not self._needs_note(order, draft, sum(map(_owed, owing))):
                continue
            for bill in owing:
                note = self._issue_correction(order, bill)
                reason = self.env._("Corrected usage, credited apart.")
                lines.append(run_line(order, "invoiced", reason, note))
            draft.bills = [bill for bill in draft.bills if bill not in owing]
        return lines

    def _needs_note(self, order: models.BaseModel, draft: Draft, owed: Decimal) -> bool:
        """Above the limit of the service, or more than the invoice has to charge."""
        limit = self._limit_of(order)
        if limit and owed > limit:
            return True
        usage = sum((-_owed(bill) for bill in draft.bills if _owed(bill) < 0), Decimal(0))
        fee = Decimal(0) if self._ends(order) else to_decimal(order.recurring_total)
        return owed > fee + usage

    def _limit_of(self, order: models.BaseModel) -> Decimal:
        """The service's limit, which is in its company's currency, in the subscription's."""
        service_sudo = order.x_fc_service_id.sudo()
        own, currency = service_sudo.currency_id, order.currency_id
        if own == currency or not service_sudo.correction_limit:
            return to_decimal(service_sudo.correction_limit)
        return to_decimal(
            own._convert(
                service_sudo.correction_limit,
                currency,
                service_sudo.company_id,
                order._x_fc_today(),
            )
        )

    def _ends(self, order: models.BaseModel) -> bool:
        """Whether the invoice now due carries no fee, because the contract is over."""
        due = order.next_invoice_date
        return bool(order.end_date and due and due > order.end_date)

    def _issue_correction(self, order: models.BaseModel, bill: Bill) -> models.BaseModel:
        """Credit one period's corrections on the invoice it was billed on, and remember it.

        What the period owes in the other direction stands on the note too: the note is the
        difference between what was billed and what the usage is worth now.
        """
        stage = self.env["fusion.billing.usage.lines"].with_env(order.env)
        lines = [
            stage._line(order, bill, adjustment, FIRST_SEQUENCE + number)
            for number, adjustment in enumerate(bill.adjustments)
        ]
        billed_on = bill.claim.invoice_id
        values = order._prepare_invoice() | {
            "move_type": "out_refund",
            "ref": self.env._("Corrected usage of %(invoice)s", invoice=billed_on.name or "/"),
            "reversed_entry_id": billed_on.id,
            "x_fc_correction": True,
            "invoice_payment_term_id": False,
            "invoice_line_ids": [
                Command.create({**line, "price_unit": -line["price_unit"]}) for line in lines
            ],
        }
        moves_sudo = self.env["account.move"].sudo().with_company(order.company_id)
        note = moves_sudo.create(values)
        bill.claim.write({"billed": bill.billed_after, "dirty": False})
        note.with_context(fc_credit_stays_open=True).action_post()
        return note


def _owed(bill: Bill) -> Decimal:
    """What the period's adjustments give back in all; negative: what they still charge."""
    return -sum((adjustment.amount for adjustment in bill.adjustments), Decimal(0))
