"""What customers, and people about them, do to the company: `_act_<first word>` of a script."""

from datetime import timedelta

from odoo import Command


class Acts:
    """For `Quarter`. Each gets the customer, the act and the customer's posted invoices."""

    def _act_new(self, customer, act, invoices) -> None:
        card = self._card(customer)
        self._dated(customer.order).payment_token_id = card

    def _act_pay(self, customer, act, invoices) -> None:
        if act == "pay again":
            self._pay_in_the_portal(customer, invoices[0])
            return
        unpaid = invoices.filtered("amount_residual")[:1]
        if unpaid:
            cents = round(unpaid.amount_residual * 100) - (400 if "all but" in act else 0)
            receive = self.env["fusion.billing.payment.api"]._receive
            receive(unpaid.sudo(), cents, f"bank-{unpaid.id}-{self.today}", self.today)

    def _pay_in_the_portal(self, customer, invoice) -> None:
        """Beside the charge of the card, with another card."""
        stripe_customer, method = self.stripe.card()
        transaction = self.env["payment.transaction"].create(
            {
                "provider_id": self.provider.id,
                "payment_method_id": self.env.ref("payment.payment_method_card").id,
                "amount": customer.script.price / 100,
                "currency_id": invoice.currency_id.id,
                "partner_id": invoice.partner_id.id,
                "operation": "online_direct",
                "reference": f"{invoice.name}-portal",
                "invoice_ids": [Command.set(invoice.ids)],
            }
        )
        intent = self.provider._send_api_request(
            "POST",
            "payment_intents",
            data={
                "amount": customer.script.price,
                "currency": invoice.currency_id.name.lower(),
                "customer": stripe_customer,
                "payment_method": method,
                "confirm": "true",
                "description": transaction.reference,
            },
        )
        transaction._process(
            "stripe",
            {
                "reference": transaction.reference,
                "payment_intent": intent,
                "payment_method": {"type": "card", "card": {"brand": "visa"}},
            },
        )
        transaction._post_process()

    def _note(self, invoice, offset: bool):
        notes = self.env["fusion.billing.credit.note"]
        left = {line: amount for line, amount in notes._left(invoice).items() if amount}
        return notes._issue(invoice, left, reason="other", offset=offset)

    def _act_credit(self, customer, act, invoices) -> None:
        self._note(invoices[0], offset=True)

    def _act_refund(self, customer, act, invoices) -> None:
        note = self._note(invoices[0], offset=False)
        wizards = self.env["fusion.billing.refund.wizard"]
        wizards.create({"note_id": note.id}).action_refund()

    def _act_dispute(self, customer, act, invoices) -> None:
        invoices[0].x_fc_no_dunning = True

    def _act_exempt(self, customer, act, invoices) -> None:
        customer.order._fc_exempt(True, "A sister company.")

    def _act_hold(self, customer, act, invoices) -> None:
        customer.order._fc_hold(self.today + timedelta(days=18), "Promised to pay.")

    def _act_suspend(self, customer, act, invoices) -> None:
        customer.order._fc_suspend_by_hand("Abuse.")

    def _act_resume(self, customer, act, invoices) -> None:
        customer.order._fc_resume_by_hand("Cleared.")
