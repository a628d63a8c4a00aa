"""What a billing run did with one subscription."""

from odoo import fields, models


class BillingRunLine(models.Model):
    """Invoiced, parked (something must be mended first) or skipped (nothing to do)."""

    _name = "fusion.billing.run.line"
    _description = "Billing Run Line"
    _order = "run_id desc, id"
    _rec_name = "order_id"

    run_id = fields.Many2one("fusion.billing.run", required=True, ondelete="cascade", index=True)
    order_id = fields.Many2one(
        "sale.order", string="Subscription", required=True, ondelete="cascade", index=True
    )
    service_id = fields.Many2one(related="order_id.x_fc_service_id", string="Service", store=True)
    partner_id = fields.Many2one("res.partner", string="Customer", ondelete="set null")
    invoice_id = fields.Many2one("account.move", ondelete="set null", index="btree_not_null")
    currency_id = fields.Many2one(related="invoice_id.currency_id")
    amount_untaxed = fields.Monetary(related="invoice_id.amount_untaxed")
    amount_total = fields.Monetary(related="invoice_id.amount_total")
    state = fields.Selection(
        [("invoiced", "Invoiced"), ("parked", "Parked"), ("skipped", "Skipped")], required=True
    )
    reason = fields.Char(help="Why it was parked or skipped, and who can mend it.")
