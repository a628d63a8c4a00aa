from odoo import api, fields, models

from .sale_order import SUBSCRIPTION_STATES

EVENT_TYPES = [
    ("creation", "New"),
    ("expansion", "Expansion"),
    ("contraction", "Contraction"),
    ("churn", "Churn"),
    ("transfer", "Transfer"),
]


class SaleOrderLog(models.Model):
    """Append-only log of the changes of monthly recurring revenue (MRR).

    Per contract the amounts add up to its monthly amount while it is running or paused, and to
    zero once it is closed or renewed; per chain (``origin_order_id``), to that of the contract
    that runs now.
    """

    _name = "sale.order.log"
    _description = "Recurring Revenue Change"
    _order = "event_date desc, id desc"
    _rec_name = "order_id"

    order_id = fields.Many2one(
        "sale.order",
        string="Contract",
        required=True,
        index=True,
        readonly=True,
        ondelete="cascade",
    )
    origin_order_id = fields.Many2one(
        "sale.order",
        string="First Contract",
        index=True,
        readonly=True,
        ondelete="set null",
        help="The contract that the chain of renewals began with; itself for a first contract.",
    )
    event_type = fields.Selection(EVENT_TYPES, string="Event", required=True, readonly=True)
    event_date = fields.Date(string="Date", required=True, index=True, readonly=True)
    amount_signed = fields.Monetary(
        string="Change", readonly=True, help="Change of the monthly amount, without taxes."
    )
    recurring_monthly = fields.Monetary(
        string="Monthly Recurring", readonly=True, help="The monthly amount after the change."
    )
    amount_company = fields.Monetary(
        string="Change in Company Currency",
        currency_field="company_currency_id",
        readonly=True,
        help="The change at the exchange rate of the first contract, so that what comes and goes"
        " adds up to zero.",
    )
    subscription_state = fields.Selection(SUBSCRIPTION_STATES, string="Status", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    plan_id = fields.Many2one("sale.subscription.plan", string="Recurring Plan", readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )

    @api.model
    def _record(self, order, event_type: str, amount: float, monthly: float) -> None:
        """Append one row.

        :param amount: the change, in the order's currency
        :param monthly: the monthly amount of the order after it
        """
        origin = order.origin_order_id or order
        self.create(
            {
                "order_id": order.id,
                "origin_order_id": origin.id,
                "event_type": event_type,
                "event_date": order._get_billing_today(),
                "amount_signed": amount,
                "recurring_monthly": monthly,
                "amount_company": amount / (origin.currency_rate or 1.0),
                "subscription_state": order.subscription_state,
                "partner_id": order.partner_id.id,
                "plan_id": order.plan_id.id,
                "user_id": order.user_id.id,
                "company_id": order.company_id.id,
                "currency_id": order.currency_id.id,
            }
        )
