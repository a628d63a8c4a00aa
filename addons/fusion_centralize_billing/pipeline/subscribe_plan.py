"""A trial at the beginning, and another plan on the way: up at once, down at the period's end.

The subscription that is left ends the day before; what was billed ahead is credited. The one that
follows is a new order that takes over the app's id, as a renewal does: see `subscribe_handover`.
"""

from datetime import date, timedelta

from odoo import models
from odoo.fields import Domain

from .. import engine
from .clock import local_day
from .gate import to_decimal

ONE_DAY = timedelta(days=1)


class BillingPlanChange(models.AbstractModel):
    _inherit = "fusion.billing.subscribe"

    # ------------------------------------------------------------------ trial
    def _grant_trial(self, order_sudo: models.BaseModel) -> None:
        """The plan's trial, counted from the first start under this id; a later plan has none
        left. Periods are counted as if there were none."""
        days = order_sudo.plan_id.x_fc_trial_days
        if not days or not order_sudo.start_date:
            return
        first = min(
            (earlier.start_date for earlier in self._earlier(order_sudo) if earlier.start_date),
            default=order_sudo.start_date,
        )
        end = engine.trial_end(min(first, order_sudo.start_date), days)
        if end > order_sudo.start_date:
            order_sudo.write(
                {
                    "x_fc_trial_end": end,
                    "x_fc_anchor_date": order_sudo.x_fc_anchor_date or order_sudo.start_date,
                }
            )

    def _earlier(self, order_sudo: models.BaseModel) -> models.BaseModel:
        """All subscriptions of the service that ever had this id, those called off left out."""
        return order_sudo.search(
            [
                ("x_fc_service_id", "=", order_sudo.x_fc_service_id.id),
                ("x_fc_external_id", "=", order_sudo.x_fc_external_id),
                ("x_fc_external_id", "!=", False),
                ("x_fc_canceled_at", "=", False),
                ("state", "!=", "cancel"),
            ]
        )

    # ------------------------------------------------------------------ another plan
    def _change_plan(
        self, order: models.BaseModel, plan: models.BaseModel, change_at: str | None = None
    ) -> models.BaseModel:
        """Change the plan of a subscription.

        Up (worth as much or more a year) at once, down at the end of the period, unless the caller
        says when. The same plan again changes nothing.

        :param change_at: ``now``, ``period_end``, or None
        :return: what runs now under this id: the new order, or the old one until the period ends
        :raise engine.Invalid: a subscription that cannot be billed up to the change
        """
        order_sudo, plan_sudo = order.sudo(), plan.sudo()
        new_sudo = self._item_for(order_sudo.x_fc_service_id, order_sudo.x_fc_link_id, plan_sudo)
        change = engine.plan_change(
            self._plan_value(order_sudo.plan_id, to_decimal(order_sudo.recurring_total)),
            self._plan_value(plan_sudo, to_decimal(new_sudo.fixed_price)),
            change_at,
        )
        if change.when is None:
            return order_sudo
        if change.when == "now":
            self._call_off_change(order_sudo)
            return self._switch(order_sudo, plan_sudo, self._today_of(order_sudo))
        end = self._current_period(order_sudo, self._now_of(order_sudo))[1]
        waited_sudo = order_sudo.x_fc_next_plan_id
        order_sudo.write(
            {
                "x_fc_next_plan_id": plan_sudo.id,
                "x_fc_plan_change_on": end,
                # Nothing beyond that day is billed on the old plan, whoever runs before it is over.
                "end_date": end - ONE_DAY,
            }
        )
        self._forget_override(waited_sudo - plan_sudo)
        self._announce(order_sudo, "subscription.updated")
        return order_sudo

    def _forget_override(self, plan_sudo: models.BaseModel) -> None:
        """A plan that was to follow and does not: its copy of a plan is nobody's."""
        if plan_sudo:
            self.env["fusion.billing.catalogue"]._forget_override(plan_sudo)

    def _waits_on_another(self, order_sudo: models.BaseModel, plan: models.BaseModel) -> bool:
        """Whether the order has not begun yet, and is on another plan."""
        waits = self._status(order_sudo, self._now_of(order_sudo)) == "pending"
        return waits and order_sudo.plan_id != plan

    def _plan_value(self, plan_sudo: models.BaseModel, amount) -> engine.PlanValue:
        unit, value = plan_sudo.billing_period_unit, plan_sudo.billing_period_value
        return engine.PlanValue(f"{plan_sudo.id}", amount, unit, value)

    def _call_off_change(self, order_sudo: models.BaseModel) -> None:
        """What was to change at the period's end stays; the order ends when it was to end."""
        if waited_sudo := order_sudo.x_fc_next_plan_id:
            ending, tz = order_sudo.x_fc_ending_at, self._zone_of(order_sudo)
            end = local_day(ending - timedelta(seconds=1), tz) if ending else False
            order_sudo.write(
                {"x_fc_next_plan_id": False, "x_fc_plan_change_on": False, "end_date": end}
            )
            self._forget_override(waited_sudo)

    def _change_due_plans(self, service: models.BaseModel) -> None:
        """Carry out the changes whose day has come where the customer is. Safe to repeat."""
        domain = Domain("x_fc_service_id", "=", service.id)
        domain &= Domain("x_fc_next_plan_id", "!=", False) & Domain("state", "=", "sale")
        for order_sudo in self.env["sale.order"].sudo().search(domain, order="id"):
            day, plan_sudo = order_sudo.x_fc_plan_change_on, order_sudo.x_fc_next_plan_id
            if day > self._today_of(order_sudo):
                continue
            try:
                with self.env.cr.savepoint():
                    self._switch(order_sudo, plan_sudo, day)
            except engine.Invalid:
                # Nothing is lost: the run says what is in the way, and the next one tries again.
                continue

    # ------------------------------------------------------------------ the switch
    def _switch(
        self, order_sudo: models.BaseModel, plan_sudo: models.BaseModel, day: date
    ) -> models.BaseModel:
        """End the order before ``day`` and begin another on the plan; return that one.

        :raise engine.Invalid: the old one cannot be billed
        """
        order_sudo.write(
            {
                "x_fc_termination_credit": "credit",
                "x_fc_next_plan_id": False,
                "x_fc_plan_change_on": False,
            }
        )
        last = max(day - ONE_DAY, order_sudo.start_date)
        order_sudo.end_date = last
        if not self._bill_last(order_sudo, day - ONE_DAY):
            raise engine.Invalid.field("base", "subscription_cannot_be_billed")
        order_sudo.with_context(billing_date=last).set_close()
        order_sudo.end_date = last
        new_sudo = self._follow(order_sudo, plan_sudo, day)
        self._hand_over(new_sudo)
        return new_sudo

    def _follow(
        self, order_sudo: models.BaseModel, plan_sudo: models.BaseModel, day: date
    ) -> models.BaseModel:
        """A confirmed order on the new plan from ``day`` on, which has no id yet."""
        service = order_sudo.x_fc_service_id
        values = {
            "name": order_sudo.x_fc_name,
            "billing_time": order_sudo.x_fc_billing_time,
            "ending_at": order_sudo.x_fc_ending_at,
        }
        vals = self._prepare_order(
            service, order_sudo.x_fc_link_id, plan_sudo, False, values, self._now_of(order_sudo)
        )
        counted_from = order_sudo._x_fc_anchor()
        vals |= {
            "start_date": day,
            "x_fc_tz": order_sudo.x_fc_tz,
            "partner_id": order_sudo.partner_id.id,
            "partner_invoice_id": order_sudo.partner_invoice_id.id,
            "partner_shipping_id": order_sudo.partner_shipping_id.id,
            "payment_token_id": order_sudo.payment_token_id.id,
            "x_fc_anchor_date": counted_from,
            "x_fc_trial_end": self._trial_left(order_sudo, day),
        }
        new_sudo = order_sudo.with_context(mail_create_nosubscribe=True).create(vals)
        new_sudo.with_context(billing_date=day).action_confirm()
        new_sudo.write(
            {
                "subscription_id": order_sudo.id,
                "origin_order_id": (order_sudo.origin_order_id or order_sudo).id,
                "next_invoice_date": self._due_after_change(new_sudo, day),
            }
        )
        return new_sudo

    def _trial_left(self, order_sudo: models.BaseModel, day: date) -> date | bool:
        """A trial goes on over a change of plan; another plan gives no second one."""
        end = order_sudo.x_fc_trial_end
        return end if end and end > day else False

    def _due_after_change(self, order_sudo: models.BaseModel, day: date) -> date:
        """The day itself, or the end of the trial; in arrears the end of the period."""
        if order_sudo.plan_id.bill_end_period:
            return self.env["fusion.billing.draft"]._period(order_sudo, day).end
        return order_sudo.x_fc_trial_end or day

    def _today_of(self, order_sudo: models.BaseModel) -> date:
        return local_day(self._now_of(order_sudo), self._zone_of(order_sudo))
