"""Subscriptions an app starts and ends: sale orders with a plan, a clock and a stable id.

What is not done here: invoices. The billing run makes them when they are due, so that a request
is short and a run can be repeated.
"""

from datetime import datetime, timedelta
from typing import Any

from odoo import Command, models
from odoo.fields import Domain

from ..engine.errors import Invalid, NotFound
from .clock import local_day


class BillingSubscribe(models.AbstractModel):
    """Create, find and end the subscriptions of a service."""

    _name = "fusion.billing.subscribe"
    _description = "Subscription lifecycle"

    # -------------------------------------------------------------------- create
    def _create(
        self,
        service: models.BaseModel,
        link: models.BaseModel,
        plan_code: str,
        external_id: str,
        values: dict[str, Any],
    ) -> models.BaseModel:
        """Start a subscription, or return the running one with this id and plan.

        The unique index on (service, external id) decides between two requests at once; the
        loser is started over by Odoo's retry and finds the winner's order.

        Another plan under a running id changes the plan, see `_change_plan`.

        :param values: ``name``, ``billing_time``, ``subscription_at``, ``ending_at`` (naive UTC),
            ``change_at``, ``plan_overrides``
        :raises NotFound: ``plan``
        :raises Invalid: another customer under a running id; dates that make no sense
        """
        running_sudo = self._running(service, external_id)
        plan_sudo = self._plan_asked_for(service, link, plan_code, running_sudo, values)
        if running_sudo:
            self._check_same(running_sudo, plan_sudo, link)
            if not self._waits_on_another(running_sudo, plan_sudo):
                return self._change_plan(running_sudo, plan_sudo, values.get("change_at"))
            # Nothing has begun that could be billed: the plan is simply another one.
            values = values | {"subscription_at": running_sudo.x_fc_subscription_at}
            self._cancel(running_sudo, service._now())
            running_sudo.flush_recordset()
        now = service._now()
        started = values.get("subscription_at") or now
        self._check_ending(values.get("ending_at"), started, now)
        vals = self._prepare_order(service, link, plan_sudo, external_id, values, started)
        order_sudo = (
            self.env["sale.order"]
            .sudo()
            .with_company(service.company_id)
            .with_context(mail_create_nosubscribe=True)
            .create(vals | {"x_fc_started_at": started if started <= now else False})
        )
        self._grant_trial(order_sudo)
        if service.sudo().mode == "live":
            order_sudo.action_confirm()
            order_sudo.next_invoice_date = self._first_invoice_date(order_sudo, now)
        self.env["fusion.billing.ingest"]._reexamine(service, external_ids=[external_id])
        if order_sudo.x_fc_started_at:
            self._announce(order_sudo, "subscription.started")
        return order_sudo

    def _prepare_order(
        self,
        service: models.BaseModel,
        link: models.BaseModel,
        plan_sudo: models.BaseModel,
        external_id: str,
        values: dict[str, Any],
        started: datetime,
    ) -> dict[str, Any]:
        """Values of the order: one line, the base fee, priced after the plan is set."""
        service_sudo = service.sudo()
        item_sudo = self._item_for(service, link, plan_sudo)
        product_sudo = plan_sudo.x_fc_product_id or service_sudo.product_id
        if not product_sudo:
            raise Invalid({"plan_code": ["plan_has_no_product"]})
        tz = self._timezone(service_sudo, link)
        ending = values.get("ending_at")
        return {
            "partner_id": link.sudo().partner_id.id,
            "company_id": service_sudo.company_id.id,
            "plan_id": plan_sudo.id,
            "pricelist_id": item_sudo.pricelist_id.id,
            "date_order": started,
            "start_date": local_day(started, tz),
            "end_date": local_day(ending - timedelta(seconds=1), tz) if ending else False,
            "user_id": False,
            "require_signature": False,
            "require_payment": False,
            "order_line": [_base_line(product_sudo, item_sudo)],
            "x_fc_service_id": service_sudo.id,
            "x_fc_link_id": link.id,
            "x_fc_external_id": external_id,
            "x_fc_name": values.get("name"),
            "x_fc_tz": tz,
            "x_fc_billing_time": values.get("billing_time") or "calendar",
            "x_fc_subscription_at": started,
            "x_fc_ending_at": ending,
        }

    def _check_same(self, running_sudo, plan_sudo, link: models.BaseModel) -> None:
        """Another customer's id is refused, and a change that only the app itself can bill."""
        if running_sudo.x_fc_link_id != link:
            raise Invalid({"external_id": ["value_already_exist"]})
        if running_sudo.plan_id != plan_sudo and running_sudo.state != "sale":
            raise Invalid({"plan_code": ["plan_change_not_supported"]})

    def _check_ending(self, ending: datetime | None, started: datetime, now: datetime) -> None:
        if ending and (ending <= now or ending <= started):
            raise Invalid({"ending_at": ["invalid_date"]})

    # ----------------------------------------------------------------- catalogue
    def _plan(self, service: models.BaseModel, plan_code: str) -> models.BaseModel:
        """The service's plan (sudo) with this code, or 404 ``plan_not_found``."""
        plan_sudo = (
            self.env["sale.subscription.plan"]
            .sudo()
            .search(
                [
                    ("x_fc_service_id", "=", service.id),
                    ("x_fc_code", "=", plan_code),
                    ("x_fc_parent_id", "=", False),
                ],
                limit=1,
            )
        )
        if not plan_sudo:
            raise NotFound("plan")
        return plan_sudo

    def _plan_asked_for(self, service, link, plan_code: str, running_sudo, values: dict):
        """The plan (sudo) with that code, at the customer's own prices where they were sent.

        Who has the plan already has it at the prices it was begun with, as in Lago.
        """
        plan_sudo = self._plan(service, plan_code)
        present_sudo = running_sudo.plan_id
        if present_sudo and plan_sudo in (present_sudo, present_sudo.x_fc_parent_id):
            return present_sudo
        if overrides := values.get("plan_overrides"):
            return self.env["fusion.billing.catalogue"]._override(plan_sudo, link, overrides)
        return plan_sudo

    def _price_item(self, plan_sudo, currency: models.BaseModel | None = None):
        """The fixed recurring price of a plan's base product (sudo), or nothing.

        In ``currency`` if there is one, else in the company's, else the first.
        """
        product_sudo = plan_sudo.x_fc_product_id or plan_sudo.x_fc_service_id.product_id
        items_sudo = plan_sudo.env["product.pricelist.item"].search(
            [
                ("plan_id", "=", plan_sudo.id),
                ("compute_price", "=", "fixed"),
                ("product_tmpl_id", "=", product_sudo.product_tmpl_id.id),
                ("product_id", "in", [False, product_sudo.id]),
            ],
            order="id",
        )
        company_currency = plan_sudo.x_fc_service_id.company_id.currency_id
        for wanted in (currency, company_currency):
            if found := items_sudo.filtered(lambda item, w=wanted: w and item.currency_id == w):
                return found[0]
        return items_sudo[:1]

    def _item_for(self, service, link: models.BaseModel, plan_sudo) -> models.BaseModel:
        """The price this customer pays: in the currency the app gave them, where there is one."""
        code = (link.data or {}).get("currency")
        currency = self.env["res.currency"].sudo().search([("name", "=", code)], limit=1)
        item_sudo = self._price_item(plan_sudo, currency)
        if not item_sudo:
            # Zero would bill silently for ever: somebody has to say that a plan is free.
            raise Invalid({"plan_code": ["plan_has_no_price"]})
        return item_sudo

    def _timezone(self, service_sudo, link: models.BaseModel) -> str:
        """Frozen on the order: the customer's, else the partner's, else the service's."""
        asked = (link.data or {}).get("timezone")
        return asked or link.sudo().partner_id.x_fc_billing_tz or service_sudo.timezone

    # ---------------------------------------------------------------------- find
    def _running(self, service: models.BaseModel, external_id: str) -> models.BaseModel:
        """The subscription (sudo) that holds this id now, pending ones included."""
        return self._find(service, external_id, "active") or self._find(
            service, external_id, "pending"
        )

    def _find(self, service: models.BaseModel, external_id: str, status: str):
        """The newest subscription (sudo) with this id in that status, or nothing."""
        domain = Domain("x_fc_external_id", "=", external_id) & self._domain(service, [status])
        return self.env["sale.order"].sudo().search(domain, limit=1, order="id desc")

    def _domain(self, service: models.BaseModel, statuses: list[str]) -> Domain:
        """Orders of the service in any of Lago's statuses."""
        now = service._now()
        # A renewal that is confirmed ahead ends its parent at an instant to come.
        ended = Domain("x_fc_terminated_at", "<=", now)
        cancelled = Domain("state", "=", "cancel") | Domain("x_fc_canceled_at", "!=", False)
        waiting = Domain("x_fc_started_at", "=", False) & Domain("x_fc_subscription_at", ">", now)
        alive = ~ended & ~cancelled
        parts = {
            "terminated": ended,
            "canceled": ~ended & cancelled,
            "pending": alive & waiting,
            "active": alive & ~waiting,
        }
        wanted = Domain.OR(parts[status] for status in statuses if status in parts)
        # An upsell is none, and a renewal is one as soon as it holds the id.
        known = Domain("subscription_id", "=", False) | Domain("x_fc_external_id", "!=", False)
        return Domain("x_fc_service_id", "=", service.id) & known & wanted

    def _status(self, order_sudo: models.BaseModel, now: datetime) -> str:
        """Lago's status of one order; a shadow order that runs at the app is ``active``."""
        if order_sudo.x_fc_terminated_at and order_sudo.x_fc_terminated_at <= now:
            return "terminated"
        if order_sudo.x_fc_canceled_at or order_sudo.state == "cancel":
            return "canceled"
        begins = order_sudo.x_fc_subscription_at
        if not order_sudo.x_fc_started_at and begins and begins > now:
            return "pending"
        return "active"


def _base_line(product_sudo: models.BaseModel, item_sudo: models.BaseModel) -> tuple:
    """The base fee. The price is ours: Odoo's own would fall back to the product's, silently."""
    return Command.create(
        {
            "product_id": product_sudo.id,
            "product_uom_qty": 1,
            "price_unit": item_sudo.fixed_price,
        }
    )
