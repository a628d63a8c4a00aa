"""Payments an app registers by hand, and what every app hears about payments."""

from datetime import date
from decimal import Decimal

from odoo import api, models

from ..engine.errors import Invalid, NotAllowed
from .gate import to_decimal

DONE = ("in_process", "paid")


class BillingPaymentApi(models.AbstractModel):
    _name = "fusion.billing.payment.api"
    _description = "Payments over the API"

    @api.model
    def _receive(
        self, invoice: models.BaseModel, amount_cents: int, reference: str, day: date
    ) -> models.BaseModel:
        """Register and reconcile a payment of an invoice; the same reference again is the same one.

        :param invoice: a posted invoice (sudo)
        :return: the `account.payment` (sudo), which existed already if its reference did
        :raise NotAllowed: ``invalid_status`` for a draft or a voided invoice
        :raise Invalid: more than is due, or another amount under a known reference
        """
        currency = invoice.currency_id
        amount = Decimal(amount_cents).scaleb(-currency.decimal_places)
        known = self._known(invoice, reference)
        if known:
            if to_decimal(known.amount) != amount:
                raise Invalid.field("reference", "value_already_exist")
            return known
        if invoice.state != "posted" or invoice.x_fc_voided_at:
            raise NotAllowed("invalid_status")
        if amount > to_decimal(invoice.amount_residual):
            raise Invalid.field("amount_cents", "value_is_out_of_range")
        return self._pay(invoice, amount, day, reference)

    def _known(self, invoice: models.BaseModel, reference: str) -> models.BaseModel:
        payments_sudo = self.env["account.payment"].sudo()
        return payments_sudo.search(
            [
                ("x_fc_invoice_id", "=", invoice.id),
                ("x_fc_reference", "=", reference),
                ("state", "not in", ("canceled", "rejected")),
            ],
            limit=1,
        )

    def _free_reference(self, invoice: models.BaseModel) -> str:
        """The invoice's name, numbered when a payment of that reference is there already."""
        references = [invoice.name]
        while self._known(invoice, references[-1]):
            references.append(f"{invoice.name} ({len(references) + 1})")
        return references[-1]

    def _pay(
        self, invoice: models.BaseModel, amount: Decimal, day: date, reference: str
    ) -> models.BaseModel:
        """As a person does with Register Payment: the company's first bank or cash journal."""
        register_sudo = self.env["account.payment.register"].sudo()
        wizard = register_sudo.with_company(invoice.company_id).with_context(
            active_model="account.move",
            active_ids=invoice.ids,
            fc_reference=reference,
            force_payment_move=True,  # without an entry in the ledger nothing would be paid
        )
        payments = wizard.create(
            {
                "payment_date": day,
                "amount": float(amount),
                "communication": reference,
                "payment_difference_handling": "open",
            }
        )._create_payments()
        payment = payments.sudo()
        payment.write({"x_fc_invoice_id": invoice.id, "x_fc_reference": reference})
        payment.flush_recordset()
        return payment

    @api.model
    def _announce(self, payments: models.BaseModel) -> None:
        """`payment.succeeded` to each service whose invoices these payments pay."""
        serialize = self.env["fusion.billing.serialize"]
        for payment in payments.sudo():
            reference = self.env.context.get("fc_reference")
            for service in payment.invoice_ids.x_fc_service_id:
                if payment.state in DONE and payment.payment_type == "inbound":
                    shown = serialize._payment(payment, service)
                    if reference:
                        shown["reference"] = reference
                    self.env["fusion.billing.outbox"]._emit(
                        service, "payment.succeeded", "payment", shown
                    )
            self._tell_status(payment.invoice_ids)

    @api.model
    def _tell_status(self, moves: models.BaseModel) -> None:
        """`invoice.payment_status_updated`, once for every change an app has not heard of."""
        serialize = self.env["fusion.billing.serialize"]
        for move in moves.sudo().filtered(
            lambda move: move.x_fc_service_id and move.move_type == "out_invoice"
        ):
            status = serialize._payment_status(move)
            if status == "succeeded":
                # A payment that is undone later leaves an open invoice, not a failed try.
                move.x_fc_payment_failed = False
            if status == (move.x_fc_told_payment_status or "pending"):
                continue
            move.x_fc_told_payment_status = status
            self.env["fusion.billing.outbox"]._emit(
                move.x_fc_service_id,
                "invoice.payment_status_updated",
                "invoice",
                serialize._invoice(move, full=True),
            )
