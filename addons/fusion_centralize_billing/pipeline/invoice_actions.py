"""What an app may do with an invoice, each with its effect in the ledger."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from odoo import Command, api, models

from ..engine.errors import Invalid, NotAllowed, NotFound
from .gate import to_decimal
from .invoice import Book
from .statuses import SETTLED

MAX_METADATA = 5
# A charge that waits for its turn or for its outcome.
IN_FLIGHT = ("ready", "open", "unknown", "mismatch")


class BillingInvoiceActions(models.AbstractModel):
    _name = "fusion.billing.invoice.actions"
    _description = "Invoice Actions over the API"

    # ------------------------------------------------------------------ update
    @api.model
    def _change(self, invoice: models.BaseModel, values: Mapping[str, Any]) -> None:
        """Set metadata and payment status; ``succeeded`` registers a payment of what is due.

        :raise NotAllowed: ``update_on_voided_invoice``
        :raise Invalid: too many metadata; a payment status that the ledger contradicts
        """
        if self._voided(invoice):
            raise NotAllowed("update_on_voided_invoice")
        if values.get("metadata") is not None:
            self._set_metadata(invoice, values["metadata"])
        if status := values.get("payment_status"):
            self._set_payment_status(invoice, status)

    def _set_metadata(self, invoice: models.BaseModel, items: list[dict[str, Any]]) -> None:
        """A replace-set: what is not named is gone; an item keeps its date by id or key."""
        keys = [item["key"] for item in items]
        if len(items) > MAX_METADATA:
            raise Invalid.field("metadata", "invalid_count")
        if len(set(keys)) < len(keys):
            raise Invalid.field("metadata", "value_already_exist")
        serialize = self.env["fusion.billing.serialize"]
        now = serialize._instant(self.env.cr.now())
        known = {
            value: item["created_at"]
            for item in serialize._invoice_metadata(invoice)
            for value in (item["lago_id"], item["key"])
        }
        invoice.x_fc_metadata = [
            {
                "key": item["key"],
                "value": item.get("value", ""),
                "created_at": known.get(item.get("id")) or known.get(item["key"]) or now,
            }
            for item in items
        ]

    def _set_payment_status(self, invoice: models.BaseModel, status: str) -> None:
        payments = self.env["fusion.billing.payment.api"]
        settled = invoice.payment_state in SETTLED
        if settled and status != "succeeded":
            # The ledger has the money: to undo that is an accountant's work.
            raise Invalid.field("payment_status", "invoice_is_paid")
        if status == "succeeded" and not settled:
            if invoice.state != "posted":
                raise NotAllowed("invalid_status")
            today = invoice.x_fc_service_id._today()
            reference = payments._free_reference(invoice)
            payments._pay(invoice, to_decimal(invoice.amount_residual), today, reference)
        invoice.x_fc_payment_failed = status == "failed"
        payments._tell_status(invoice)

    def _voided(self, invoice: models.BaseModel) -> bool:
        return invoice.state == "cancel" or bool(invoice.x_fc_voided_at)

    # ------------------------------------------------------------------ void
    @api.model
    def _void(self, invoice: models.BaseModel, values: Mapping[str, Any]) -> None:
        """Reverse what is left of a posted invoice by a credit note, set against it.

        What was paid becomes the customer's credit, the note staying open by that much, or goes
        back to the card as far as ``refund_amount`` (cents) says.

        :raise NotAllowed: ``not_voidable``
        """
        if invoice.state != "posted" or self._voided(invoice):
            raise NotAllowed("not_voidable")
        notes = self.env["fusion.billing.credit.note"]
        notes._lock(invoice)
        self._check_amounts(invoice, values)
        invoice.x_fc_voided_at = invoice.x_fc_service_id._now()
        left = {line: amount for line, amount in notes._left(invoice).items() if amount}
        if left:
            note = notes._issue(invoice, left, reason="order_cancellation", offset=True)
            if cents := values.get("refund_amount"):
                back = Decimal(cents).scaleb(-invoice.currency_id.decimal_places)
                self.env["fusion.billing.refund"]._ask(note, back)
        if "next_charge_date" in invoice._fields:
            invoice.next_charge_date = False
        self.env["fusion.billing.outbox"]._emit(
            invoice.x_fc_service_id,
            "invoice.voided",
            "invoice",
            self.env["fusion.billing.serialize"]._invoice(invoice, full=True),
        )

    def _check_amounts(self, invoice: models.BaseModel, values: Mapping[str, Any]) -> None:
        """The ledger decides what becomes credit, exactly what was paid; say so if asked for
        something else."""
        serialize = self.env["fusion.billing.serialize"]
        paid = serialize._invoice_amounts(invoice)["total_paid_amount_cents"]
        back = values.get("refund_amount") or 0
        # What is credited already is the customer's: it does not go back to the card as well.
        refundable = min(
            self.env["fusion.billing.refund"]._refundable(invoice),
            self.env["fusion.billing.credit.note"]._left_total(invoice),
        )
        if back > serialize._cents(refundable, invoice.currency_id):
            code = "higher_than_remaining_invoice_amount" if refundable else "not_supported"
            raise Invalid.field("refund_amount", code)
        asked = values.get("credit_amount")
        if not values.get("generate_credit_note") or asked is None:
            return
        paid -= back
        if asked != paid:
            code = "higher_than_remaining_invoice_amount" if asked > paid else "not_supported"
            raise Invalid.field("credit_amount", code)

    # ------------------------------------------------------------------ drafts
    @api.model
    def _finalize(self, invoice: models.BaseModel) -> None:
        """Post a draft. 404 for anything else, as in Lago."""
        if invoice.state != "draft":
            raise NotFound("invoice")
        invoice.action_post()

    @api.model
    def _refresh(self, invoice: models.BaseModel) -> None:
        """Rate the usage of a draft again, at what is counted now. Fees stay as they are."""
        if invoice.state != "draft":
            raise NotFound("invoice")
        stage = self.env["fusion.billing.invoice"]
        periods_sudo = self.env["fusion.billing.period"].sudo()
        claims = periods_sudo.search([("invoice_id", "=", invoice.id)])
        ends = {
            order: max(own.mapped("end"))
            for order, own in claims.grouped("subscription_id").items()
        }
        usage = invoice.invoice_line_ids.filtered("x_fc_line_key")
        stage._release(invoice)
        invoice.write({"invoice_line_ids": [Command.delete(line.id) for line in usage]})
        for order, end in ends.items():
            drafts = self.env["fusion.billing.draft"]._drafts(order, until=end)
            lines = stage._usage_line_vals(order.with_context(fc_drafts=Book(drafts)))
            invoice.write({"invoice_line_ids": [Command.create(line) for line in lines]})
            stage._record(drafts[order.id], invoice)

    # ------------------------------------------------------------------ collecting
    @api.model
    def _retry_payment(self, invoice: models.BaseModel) -> None:
        """Have the saved card charged again, by the run that charges cards, after this commit.

        :raise NotAllowed: ``invalid_status``; ``payment_processor_is_currently_handling_payment``
        :raise Invalid: ``base: no_linked_payment_provider`` without a saved card
        """
        if invoice.state != "posted" or self._voided(invoice) or invoice.payment_state in SETTLED:
            raise NotAllowed("invalid_status")
        if invoice.x_fc_dispute_lost_at or invoice.x_fc_no_dunning:
            raise NotAllowed("invalid_status")
        orders = invoice.invoice_line_ids.subscription_id
        cards = orders.payment_token_id.filtered("active")
        if not cards or not hasattr(invoice, "_schedule_charge"):
            raise Invalid.field("base", "no_linked_payment_provider")
        # An exception is a charge whose outcome nobody knows: trying again could take it twice.
        in_flight = invoice.charge_ids.filtered(lambda charge: charge.charge_outcome in IN_FLIGHT)
        if in_flight or any(orders.mapped("payment_exception")):
            raise NotAllowed("payment_processor_is_currently_handling_payment")
        invoice._schedule_charge()

    @api.model
    def _payment_url(self, invoice: models.BaseModel) -> dict[str, Any]:
        """Odoo's page where the customer pays this invoice.

        :raise NotAllowed: ``invalid_status`` when there is nothing to pay
        :raise Invalid: ``base: no_linked_payment_provider``
        """
        if invoice.state != "posted" or self._voided(invoice) or invoice.payment_state in SETTLED:
            raise NotAllowed("invalid_status")
        providers_sudo = self.env["payment.provider"].sudo()
        provider = providers_sudo.search(
            [
                ("state", "in", ("enabled", "test")),
                ("company_id", "=", invoice.company_id.id),
            ],
            limit=1,
        )
        if not provider:
            raise Invalid.field("base", "no_linked_payment_provider")
        serialize = self.env["fusion.billing.serialize"]
        link = serialize._invoice_link(invoice)
        return {
            "lago_customer_id": serialize._id("customer", link),
            "external_customer_id": link.external_id or None,
            "payment_provider": provider.code,
            "lago_invoice_id": serialize._id("invoice", invoice),
            "payment_url": invoice._get_portal_payment_link(),
        }
