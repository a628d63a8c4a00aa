from odoo import api, models
from odoo.exceptions import UserError

from .period import boundary_after, is_boundary

RUNNING = ("3_progress", "4_paused")


class SaleOrder(models.Model):
    """States of a subscription: confirm, pause, resume, close, expire."""

    _inherit = "sale.order"

    # === CONFIRMATION === #

    def _confirmation_error_message(self):
        error = super()._confirmation_error_message()
        if error or self.plan_id:
            return error
        plan_needed = self.order_line.product_id.filtered(
            lambda product: product.recurring_invoice and not product.allow_one_time_sale
        )
        if plan_needed:
            return self.env._(
                "%(products)s can only be sold with a recurring plan. Choose a plan, or tick"
                " “Accept One-Time” on the product.",
                products=", ".join(plan_needed.mapped("display_name")),
            )
        return False

    def _action_confirm(self):
        res = super()._action_confirm()
        self.filtered("is_subscription")._start_subscription()
        return res

    def _start_subscription(self) -> None:
        """Open the first period: due at its start, or at its end when billed in arrears."""
        for order in self:
            order.start_date = order.start_date or order._get_billing_today()
            order.subscription_state = "3_progress"
            if not order.next_invoice_date:
                order.next_invoice_date = order._get_due_date(order.start_date)

    def _action_cancel(self):
        self.filtered(lambda o: o.subscription_state in RUNNING).subscription_state = "6_churn"
        return super()._action_cancel()

    def write(self, vals: dict):
        res = super().write(vals)
        if vals.get("end_date"):
            self._pull_last_due_date()
        return res

    def _pull_last_due_date(self) -> None:
        """A contract that now ends within its open period, billed in arrears, is due at its end."""
        for order in self.filtered(
            lambda o: o.plan_id.bill_end_period and o.subscription_state in RUNNING
        ):
            start, _stop = order._get_invoicing_period()
            due = order._get_due_date(start)
            if start <= order.end_date and due < order.next_invoice_date:
                order.next_invoice_date = due

    # === PAUSE AND CLOSE === #

    def pause_subscription(self) -> bool:
        """Stop invoicing until resumed. What was invoiced stays as it is.

        :raise UserError: a subscription is not in progress
        """
        if any(order.subscription_state != "3_progress" for order in self):
            raise UserError(self.env._("Only a subscription in progress can be paused."))
        self.write({"subscription_state": "4_paused"})
        return True

    def resume_subscription(self) -> bool:
        """Invoice again. Periods that went by entirely during the pause are not billed.

        :raise UserError: a subscription is not paused
        """
        if any(order.subscription_state != "4_paused" for order in self):
            raise UserError(self.env._("Only a paused subscription can be resumed."))
        for order in self:
            today = order._get_billing_today()
            vals = {"subscription_state": "3_progress"}
            if order.next_invoice_date < today:
                anchor, step = order._get_billing_anchor(), order.plan_id.billing_period
                on_time = is_boundary(anchor, step, today)
                vals["next_invoice_date"] = (
                    today if on_time else boundary_after(anchor, step, today)
                )
            order.write(vals)
        return True

    def set_close(self, close_reason_id: int | None = None, renew: bool = False) -> bool:
        """End the subscriptions today, or on their end date if that has passed.

        :param close_reason_id: id of a `sale.order.close.reason`
        :param renew: they continue in another order: ``5_renewed`` instead of ``6_churn``
        """
        for order in self:
            today = order._get_billing_today()
            vals = {
                "subscription_state": "5_renewed" if renew else "6_churn",
                "end_date": min(order.end_date or today, today),
            }
            if close_reason_id:
                vals["close_reason_id"] = close_reason_id
            order.write(vals)
        return True

    # === EXPIRATION === #

    @api.model
    def _cron_subscription_expiration(self) -> None:
        """Close what has ended: by its end date, or unpaid past the plan's automatic closing."""
        ended = self._get_ended_subscriptions()
        reason = self.env.ref(
            "sale_subscription.close_reason_end_of_contract", raise_if_not_found=False
        )
        ended.set_close(close_reason_id=reason.id if reason else None)
        for order, explanation in self._get_unpaid_subscriptions().items():
            order.set_close()
            order.message_post(body=explanation)

    @api.model
    def _get_ended_subscriptions(self):
        """Past their end date, and with no period left that is still to be invoiced."""
        today = self._get_billing_today()
        ended = self.search([("subscription_state", "in", RUNNING), ("end_date", "<", today)])
        return ended - self.search(self._recurring_invoice_domain([("id", "in", ended.ids)]))

    @api.model
    def _get_unpaid_subscriptions(self) -> dict:
        """``{order: why}`` for those whose oldest open invoice is late beyond the plan's limit,
        and those that wait for their customer's own payment longer than that."""
        return {**self._get_waiting_subscriptions(), **self._get_late_subscriptions()}

    def _get_late_subscriptions(self) -> dict:
        today = self._get_billing_today()
        explanations = {}
        late_lines = self.env["account.move.line"].search(
            [
                ("subscription_id.subscription_state", "in", RUNNING),
                ("subscription_id.plan_id.auto_close_limit", ">", 0),
                ("move_id.move_type", "=", "out_invoice"),
                ("move_id.state", "=", "posted"),
                ("move_id.payment_state", "in", ("not_paid", "partial")),
                ("move_id.invoice_date_due", "<", today),
            ]
        )
        for line in late_lines:
            order, move = line.subscription_id, line.move_id
            if (today - move.invoice_date_due).days > order.plan_id.auto_close_limit:
                explanations.setdefault(
                    order,
                    self.env._(
                        "Closed automatically: invoice %(invoice)s, due %(date)s, is not paid.",
                        invoice=move.name,
                        date=move.invoice_date_due,
                    ),
                )
        return explanations

    def _get_waiting_subscriptions(self) -> dict:
        today = self._get_billing_today()
        explanations = {}
        waiting = self.search(
            [
                ("subscription_state", "=", "3_progress"),
                ("require_payment", "=", True),
                ("plan_id.auto_close_limit", ">", 0),
                ("next_invoice_date", "<", today),
            ]
        )
        for order in waiting:
            if (today - order.next_invoice_date).days > order.plan_id.auto_close_limit:
                explanations[order] = self.env._(
                    "Closed automatically: the payment expected on %(date)s did not arrive.",
                    date=order.next_invoice_date,
                )
        return explanations
