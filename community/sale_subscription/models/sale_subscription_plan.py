from dateutil.relativedelta import relativedelta

from odoo import api, fields, models

from .sale_order_lifecycle import RUNNING


class SaleSubscriptionPlan(models.Model):
    """How often a subscription is billed, and the rules that go with it."""

    _name = "sale.subscription.plan"
    _description = "Recurring Plan"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one("res.company", help="Empty: usable by every company.")

    billing_period_value = fields.Integer(string="Billing Period", default=1, required=True)
    billing_period_unit = fields.Selection(
        selection=[("week", "Weeks"), ("month", "Months"), ("year", "Years")],
        string="Unit",
        default="month",
        required=True,
    )
    billing_period_display = fields.Char(
        string="Billing Cycle", compute="_compute_billing_period_display"
    )
    billing_first_day = fields.Boolean(
        string="Align to Period Start",
        help="Bill on the first day of the week, month or year. The first invoice covers the days"
        " left until then and is reduced accordingly.",
    )
    bill_end_period = fields.Boolean(
        string="Bill at Period End",
        help="Invoice each period when it is over instead of when it begins.",
    )
    auto_close_limit = fields.Integer(
        string="Automatic Closing",
        help="Days after its due date when an unpaid invoice closes the subscription. 0: never.",
    )
    user_closable = fields.Boolean(
        string="Closable", help="Customers may close their subscription themselves."
    )
    invoice_mail_template_id = fields.Many2one(
        "mail.template",
        string="Invoice Email Template",
        domain=[("model", "=", "account.move")],
        help="Sent with each recurring invoice. Empty: the invoice is posted and not sent.",
    )
    subscription_rule_ids = fields.One2many(
        "product.pricelist.item", "plan_id", string="Recurring Prices"
    )

    _billing_period_value_positive = models.Constraint(
        "CHECK(billing_period_value > 0)", "The billing period must be at least 1."
    )
    _auto_close_limit_not_negative = models.Constraint(
        "CHECK(auto_close_limit >= 0)", "Automatic closing cannot be a negative number of days."
    )

    def write(self, vals: dict):
        """Another length of the period is another amount per month for its running contracts."""
        res = super().write(vals)
        if {"billing_period_unit", "billing_period_value"} & vals.keys():
            orders_sudo = self.env["sale.order"].sudo()
            running = orders_sudo.search(
                [("plan_id", "in", self.ids), ("subscription_state", "in", RUNNING)]
            )
            running._log_recurring_changes()
        return res

    @property
    def billing_period(self) -> relativedelta:
        """Length of one period; an empty length for no plan."""
        if not self:
            return relativedelta()
        self.ensure_one()
        return relativedelta(**{f"{self.billing_period_unit}s": self.billing_period_value})

    @property
    def months_per_period(self) -> float:
        """Length of one period in months: a week is 12/52 of a month, so 52 weeks are a year."""
        self.ensure_one()
        months = {"week": 12 / 52, "month": 1, "year": 12}[self.billing_period_unit]
        return months * self.billing_period_value

    @api.depends("billing_period_value", "billing_period_unit")
    @api.depends_context("lang")
    def _compute_billing_period_display(self) -> None:
        env = self.env
        one = {"week": env._("1 week"), "month": env._("1 month"), "year": env._("1 year")}
        several = {
            "week": env._("%(count)s weeks"),
            "month": env._("%(count)s months"),
            "year": env._("%(count)s years"),
        }
        for plan in self:
            unit, count = plan.billing_period_unit, plan.billing_period_value
            if not unit:
                plan.billing_period_display = False
            elif count == 1:
                plan.billing_period_display = one[unit]
            else:
                plan.billing_period_display = several[unit] % {"count": count}
