"""What keeps a subscription, or a whole cut-over, from being switched. Reads only."""

import hashlib
import json
from datetime import date
from typing import Any

from odoo import api, models

from .. import engine
from .gate import to_decimal


class BillingCutoverCheck(models.AbstractModel):
    """Each obstacle is a sentence that says what to do about it."""

    _name = "fusion.billing.cutover.check"
    _description = "Locks of a Cut-over"

    @api.model
    def _look(self, orders: models.BaseModel, required: int) -> dict[int, dict[str, Any]]:
        """The proof and the first obstacle of each order.

        :param required: how many clean periods the cut-over asks for
        :return: ``{order id: values of its line}``: proof and ``obstacle``;
            ``obstacle`` is False when nothing speaks against it
        """
        orders_sudo = orders.sudo()
        reconcile_sudo = self.env["fusion.billing.reconcile"].sudo()
        clean = reconcile_sudo._clean_periods(orders_sudo)
        open_rows = reconcile_sudo._unexplained(orders_sudo).grouped("subscription_id")
        found = {}
        until = self._clean_until(orders_sudo)
        for order_sudo in orders_sudo:
            proof = {
                "clean_until": until.get(order_sudo),
                "clean_periods": clean.get(order_sudo.id, 0),
                "needed_periods": self._needed(order_sudo, required),
                "unexplained": len(open_rows.get(order_sudo, ())),
            }
            found[order_sudo.id] = {**proof, "obstacle": self._obstacle(order_sudo, proof) or False}
        return found

    def _clean_until(self, orders_sudo: models.BaseModel) -> dict[models.BaseModel, date]:
        """Order → where its newest signed period ends."""
        rows_sudo = self.env["fusion.billing.reconciliation"].sudo()
        domain = [("subscription_id", "in", orders_sudo.ids), ("state", "=", "signed_off")]
        return dict(rows_sudo._read_group(domain, ["subscription_id"], ["period_end:max"]))

    @api.model
    def _lock(self, cutover: models.BaseModel) -> str:
        """Why the whole cut-over is locked; empty when it is not."""
        reasons = []
        if not cutover.order_ids:
            reasons.append(self.env._("It has no subscriptions."))
        if blocked := cutover.blocked_count:
            reasons.append(
                self.env._(
                    "%(count)s of %(all)s subscriptions are held: mend what their lines say, or "
                    "take them out of this cut-over.",
                    count=blocked,
                    all=cutover.order_count,
                )
            )
        required = cutover.clean_periods_required
        best = max(cutover.line_ids.mapped("clean_periods"), default=0)
        if cutover.order_ids and best < required:
            reasons.append(
                self.env._(
                    "No subscription of it has %(required)s clean periods yet; the best has "
                    "%(best)s.",
                    required=required,
                    best=best,
                )
            )
        return "\n".join(reasons)

    @api.model
    def _warnings(self, cutover: models.BaseModel) -> str:
        """What a person should know and may accept."""
        service_sudo = cutover.service_id.sudo()
        told = []
        required = cutover.clean_periods_required
        if required < service_sudo.clean_periods_required:
            told.append(
                self.env._(
                    "It asks for %(own)s clean periods where the service asks for %(usual)s.",
                    own=required,
                    usual=service_sudo.clean_periods_required,
                )
            )
        if not service_sudo.dunning_policy_id:
            told.append(self.env._("The service has no dunning policy: nobody will be reminded."))
        return "\n".join(told + self._counted(cutover))

    def _counted(self, cutover: models.BaseModel) -> list[str]:
        """Of how many subscriptions something should be known."""
        orders, lines = cutover.order_ids, cutover.line_ids
        told = []
        if behind := orders.filtered(lambda order: order.x_fc_import_status == "past_due"):
            told.append(
                self.env._(
                    "%(count)s are past due in the app: what they owe there, the app collects.",
                    count=len(behind),
                )
            )
        unproved = lines.filtered(lambda line: not line.needed_periods)
        if unproved and cutover.clean_periods_required:
            told.append(
                self.env._(
                    "%(count)s have no past period to compare and go unproved.",
                    count=len(unproved),
                )
            )
        if without := lines.filtered("card_note"):
            told.append(
                self.env._(
                    "%(count)s come without a card and pay by the link in their invoice.",
                    count=len(without),
                )
            )
        return told

    @api.model
    def _fingerprint(self, orders: models.BaseModel) -> str:
        """SHA-256 of what decides the first invoices: who, which plan, from when, at what price.

        Usage is left out, since it goes on arriving; prices of charges are in.
        """
        orders_sudo = orders.sudo().sorted("id")
        # In the source language, whoever looks.
        service_sudo = orders_sudo.x_fc_service_id.with_context(lang=None)
        charges_sudo = service_sudo.charge_ids.sorted("id")
        content = [
            [
                [
                    order.id,
                    order.partner_id.id,
                    order.plan_id.id,
                    order.currency_id.name,
                    str(order.x_fc_current_period_start or ""),
                    str(order.x_fc_current_period_end or ""),
                    [[str(to_decimal(line.price_unit)), str(to_decimal(line.product_uom_qty)),
                      str(to_decimal(line.discount))] for line in order.order_line],
                ]
                for order in orders_sudo
            ],
            [[charge.plan_code, repr(charge._to_engine()), repr(charge.metric_id._to_engine())]
             for charge in charges_sudo],
        ]  # fmt: skip
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    # ------------------------------------------------------------------ one order
    def _obstacle(self, order_sudo: models.BaseModel, proof: dict[str, Any]) -> str:
        if reason := self._gone(order_sudo):
            return reason
        if reason := self.env["fusion.billing.golive"]._obstacle(order_sudo):
            return reason
        if reason := self._stale(order_sudo):
            return reason
        if proof["unexplained"]:
            return self.env._(
                "Unexplained differences: %(count)s. Explain them under Reconciliation.",
                count=proof["unexplained"],
            )
        return self._unproved(order_sudo, proof)

    def _gone(self, order_sudo: models.BaseModel) -> str:
        """Whoever was first has it."""
        if order_sudo.filtered_domain(order_sudo._fc_waiting_domain()):
            return ""
        if other_sudo := order_sudo.x_fc_cutover_id:
            return self.env._("%(cutover)s has cut it over.", cutover=other_sudo.name)
        return self.env._("it no longer waits in shadow: it is live, cancelled or ended.")

    def _stale(self, order_sudo: models.BaseModel) -> str:
        """On the day its period ends the app may have billed the next one already."""
        end = order_sudo.x_fc_current_period_end
        if not end:
            return ""
        if ahead := order_sudo._fc_app_invoices_from(end)[:1]:
            return self.env._(
                "the app's invoice %(invoice)s has billed the period from %(day)s on: import again",
                invoice=ahead.external_invoice_id,
                day=end,
            )
        if end > self._today(order_sudo):
            return ""
        return self.env._(
            "its period in the app ended on %(day)s, so that the app may have billed the next one: "
            "import again",
            day=end,
        )

    def _unproved(self, order_sudo: models.BaseModel, proof: dict[str, Any]) -> str:
        """Too few clean periods, or clean ones of long ago."""
        if proof["clean_periods"] < proof["needed_periods"]:
            return self.env._(
                "%(clean)s of %(needed)s clean periods.",
                clean=proof["clean_periods"],
                needed=proof["needed_periods"],
            )
        last, ended = proof["clean_until"], order_sudo.x_fc_current_period_start
        if proof["needed_periods"] and ended and last and last < ended:
            return self.env._(
                "its clean periods end on %(last)s: compare those up to %(ended)s, too.",
                last=last,
                ended=ended,
            )
        return ""

    def _needed(self, order_sudo: models.BaseModel, required: int) -> int:
        """The periods it can have been compared for, at most what is asked for."""
        start, plan = order_sudo.start_date, order_sudo.plan_id
        if not (start and plan):
            return required
        today = self._today(order_sudo)
        began = order_sudo.x_fc_started_at
        first = min(began.date(), start) if began else start
        unit, length = plan.billing_period_unit, plan.billing_period_value
        ended = 0
        while ended < required and engine.boundary(first, unit, length, ended + 1) <= today:
            ended += 1
        return ended

    def _today(self, order_sudo: models.BaseModel) -> date:
        return order_sudo.x_fc_service_id._today(order_sudo.x_fc_tz or None)
