"""From shadow to live: open the three locks of a service at once, or say why not."""

from typing import Any

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .anchor import find_anchor
from .clock import local_day
from .upsert import ROW_ERRORS, message_of

DRAFT = ("draft", "sent")


class BillingGolive(models.AbstractModel):
    """Attaches charges to plans and confirms subscriptions at the app's own period ends."""

    _name = "fusion.billing.golive"
    _description = "Go-live"

    def _go_live(
        self, service: models.BaseModel, orders: models.BaseModel | None = None
    ) -> dict[str, Any]:
        """Go live with all drafts of a service, or with some. Safe to repeat.

        Nothing is invoiced here: the app has billed the current period, so the first invoice is
        due where that period ends. An order that could not be billed rightly stays a draft.

        :raise UserError: Stripe is in use without a webhook secret
        :return: ``{"mode", "confirmed": n, "already_live": n, "charges_attached": n,
            "held": [{"external_id", "order", "reason"}], "to_review": [same]}``
        """
        service.lock_for_update(allow_referencing=True)
        self._check_webhook_secret(service)
        service_sudo = service.sudo().with_company(service.sudo().company_id)
        stage_sudo = self.with_env(service_sudo.env)
        own = Domain("x_fc_service_id", "=", service.id) & Domain("x_fc_terminated_at", "=", False)
        own &= Domain("subscription_id", "=", False)  # a quotation waits for its customer's word
        orders_sudo = service_sudo.env["sale.order"].search(own & Domain("state", "in", DRAFT))
        if orders is not None:
            orders_sudo &= orders.sudo()
        report = {
            "mode": service_sudo.mode,
            "confirmed": 0,
            "already_live": orders_sudo.search_count(own & Domain("state", "=", "sale")),
            "charges_attached": 0,
            "held": [],
            "to_review": [],
        }
        ready_sudo = stage_sudo._ready(orders_sudo, report)
        if ready_sudo or not orders_sudo:
            stage_sudo._open(service_sudo, ready_sudo, report)
        report["mode"] = service_sudo.mode
        return report

    def _check_webhook_secret(self, service: models.BaseModel) -> None:
        """Refuse to go live while anybody could tell Odoo that a card was charged."""
        providers_sudo = self.env["payment.provider"].sudo()
        mine = providers_sudo.search(
            [("company_id", "=", service.company_id.id), ("state", "!=", "disabled")]
        )
        if mine._lacks_webhook_secret():
            raise UserError(
                self.env._(
                    "Stripe has no webhook secret, so that anybody could report a payment. Open "
                    "Invoicing → Configuration → Payment Providers → Stripe, press Generate your "
                    "webhook, and go live again."
                )
            )

    def _open(
        self, service_sudo: models.BaseModel, ready_sudo: models.BaseModel, report: dict[str, Any]
    ) -> None:
        """Open the locks; they close again when not one of the orders could be confirmed."""
        with self.env.cr.savepoint() as savepoint:
            attached = self._attach(service_sudo)
            service_sudo.mode = "live"
            self._confirm_all(ready_sudo, report)
            if ready_sudo and not report["confirmed"]:
                savepoint.rollback()
            else:
                report["charges_attached"] = attached

    def _ready(self, orders_sudo: models.BaseModel, report: dict[str, Any]) -> models.BaseModel:
        """The orders nothing speaks against; the others go into the report."""
        ready_sudo = orders_sudo.browse()
        for link_sudo in orders_sudo.x_fc_link_id.filtered(
            self.env["fusion.billing.identity.match"]._is_settled
        ):
            link_sudo.write({"state": "confirmed", "review_reason": False})
        for order_sudo in orders_sudo:
            if reason := self._obstacle(order_sudo):
                report["held"].append(_line(order_sudo, reason))
                continue
            ready_sudo |= order_sudo
            link_sudo = order_sudo.x_fc_link_id
            if link_sudo.state == "review":
                report["to_review"].append(_line(order_sudo, link_sudo.review_reason or ""))
        return ready_sudo

    def _obstacle(self, order_sudo: models.BaseModel) -> str:
        """Why this order could not be billed rightly; empty when it can.

        A customer to review does not wait for the person, unless the doubt is about the tax: a
        shared e-mail is billed to the mailbox it came from.
        """
        match = self.env["fusion.billing.identity.match"]
        link_sudo, plan_sudo = order_sudo.x_fc_link_id, order_sudo.plan_id
        if order_sudo.x_fc_import_hold:
            return order_sudo.x_fc_import_hold
        if not link_sudo:
            return "no customer of the app is linked"
        if link_sudo.state == "rejected":
            return "its customer link was rejected"
        if problem := match._address_problem(order_sudo.partner_id):
            return problem
        if link_sudo.state == "review" and self._elsewhere(link_sudo):
            return f"{link_sudo.review_reason}; the app's address is not the contact's"
        if not plan_sudo or plan_sudo.x_fc_service_id != order_sudo.x_fc_service_id:
            return "it has no plan of its service"
        if not order_sudo.is_subscription:
            return "it has no recurring line"
        if not self._anchor(order_sudo):
            return "the app's current period is not one period of its plan"
        return ""

    def _elsewhere(self, link_sudo: models.BaseModel) -> bool:
        """Whether the app names a province or country that is not the contact's."""
        data = link_sudo.data or {}
        prepare = self.env["fusion.billing.partner.values"]._prepare
        (vals,) = prepare([(link_sudo.external_id, data, {"country", "state"})])
        partner_sudo = link_sudo.partner_id
        return bool(
            (data.get("country") and vals["country_id"] != partner_sudo.country_id.id)
            or (data.get("state") and vals["state_id"] != partner_sudo.state_id.id)
        )

    def _anchor(self, order_sudo: models.BaseModel):
        """The day periods are counted from; the order's own start when the API created it."""
        start, end = order_sudo.x_fc_current_period_start, order_sudo.x_fc_current_period_end
        if not (start and end):
            return order_sudo.start_date
        plan_sudo = order_sudo.plan_id
        unit, length = plan_sudo.billing_period_unit, plan_sudo.billing_period_value
        started = order_sudo.x_fc_started_at
        day = local_day(started, order_sudo.x_fc_tz) if started else start
        return find_anchor(day, start, end, unit, length)

    def _due(self, order_sudo: models.BaseModel):
        """When the first invoice is due: where the period that the app has billed ends.

        In arrears that is when the app would have billed it. After a trial in arrears: one period
        later, for the trial itself is free.
        """
        end = order_sudo.x_fc_current_period_end
        if not end:
            now = order_sudo.x_fc_service_id._now()
            return self.env["fusion.billing.subscribe"]._first_invoice_date(order_sudo, now)
        if order_sudo.x_fc_current_period_start == end:
            return order_sudo._get_due_date(end) if order_sudo.plan_id.bill_end_period else end
        return end

    def _attach(self, service_sudo: models.BaseModel) -> int:
        """Give every charge its plan: from now on it bills. Returns how many were attached.

        All of the service, not only those in use: tomorrow's subscription may be to any plan.
        """
        plans = {plan.x_fc_code: plan for plan in service_sudo.plan_ids if plan.x_fc_code}
        charges_sudo = service_sudo.charge_ids.filtered(
            lambda charge: not charge.plan_id and charge.plan_code in plans
        )
        for plan_code, charges in charges_sudo.grouped("plan_code").items():
            charges.plan_id = plans[plan_code]
        return len(charges_sudo)

    def _confirm_all(self, orders_sudo: models.BaseModel, report: dict[str, Any]) -> None:
        """Confirm together; when one is refused, one by one, so that it holds back no other."""
        if not orders_sudo:
            return
        try:
            with self.env.cr.savepoint():
                self._confirm(orders_sudo)
            report["confirmed"] += len(orders_sudo)
        except ROW_ERRORS as error:
            if len(orders_sudo) == 1:
                report["held"].append(_line(orders_sudo, message_of(error)))
                return
            for order_sudo in orders_sudo:
                self._confirm_all(order_sudo, report)

    def _confirm(self, orders_sudo: models.BaseModel) -> None:
        for order_sudo in orders_sudo:
            order_sudo.write({"start_date": self._anchor(order_sudo), "x_fc_shadow": False})
        # The order's own day stays what it was: confirming would stamp it with today's.
        dates = {order_sudo: order_sudo.date_order for order_sudo in orders_sudo}
        orders_sudo.with_context(mail_create_nosubscribe=True).action_confirm()
        for order_sudo in orders_sudo:
            due = self._due(order_sudo)
            order_sudo.write(
                {
                    "next_invoice_date": due,
                    "date_order": dates[order_sudo],
                    "x_fc_billed_from": due,
                }
            )


def _line(order_sudo: models.BaseModel, reason: str) -> dict[str, str]:
    external_id = order_sudo.x_fc_external_id or ""
    return {"external_id": external_id, "order": order_sudo.name, "reason": reason}
