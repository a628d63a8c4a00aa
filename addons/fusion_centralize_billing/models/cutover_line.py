"""One subscription of a cut-over: its proof, its card, its first invoice."""

from odoo import fields, models


class BillingCutoverLine(models.Model):
    """Written by the rehearsal and by the cut-over, read by people."""

    _name = "fusion.billing.cutover.line"
    _description = "Cut-over of a Subscription"
    _order = "obstacle NULLS LAST, id"
    _rec_name = "order_id"

    cutover_id = fields.Many2one(
        "fusion.billing.cutover", required=True, ondelete="cascade", index=True
    )
    service_id = fields.Many2one(related="cutover_id.service_id", store=True, index=True)
    order_id = fields.Many2one("sale.order", required=True, ondelete="restrict", index=True)
    partner_id = fields.Many2one("res.partner", ondelete="restrict", string="Customer")
    external_id = fields.Char(string="Subscription in the App")
    clean_periods = fields.Integer()
    clean_until = fields.Date(help="Where the newest signed period ends.")
    needed_periods = fields.Integer(help="Fewer than the cut-over asks for when it is younger.")
    unexplained = fields.Integer(string="Unexplained Differences")
    obstacle = fields.Char(string="Held Because", help="Empty: nothing speaks against it.")
    card = fields.Char(help="The payment method that is brought over.")
    card_note = fields.Char(string="Card Remark")
    card_values = fields.Json(help="Stripe's ids of the customer and of the payment method.")
    token_id = fields.Many2one("payment.token", ondelete="set null", readonly=True)
    first_invoice_on = fields.Date(string="First Invoice")
    currency_id = fields.Many2one("res.currency")
    untaxed = fields.Monetary()
    tax = fields.Monetary()
    total = fields.Monetary()
    first_invoice = fields.Json(
        string="First Invoice's Lines", help="[{name, amount}] of the first invoice, untaxed."
    )
    first_invoice_text = fields.Text(compute="_compute_first_invoice_text", string="It Would Say")

    _order_uniq = models.UniqueIndex(
        "(cutover_id, order_id)", "A subscription is in a cut-over once."
    )

    def _compute_first_invoice_text(self) -> None:
        for line in self:
            shown = line.first_invoice or []
            line.first_invoice_text = "\n".join(f"{it['amount']}  {it['name']}" for it in shown)
