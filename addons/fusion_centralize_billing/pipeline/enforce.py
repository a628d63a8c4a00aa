"""Dunning: who owes what since when, and what the service's policy says about it today.

A customer's case opens when something is overdue, is worked on a step at a time, and closes in
the transaction of the payment that settles it. Nothing is sent here: mails are queued, commands and
webhooks are rows, charges are scheduled; all of it leaves after the commit.
"""

import logging
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import psycopg2

from odoo import api, models
from odoo.fields import Domain

from .gate import to_decimal

_logger = logging.getLogger(__name__)

OPEN_PAYMENT = ("not_paid", "partial")
CRON = "fusion_centralize_billing.cron_enforce"


class BillingEnforce(models.AbstractModel):
    """Cases and their balance; what is done about them is in `enforce_steps.py`."""

    _name = "fusion.billing.enforce"
    _description = "Enforcement of Payment"

    # ------------------------------------------------------------------ the run
    @api.model
    def _cron_enforce(self) -> None:
        """Every live service on the real clock that has a policy; one commit an order."""
        services = self.env["fusion.billing.service"].search(
            [
                ("mode", "=", "live"),
                ("test_clock", "=", False),
                ("dunning_policy_id", "!=", False),
            ]
        )
        cron = self.env["ir.cron"]
        self._run(services, lambda done, left: cron._commit_progress(done, remaining=left))

    @api.model
    def _run(
        self, services: models.BaseModel, progress: Callable[[int, int], float] | None = None
    ) -> int:
        """Look at every subscription that owes or did; return how many were looked at.

        Safe to repeat, at any hour: a step is done once for a case. Shadow services and those
        without a policy are left alone.

        :param progress: called with (orders done, orders left); returns the seconds left, and the
            run stops at 0. What is left is looked at by the next run.
        """
        live = services.filtered(lambda each: each.mode == "live" and each.dunning_policy_id)
        orders = self.env["sale.order"].sudo().union(*map(self._candidates, live))
        if progress and not progress(0, len(orders)):
            return 0
        for count, order in enumerate(orders, start=1):
            self._enforce_alone(order)
            if progress and not progress(1, len(orders) - count):
                return count
        return len(orders)

    def _candidates(self, service: models.BaseModel) -> models.BaseModel:
        """Subscriptions (sudo) with something overdue, an open case, or a policy's suspension."""
        orders_sudo = self.env["sale.order"].sudo()
        # A day ahead of the service's own: no timezone is further on than that.
        day = service._today() + timedelta(days=1)
        domain = Domain("subscription_id.x_fc_service_id", "=", service.id)
        domain &= Domain("move_id", "any", self._overdue_domain(day))
        groups = self.env["account.move.line"].sudo()._read_group(domain, ["subscription_id"])
        owing_sudo = orders_sudo.union(*(order for (order,) in groups))
        cases = self.env["fusion.billing.dunning.case"].sudo()
        open_ = cases.search([("service_id", "=", service.id), ("state", "=", "open")])
        marked_sudo = orders_sudo.search(
            [("x_fc_service_id", "=", service.id), ("x_fc_service_state", "=", "past_due")]
        )
        today = service._today()
        owing_sudo = orders_sudo.union(*(self._current(order, today) for order in owing_sudo))
        return (owing_sudo | open_.order_id | marked_sudo).sorted("id")

    def _enforce_alone(self, order: models.BaseModel) -> bool:
        """One order in a savepoint, unless another worker has it. A broken one stops no other."""
        if not order.try_lock_for_update(allow_referencing=True):
            return False
        try:
            with self.env.cr.savepoint():
                self._enforce(order)
        except psycopg2.OperationalError:
            raise  # a serialization failure or a deadlock is for Odoo's retry to see
        except Exception:  # noqa: BLE001  whatever stops one must not stop the others
            _logger.exception("Dunning of subscription %s failed", order.name)
            return False
        return True

    def _enforce(self, order: models.BaseModel) -> None:
        """Open, go on with or close the case of one subscription (sudo), as of today."""
        service = order.x_fc_service_id
        policy = service.dunning_policy_id
        if service.mode != "live" or not policy or order.x_fc_service_state == "terminated":
            return
        if self._settle(order) or self._waits_for_money(order):
            return
        today = self._today(order)
        case = self._open_case(order) or self._open(order, policy, today)
        if not order.x_fc_dunning_hold_until or order.x_fc_dunning_hold_until <= today:
            self._take_steps(case, today)

    # ------------------------------------------------------------------ what is owed
    def _overdue_domain(self, today: date) -> Domain:
        """Posted invoices past their due date with something left to pay; not those in dispute,
        given up, or lost to the customer's bank, which nobody is asked for."""
        return Domain(
            [
                ("move_type", "=", "out_invoice"),
                ("state", "=", "posted"),
                ("payment_state", "in", OPEN_PAYMENT),
                ("invoice_date_due", "<", today),
                ("x_fc_no_dunning", "=", False),
                ("x_fc_dispute_lost_at", "=", False),
            ]
        )

    @api.model
    def _overdue(self, order: models.BaseModel) -> models.BaseModel:
        """Overdue invoices (sudo) of a subscription and of those it renewed; oldest first."""
        moves_sudo = self.env["account.move"].sudo()
        own = Domain("invoice_line_ids.subscription_id", "in", self._chain(order).ids)
        return moves_sudo.search(
            own & self._overdue_domain(self._today(order)), order="invoice_date_due, id"
        )

    @api.model
    def _balance(self, order: models.BaseModel) -> Decimal:
        """What is overdue less its open credit notes, in the policy's currency.

        An invoice for two subscriptions counts in full for both: it is paid, or it is not.
        """
        moves_sudo = self.env["account.move"].sudo()
        credits_sudo = moves_sudo.search(
            [
                ("invoice_line_ids.subscription_id", "in", self._chain(order).ids),
                ("move_type", "=", "out_refund"),
                ("state", "=", "posted"),
                ("payment_state", "in", OPEN_PAYMENT),
            ]
        )
        return self._total(order, self._overdue(order)) - self._total(order, credits_sudo)

    def _total(self, order: models.BaseModel, moves: models.BaseModel) -> Decimal:
        """What is left of these, in the currency of the order's policy."""
        today = self._today(order)
        currency = order.x_fc_service_id.sudo().dunning_policy_id.currency_id
        amounts = (
            move.currency_id._convert(move.amount_residual, currency, move.company_id, today)
            for move in moves
        )
        return sum(map(to_decimal, amounts), Decimal(0))

    def _chain(self, order: models.BaseModel) -> models.BaseModel:
        """The subscription and the ones it renewed, newest first."""
        chain = order
        while (earlier := chain[-1:]._x_fc_predecessor()) and earlier not in chain:
            chain += earlier
        return chain

    def _current(self, order: models.BaseModel, today: date) -> models.BaseModel:
        """The order that runs today of those that took over from one another."""
        while (later := order._x_fc_successor()) and later.start_date <= today:
            order = later
        return order

    def _today(self, order: models.BaseModel) -> date:
        return order.x_fc_service_id.sudo()._today(order.x_fc_tz or None)

    # ------------------------------------------------------------------ the case
    @api.model
    def _open_case(self, order: models.BaseModel) -> models.BaseModel:
        """The open case (sudo) of a subscription, or none."""
        cases_sudo = self.env["fusion.billing.dunning.case"].sudo()
        return cases_sudo.search([("order_id", "=", order.id), ("state", "=", "open")], limit=1)

    def _settle(self, order: models.BaseModel) -> bool:
        """Bring case and service state in line with what is owed; whether nothing is left to do.

        Everything overdue is paid: the case closes and the policy's suspension ends, at once. Too
        little left to suspend anybody for: the service runs, and the case stays open.
        """
        case, balance = self._open_case(order), self._balance(order)
        if order.x_fc_dunning_exempt or balance <= 0:
            state = "exempt" if order.x_fc_dunning_exempt else "paid"
            self._close(order, case, state, balance)
            return True
        if not case:
            return False
        oldest = self._overdue(order)[:1].invoice_date_due
        case.write(
            {
                "balance": float(balance),
                "opened_on": oldest,
                "counted_from": max(case.counted_from, oldest),
            }
        )
        order.x_fc_past_due_since = oldest
        policy = order.x_fc_service_id.dunning_policy_id
        if order.x_fc_service_state == "suspended" and balance < to_decimal(policy.minimum_balance):
            reason = self.env._("Less than the policy suspends for is left to pay.")
            order._fc_set_service_state("past_due", by="policy", reason=reason)
        return False

    def _open(
        self, order: models.BaseModel, policy: models.BaseModel, today: date
    ) -> models.BaseModel:
        """A case for what became overdue; the service runs on and is marked as past due."""
        oldest = self._overdue(order)[:1].invoice_date_due
        cases_sudo = self.env["fusion.billing.dunning.case"].sudo()
        case = cases_sudo.with_context(mail_create_nosubscribe=True).create(
            {
                "order_id": order.id,
                "service_id": order.x_fc_service_id.id,
                "policy_id": policy.id,
                "partner_id": (order.partner_invoice_id or order.partner_id).id,
                "balance": float(self._balance(order)),
                "opened_on": oldest,
                "counted_from": self._day_zero(policy, oldest, today),
            }
        )
        order.x_fc_past_due_since = oldest
        if order.x_fc_service_state == "active":
            reason = self.env._("An invoice is overdue.")
            order._fc_set_service_state("past_due", by="policy", reason=reason)
        return case

    def _close(
        self, order: models.BaseModel, case: models.BaseModel, state: str, balance: Decimal
    ) -> None:
        """Nothing is owed, or nobody asks: only what a person suspended stays suspended."""
        if case:
            case.balance = float(max(balance, Decimal(0)))
            case._close(state)
        order.x_fc_past_due_since = False
        if order.x_fc_service_state in ("past_due", "suspended"):
            reasons = {
                "paid": self.env._("Everything overdue is paid."),
                "exempt": self.env._("The subscription is exempt from dunning."),
                "written_off": self.env._("What was overdue is given up."),
            }
            order._fc_set_service_state("active", by="policy", reason=reasons[state])

    def _write_off(self, case: models.BaseModel) -> None:
        """A person gives the debt up: what is overdue now is left out of dunning for good."""
        order, case_sudo = case.order_id.sudo(), case.sudo()
        overdue = self._overdue(order)
        self._close(order, case_sudo, "written_off", to_decimal(case_sudo.balance))
        overdue.write({"x_fc_no_dunning": True})

    # ------------------------------------------------------------------ paid
    @api.model
    def _look_again(self, moves: models.BaseModel) -> None:
        """What these invoices are owed changed: settle the cases they belong to, now.

        In the transaction of the payment. If it fails, the payment stands and the job tries again.
        """
        orders_sudo = moves.sudo().invoice_line_ids.subscription_id
        for order in orders_sudo.filtered("x_fc_service_id"):
            order = self._current(order, self._today(order))
            if order.x_fc_service_id.mode != "live" or not self._open_case(order):
                continue
            try:
                with self.env.cr.savepoint():
                    self._settle(order)
            except psycopg2.OperationalError:
                raise
            except Exception:  # noqa: BLE001  money that came in is booked, whatever is wrong here
                _logger.exception("Resuming subscription %s failed", order.name)
                self.env.ref(CRON).sudo()._trigger()
