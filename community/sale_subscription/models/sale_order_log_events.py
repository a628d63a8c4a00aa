from odoo import api, models

from .sale_order_lifecycle import RUNNING

# Whoever changes several lines at once passes this key, and logs the whole change at the end.
LATER = "recurring_log_later"
ORDER_FIELDS = {"subscription_state", "plan_id", "order_line"}
LINE_FIELDS = {"product_uom_qty", "price_unit", "discount", "tax_ids", "product_id", "order_id"}


class SaleOrder(models.Model):
    """What is compared with the log after each change, and written there if it differs."""

    _inherit = "sale.order"

    def write(self, vals: dict):
        if self.env.context.get(LATER) or not ORDER_FIELDS & vals.keys():
            return super().write(vals)
        later = self.with_context(**{LATER: True})
        res = super(SaleOrder, later).write(vals)
        self._log_recurring_changes()
        return res

    def action_view_recurring_changes(self) -> dict:
        """The changes of the monthly amount of this chain of contracts."""
        self.ensure_one()
        origin = self.origin_order_id or self
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Changes of Recurring Revenue"),
            "res_model": "sale.order.log",
            "view_mode": "list,graph,pivot",
            "domain": [("origin_order_id", "=", origin.id)],
        }

    def _log_recurring_changes(self) -> None:
        """Append what changed since the last row: one row an order, or none.

        The difference to the log is what counts, not the kind of call that made it. So a change
        that came by another way is caught up with by the next one, and nothing is counted twice.
        """
        candidates = self.filtered("subscription_state")
        if not candidates or self.env.context.get(LATER):
            return
        logs_sudo = self.env["sale.order.log"].sudo()
        logged = logs_sudo._get_logged_amounts(candidates)
        for order_sudo in candidates.sudo():
            before, started = logged.get(order_sudo.id, (0.0, False))
            running = order_sudo.subscription_state in RUNNING
            monthly = order_sudo.recurring_monthly if running else 0.0
            if running and order_sudo.id not in logged:
                before = order_sudo._log_transfer_from_parent()
            change = order_sudo.currency_id.round(monthly - before)
            if not order_sudo.currency_id.is_zero(change):
                event = order_sudo._get_recurring_event(change, started=started or before)
                logs_sudo._record(order_sudo, event, change, monthly)

    def _get_recurring_event(self, change: float, started: bool) -> str:
        if self.subscription_state == "5_renewed":
            return "transfer"
        if self.subscription_state not in RUNNING:
            return "churn"
        if not started:
            return "creation"
        return "expansion" if change > 0 else "contraction"

    def _log_transfer_from_parent(self) -> float:
        """A renewal begins with the amount that its parent gave up.

        :return: that amount; 0 for a contract that is not a renewal, or not in the same currency
        """
        parent = self.subscription_id
        if parent.subscription_state != "5_renewed" or parent.currency_id != self.currency_id:
            return 0.0
        logs_sudo = self.env["sale.order.log"].sudo()
        given = logs_sudo.search(
            [("order_id", "=", parent.id), ("event_type", "=", "transfer")],
            order="id desc",
            limit=1,
        )
        if given:
            logs_sudo._record(self, "transfer", -given.amount_signed, -given.amount_signed)
        return -given.amount_signed


class SaleOrderLog(models.Model):
    _inherit = "sale.order.log"

    @api.model
    def _get_logged_amounts(self, orders) -> dict[int, tuple[float, bool]]:
        """``{order id: (sum of the changes, whether the contract was counted already)}``."""
        totals = self._read_group(
            [("order_id", "in", orders.ids)], ["order_id"], ["amount_signed:sum", "id:max"]
        )
        last = {
            log.order_id.id: log.event_type != "churn"
            for log in self.browse(newest for _order, _total, newest in totals)
        }
        return {order.id: (total, last[order.id]) for order, total, _newest in totals}


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    @api.model_create_multi
    def create(self, vals_list: list[dict]):
        lines = super().create(vals_list)
        lines._log_running_contracts()
        return lines

    def write(self, vals: dict):
        res = super().write(vals)
        if LINE_FIELDS & vals.keys():
            self._log_running_contracts()
        return res

    def _log_running_contracts(self) -> None:
        if not self.env.context.get(LATER):
            running = self.order_id.filtered(
                lambda order: order.state == "sale" and order.subscription_state in RUNNING
            )
            running._log_recurring_changes()
