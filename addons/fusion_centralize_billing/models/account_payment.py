"""Payments tell the service whose invoice they settle; the app's own carry its reference."""

from odoo import fields, models


class AccountPayment(models.Model):
    _inherit = "account.payment"

    x_fc_invoice_id = fields.Many2one(
        "account.move",
        string="Registered by the App For",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
    )
    x_fc_reference = fields.Char(string="App's Reference", readonly=True, copy=False)

    _x_fc_reference_uniq = models.UniqueIndex(
        "(x_fc_invoice_id, x_fc_reference)"
        " WHERE x_fc_invoice_id IS NOT NULL AND state NOT IN ('canceled', 'rejected')",
        "This payment was registered already.",
    )


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _create_payment(self, **extra_create_values):
        payment = super()._create_payment(**extra_create_values)
        self.env["fusion.billing.payment.api"]._announce(payment)
        return payment


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    def create(self, vals_list):
        """Whatever settles an invoice, its app hears that the status changed."""
        partials = super().create(vals_list)
        self.env["fusion.billing.payment.api"]._tell_status(partials._x_fc_invoices())
        return partials

    def unlink(self):
        """And whatever unsettles it."""
        invoices = self._x_fc_invoices()
        result = super().unlink()
        self.env["fusion.billing.payment.api"]._tell_status(invoices)
        return result

    def _x_fc_invoices(self) -> models.BaseModel:
        moves_sudo = self.sudo().debit_move_id.move_id
        return moves_sudo.filtered(
            lambda move: move.x_fc_service_id and move.move_type == "out_invoice"
        )
