"""Money that came twice: the customer paid while the card was charged, or the other way round.

Both payments are booked, since both were taken. What no invoice needs is the customer's credit, and
the next invoice takes it before the card is asked for anything.
"""

from odoo import api, models

from .gate import to_decimal

# A refund that was or may be paid out: the money is not ours to spend.
GOES_BACK = [
    ("operation", "=", "refund"),
    ("state", "in", ("draft", "pending", "authorized", "done")),
]


class BillingSurplus(models.AbstractModel):
    """Tells people of a surplus, and sets it against what is due next."""

    _name = "fusion.billing.surplus"
    _description = "Surplus of a Payment"

    @api.model
    def _tell(self, transactions: models.BaseModel) -> None:
        """Say on the invoice that it was paid twice, once for each payment that is left over."""
        for tx_sudo in transactions.sudo():
            invoices_sudo = tx_sudo.invoice_ids.filtered("x_fc_service_id")
            left = -sum(
                (to_decimal(line.amount_residual_currency) for line in self._open(tx_sudo)), 0
            )
            if not invoices_sudo or left <= 0:
                continue
            for invoice_sudo in invoices_sudo:
                invoice_sudo.message_post(
                    body=self.env._(
                        "%(amount)s of payment %(reference)s came on top of what was due. It is "
                        "the customer's credit: the next invoice takes it before the card is "
                        "charged, or a person sends it back from the payment.",
                        amount=tx_sudo.currency_id.format(float(left)),
                        reference=tx_sudo.reference,
                    )
                )

    @api.model
    def _apply(self, moves: models.BaseModel) -> None:
        """Set what customers paid too much against their new invoices, the oldest money first.

        Only money of online payments for invoices of apps: what an accountant holds on an account
        for another reason stays there. Of the same company, customer and currency.
        """
        due_sudo = moves.sudo().filtered(
            lambda move: (
                move.move_type == "out_invoice"
                and move.state == "posted"
                and move.x_fc_service_id
                and move.amount_residual > 0
            )
        )
        if not due_sudo:
            return
        surplus_sudo = due_sudo.env["account.move.line"].search(
            [
                ("partner_id", "in", due_sudo.commercial_partner_id.ids),
                ("account_type", "=", "asset_receivable"),
                ("reconciled", "=", False),
                ("balance", "<", 0),
                ("parent_state", "=", "posted"),
                ("payment_id.payment_transaction_id.state", "=", "done"),
                ("payment_id.payment_transaction_id.invoice_ids.x_fc_service_id", "!=", False),
            ],
            order="date, id",
        )
        by_customer = due_sudo.grouped("commercial_partner_id")
        for line in surplus_sudo:
            if line.payment_id.payment_transaction_id.child_transaction_ids.filtered_domain(
                GOES_BACK
            ):
                continue
            for move_sudo in by_customer[line.partner_id].sorted("id"):
                self._set_against(line, move_sudo)

    def _set_against(self, line: models.BaseModel, move_sudo: models.BaseModel) -> None:
        mine = move_sudo.line_ids.filtered(
            lambda due: (
                not due.reconciled
                and due.account_id == line.account_id
                and due.company_id == line.company_id
                and due.currency_id == line.currency_id
            )
        )
        if mine and not line.reconciled:
            (line | mine).reconcile()

    def _open(self, transactions_sudo: models.BaseModel) -> models.BaseModel:
        """The part of payments that is set against nothing."""
        return transactions_sudo.payment_id.move_id.line_ids.filtered(
            lambda line: line.account_type == "asset_receivable" and not line.reconciled
        )
