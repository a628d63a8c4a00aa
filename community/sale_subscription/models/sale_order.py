import datetime

from odoo import api, fields, models

SUBSCRIPTION_STATES = [
    ("1_draft", "Quotation"),
    ("2_renewal", "Renewal Quotation"),
    ("3_progress", "In Progress"),
    ("4_paused", "Paused"),
    ("5_renewed", "Renewed"),
    ("6_churn", "Closed"),
    ("7_upsell", "Upsell"),
]


class SaleOrder(models.Model):
    """An order with a recurring plan and a recurring line is a subscription.

    This file holds its data, `sale_order_lifecycle.py` its states, `sale_order_period.py` its dates
    and `sale_order_invoice.py` the run that bills them.
    """

    _inherit = "sale.order"

    is_subscription = fields.Boolean(
        string="Recurring", compute="_compute_is_subscription", store=True, index=True
    )
    plan_id = fields.Many2one(
        "sale.subscription.plan",
        string="Recurring Plan",
        compute="_compute_plan_id",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        ondelete="restrict",
        tracking=True,
    )
    subscription_state = fields.Selection(
        SUBSCRIPTION_STATES,
        string="Subscription Status",
        compute="_compute_subscription_state",
        store=True,
        index="btree_not_null",
        copy=False,
        tracking=True,
    )

    start_date = fields.Date(
        copy=False, tracking=True, help="First day of the first period. Empty: the confirmation."
    )
    end_date = fields.Date(
        copy=False, tracking=True, help="Last day of the contract. Empty: it runs until closed."
    )
    next_invoice_date = fields.Date(
        string="Date of Next Invoice",
        copy=False,
        index="btree_not_null",
        tracking=True,
        help="The day the next invoice is due. It moves when an invoice is posted.",
    )
    last_invoice_date = fields.Date(compute="_compute_last_invoice_date")
    first_contract_date = fields.Date(compute="_compute_first_contract_date", store=True)

    recurring_total = fields.Monetary(
        string="Total Recurring",
        compute="_compute_recurring_amounts",
        store=True,
        help="Recurring amount of one period, without taxes.",
    )
    recurring_monthly = fields.Monetary(
        string="Monthly Recurring",
        compute="_compute_recurring_amounts",
        store=True,
        help="Recurring amount of one month, without taxes: the price of a period divided by its"
        " length in months.",
    )

    close_reason_id = fields.Many2one(
        "sale.order.close.reason", copy=False, ondelete="restrict", tracking=True
    )
    subscription_id = fields.Many2one(
        "sale.order",
        string="Parent Contract",
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    subscription_child_ids = fields.One2many("sale.order", "subscription_id")
    origin_order_id = fields.Many2one(
        "sale.order",
        string="First Contract",
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    payment_token_id = fields.Many2one(
        "payment.token",
        copy=False,
        index="btree_not_null",
        check_company=True,
        domain="[('partner_id', 'child_of', partner_id)]",
        ondelete="set null",
    )
    payment_exception = fields.Boolean(
        string="Contract in exception",
        copy=False,
        tracking=True,
        help="The outcome of a charge is unknown. Nothing is invoiced until a person unticks this.",
    )
    internal_note = fields.Html(copy=False)

    # === COMPUTE METHODS === #

    @api.depends("plan_id", "order_line.recurring_invoice", "subscription_state")
    def _compute_is_subscription(self) -> None:
        for order in self:
            order.is_subscription = (
                order.subscription_state != "7_upsell" and order._has_recurring_lines()
            )

    def _has_recurring_lines(self) -> bool:
        return bool(self.plan_id) and any(self.order_line.mapped("recurring_invoice"))

    @api.depends("sale_order_template_id")
    def _compute_plan_id(self) -> None:
        for order in self:
            order.plan_id = order.sale_order_template_id.plan_id or order.plan_id

    @api.depends("plan_id", "order_line.recurring_invoice", "state")
    def _compute_subscription_state(self) -> None:
        """Only quotations follow their lines. From the confirmation on, methods move the state."""
        for order in self:
            state = order.subscription_state
            if order.state in ("draft", "sent") and state not in ("2_renewal", "7_upsell"):
                state = "1_draft" if order._has_recurring_lines() else False
            order.subscription_state = state

    @api.depends("next_invoice_date", "start_date", "plan_id")
    def _compute_last_invoice_date(self) -> None:
        for order in self:
            last = (
                order.next_invoice_date - order.plan_id.billing_period
                if order.next_invoice_date and order.plan_id
                else False
            )
            began = last and order.start_date and last >= order.start_date
            order.last_invoice_date = last if began else False

    @api.depends("start_date", "origin_order_id.start_date")
    def _compute_first_contract_date(self) -> None:
        for order in self:
            order.first_contract_date = order.origin_order_id.start_date or order.start_date

    @api.depends(
        "order_line.recurring_invoice",
        "order_line.price_subtotal",
        "is_subscription",
        "plan_id.billing_period_unit",
        "plan_id.billing_period_value",
    )
    def _compute_recurring_amounts(self) -> None:
        for order in self:
            lines = order.order_line.filtered("recurring_invoice")
            total = sum(lines.mapped("price_subtotal")) if order.is_subscription else 0.0
            order.recurring_total = total
            order.recurring_monthly = total and total / order.plan_id.months_per_period

    # === DATES === #

    def _get_billing_today(self) -> datetime.date:
        """The day that billing believes it is: context key ``billing_date``, else today."""
        day = fields.Date.to_date(self.env.context.get("billing_date"))
        return day or fields.Date.context_today(self)
