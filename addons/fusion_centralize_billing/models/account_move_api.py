"""What the API keeps on an invoice or a credit note beside what Odoo knows."""

from odoo import fields, models

REASONS = [
    ("duplicated_charge", "Duplicated Charge"),
    ("product_unsatisfactory", "Product Unsatisfactory"),
    ("order_change", "Order Change"),
    ("order_cancellation", "Order Cancellation"),
    ("fraudulent_charge", "Fraudulent Charge"),
    ("other", "Other"),
]


class AccountMove(models.Model):
    _inherit = "account.move"

    x_fc_metadata = fields.Json(
        string="App's Metadata",
        copy=False,
        readonly=True,
        help="Keys and values the app keeps here: [{key, value, created_at}].",
    )
    x_fc_voided_at = fields.Datetime(
        string="Voided",
        copy=False,
        readonly=True,
        help="When the app voided this invoice; a credit note reverses it.",
    )
    x_fc_dispute_lost_at = fields.Datetime(
        string="Dispute Lost",
        copy=False,
        readonly=True,
        help="When the app said that the customer's bank took the money back for good.",
    )
    x_fc_payment_failed = fields.Boolean(
        string="Payment Failed",
        copy=False,
        readonly=True,
        help="The last try to collect this invoice failed, or the app says so.",
    )
    x_fc_told_payment_status = fields.Char(
        string="Payment Status Told",
        copy=False,
        readonly=True,
        help="What the app was last told: pending, succeeded or failed. Empty: nothing yet.",
    )
    x_fc_credit_reason = fields.Selection(
        REASONS, string="Credit Reason", copy=False, readonly=True
    )
