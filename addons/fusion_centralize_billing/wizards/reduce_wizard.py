"""Reduce the quantity of a recurring line now, with a credit for the rest of its period."""

from odoo import api, fields, models


class BillingReduceWizard(models.TransientModel):
    """Shows the credit before it is given."""

    _name = "fusion.billing.reduce.wizard"
    _description = "Reduce a Subscription with Credit"

    order_id = fields.Many2one("sale.order", required=True, ondelete="cascade")
    currency_id = fields.Many2one(related="order_id.currency_id")
    line_id = fields.Many2one(
        "sale.order.line",
        string="Product",
        required=True,
        ondelete="cascade",
        domain="[('order_id', '=', order_id), ('recurring_invoice', '=', True)]",
    )
    current_quantity = fields.Float(related="line_id.product_uom_qty")
    quantity = fields.Float(string="New Quantity", digits="Product Unit", required=True)
    day = fields.Date(
        string="Last Day at the Old Quantity",
        required=True,
        compute="_compute_day",
        store=True,
        readonly=False,
        precompute=True,
    )
    settle = fields.Selection(
        [("credit", "Leave the credit open"), ("offset", "Set it against the invoice")],
        string="Credit Note",
        required=True,
        default="offset",
    )
    amount = fields.Monetary(string="Credit before Taxes", compute="_compute_amount")

    @api.depends("order_id")
    def _compute_day(self) -> None:
        """Today, as the subscription's service and timezone see it."""
        for wizard in self:
            order = wizard.order_id
            service_sudo = order.x_fc_service_id.sudo()
            wizard.day = (
                service_sudo._today(order.x_fc_tz or None)
                if service_sudo
                else fields.Date.context_today(wizard)
            )

    @api.depends("line_id", "quantity", "day")
    def _compute_amount(self) -> None:
        credit = self.env["fusion.billing.credit"]
        for wizard in self:
            line, amount = wizard.line_id, 0
            if line and wizard.day and 0 <= wizard.quantity < line.product_uom_qty:
                unused = credit._preview(line, wizard.quantity, wizard.day)
                amount = sum(item.credit.amount for item in unused)
            wizard.amount = float(amount)

    def action_reduce(self) -> dict:
        """Reduce, and show the credit notes there are.

        :raise UserError: not a lower quantity, not running, or billed at period end
        """
        self.ensure_one()
        self.order_id.check_access("write")
        notes = self.env["fusion.billing.credit"]._reduce(
            self.line_id, self.quantity, self.day, self.settle
        )
        if not notes:
            return {"type": "ir.actions.act_window_close"}
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account.action_move_out_refund_type"
        )
        return {**action, "domain": [("id", "in", notes.ids)], "context": {"create": False}}
