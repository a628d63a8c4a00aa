from odoo import api, fields, models
from odoo.fields import Domain

from .payment_transaction import UNRESOLVED


class AccountMove(models.Model):
    """When the saved card of a subscription is charged for an invoice."""

    _inherit = "account.move"

    next_charge_date = fields.Date(
        string="Next Card Charge",
        copy=False,
        index="btree_not_null",
        help="The saved card of the subscription is charged on this day. Empty: it is not charged.",
    )
    charge_ids = fields.One2many(
        "payment.transaction", "charge_invoice_id", string="Card Charges", copy=False
    )

    def _schedule_charge(self) -> None:
        """Have the run charge the saved card for these invoices, once they are posted."""
        due = self.filtered(lambda move: move._get_charged_subscriptions().payment_token_id)
        if not due:
            return
        due_sudo = due.sudo()
        due_sudo.next_charge_date = self.env["sale.order"]._get_billing_today()
        due_sudo._note_scheduled_charge()
        self.env["sale.order"]._trigger_charges()

    def _note_scheduled_charge(self) -> None:
        """Hook: these invoices (sudo) were just scheduled; another day may be put there."""

    @api.model
    def _get_charge_domain(self) -> Domain:
        """Invoices whose card the run charges today."""
        return Domain(
            [
                ("next_charge_date", "<=", self.env["sale.order"]._get_billing_today()),
                ("move_type", "=", "out_invoice"),
                ("state", "=", "posted"),
                ("payment_state", "in", ("not_paid", "partial")),
                (
                    "invoice_line_ids.subscription_id",
                    "any",
                    [("payment_token_id.active", "=", True), ("payment_exception", "=", False)],
                ),
                ("charge_ids", "not any", [("charge_outcome", "in", UNRESOLVED)]),
            ]
        )

    def _get_charged_subscriptions(self):
        return self.invoice_line_ids.subscription_id

    def _is_open_for_charge(self) -> bool:
        """Whether there is something left to pay, and nobody is paying it at this moment."""
        self.ensure_one()
        if self.state != "posted" or self.payment_state not in ("not_paid", "partial"):
            return False
        moment_ago = fields.Datetime.subtract(fields.Datetime.now(), minutes=30)
        under_way = self.transaction_ids.filtered(
            lambda tx: (
                not tx.charge_invoice_id
                and (
                    tx.state in ("pending", "authorized")
                    or (tx.state == "draft" and tx.create_date > moment_ago)
                )
            )
        )
        return self.amount_residual > 0 and not under_way
