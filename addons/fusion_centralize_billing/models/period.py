"""One subscription × one billing period: what was billed, so that it is billed once."""

from odoo import api, fields, models

from .pretty import pretty


class BillingPeriod(models.Model):
    """Half-open ``[start, end)``. Claiming a period is inserting its row: the index decides."""

    _name = "fusion.billing.period"
    _description = "Billing Period"
    _order = "start desc, id desc"

    start = fields.Date(required=True, help="First day, local to the subscription.")
    end = fields.Date(required=True, help="First day after the period.")
    full_start = fields.Date(
        help="First day of the full period that this is a part of: what prorations divide by."
    )
    full_end = fields.Date(help="First day after that full period.")
    service_id = fields.Many2one(
        "fusion.billing.service", required=True, ondelete="restrict", index=True
    )
    subscription_id = fields.Many2one("sale.order", required=True, ondelete="restrict")
    partner_id = fields.Many2one(related="subscription_id.partner_id", string="Customer")
    invoice_id = fields.Many2one("account.move", ondelete="restrict", index="btree_not_null")
    state = fields.Selection(
        [("open", "Open"), ("sealed", "Sealed"), ("billed", "Billed")],
        required=True,
        default="open",
        index=True,
    )
    dirty = fields.Boolean(
        string="Late Usage",
        help="Usage arrived after billing: the next invoice carries the difference.",
    )
    billed = fields.Json(
        help='What was billed: {line key: {"quantity": "…", "amount": "…"}} as strings.'
    )
    billed_pretty = fields.Text(string="Billed, Readable", compute="_compute_billed_pretty")

    _period_uniq = models.UniqueIndex(
        "(subscription_id, start)", "This period of this subscription already exists."
    )
    _dirty_idx = models.Index("(subscription_id) WHERE dirty")
    _order_of_dates = models.Constraint('CHECK (start < "end")', "A period ends after it starts.")

    @api.depends("billed")
    def _compute_billed_pretty(self) -> None:
        for period in self:
            period.billed_pretty = pretty(period.billed)

    @api.depends("subscription_id", "start", "end")
    def _compute_display_name(self) -> None:
        for period in self:
            period.display_name = f"{period.subscription_id.name} {period.start} → {period.end}"
