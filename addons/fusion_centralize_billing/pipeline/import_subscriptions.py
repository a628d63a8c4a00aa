"""Running subscriptions of the app → draft sale orders, which nothing can invoice or charge."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from odoo import Command, models

from ..importers.errors import RowError
from ..importers.translate import local_period
from ..importers.values import SubscriptionValue
from .anchor import find_anchor
from .clock import is_zone, local_day
from .import_coupon import discount
from .import_report import ImportReport
from .upsert import ROW_ERRORS, changes, create_each, message_of

QUIET = {"tracking_disable": True, "mail_create_nosubscribe": True, "mail_create_nolog": True}
DRAFT = ("draft", "sent")
# What a repeated import keeps in step on a draft order.
FOLLOWED = (
    "partner_id", "plan_id", "pricelist_id", "start_date", "x_fc_link_id", "x_fc_import_status",
    "x_fc_started_at", "x_fc_subscription_at", "x_fc_current_period_start",
    "x_fc_current_period_end", "x_fc_coupon",
)  # fmt: skip


class BillingImportSubscriptions(models.AbstractModel):
    """Upserts by external id, in batches. A confirmed order is never touched."""

    _name = "fusion.billing.import.subscriptions"
    _description = "Subscription import"

    def _write(
        self,
        service_sudo: models.BaseModel,
        values: list[SubscriptionValue],
        plans: dict[Any, models.BaseModel],
        report: ImportReport,
        currencies: Mapping[int, models.BaseModel] = MappingProxyType({}),
    ) -> None:
        """Write one batch.

        :param plans: the app's own plan id → record
        :param currencies: plan id here → what the app bills it in; default: the company's
        """
        orders = self._orders(service_sudo, [value.external_id for value in values])
        links = self._links(service_sudo, values)
        items = self._items(plans, currencies)
        new = []
        for value in values:
            try:
                order = orders.get(value.external_id)
                zone = order and order.x_fc_tz
                vals, price = self._prepare(service_sudo, value, zone, links, plans, items)
            except RowError as error:
                report.add("subscriptions", value.external_id, "failed", str(error))
                continue
            off = self._off(value, vals, plans[value.plan_source_id], items[vals["plan_id"]])
            if order:
                self._update(order, vals, price, off, report)
            else:
                new.append((value.external_id, vals | self._prepare_once(vals, price, off)))
        created = create_each(
            self.env["sale.order"].with_context(**QUIET),
            new,
            lambda key, reason: report.add("subscriptions", key, "failed", reason),
        )
        for order in created.values():
            self._tell(order, "created", "", report)

    def _tell(
        self, order: models.BaseModel, outcome: str, reason: str, report: ImportReport
    ) -> None:
        """Report an order, and that it is held if it is."""
        held = order.x_fc_import_hold
        reason = f"{reason} Held: {held}.".strip() if held else reason
        severity = "warning" if held else ""
        report.add("subscriptions", order.x_fc_external_id, outcome, reason, severity)

    def _cancel(
        self, service_sudo: models.BaseModel, cancelled: dict[str, str], report: ImportReport
    ) -> None:
        """Leave out what was cancelled in the app; cancel its draft if it was imported before."""
        orders = self._orders(service_sudo, list(cancelled))
        for external_id, reason in cancelled.items():
            order = orders.get(external_id)
            if order and order.state in DRAFT:
                order.x_fc_canceled_at = service_sudo._now()
                order.with_context(disable_cancel_warning=True)._action_cancel()
                report.add("subscriptions", external_id, "updated", f"{reason} Its draft too.")
            elif order and order.state == "sale" and not order.x_fc_terminated_at:
                reason += " Here it is live: end it through the API or by hand."
                report.add("subscriptions", external_id, "skipped", reason, "warning")
            else:
                report.add("subscriptions", external_id, "skipped", reason)

    # -------------------------------------------------------------------- lookup
    def _orders(
        self, service_sudo: models.BaseModel, external_ids: list[str]
    ) -> dict[str, models.BaseModel]:
        """External id → its running order."""
        orders = self.env["sale.order"].search(
            [
                ("x_fc_service_id", "=", service_sudo.id),
                ("x_fc_external_id", "in", external_ids),
                ("state", "!=", "cancel"),
            ],
            order="id",
        )
        # The unique index allows one that runs; an ended one only answers when nothing runs.
        ranked = orders.sorted(lambda order: not order.x_fc_terminated_at)
        return {order.x_fc_external_id: order for order in ranked}

    def _links(
        self, service_sudo: models.BaseModel, values: list[SubscriptionValue]
    ) -> dict[str, models.BaseModel]:
        links = self.env["fusion.billing.account.link"].search(
            [
                ("service_id", "=", service_sudo.id),
                ("external_id", "in", [value.customer_external_id for value in values]),
            ]
        )
        return {link.external_id: link for link in links}

    def _items(
        self, plans: dict[Any, models.BaseModel], currencies: Mapping[int, models.BaseModel]
    ) -> dict[int, models.BaseModel]:
        """Plan → its price rule; one that had another currency before has two."""
        find = self.env["fusion.billing.subscribe"]._price_item
        return {plan.id: find(plan, currencies.get(plan.id)) for plan in plans.values()}

    # ------------------------------------------------------------------- prepare
    def _prepare(
        self,
        service_sudo: models.BaseModel,
        value: SubscriptionValue,
        zone: str | None,
        links: dict[str, models.BaseModel],
        plans: dict[Any, models.BaseModel],
        items: dict[int, models.BaseModel],
    ) -> tuple[dict[str, Any], float]:
        """Values of the order without its line, and the price of that line.

        :param zone: the billing timezone frozen on the order, if there is one already
        """
        link = links.get(value.customer_external_id)
        if not link:
            user_id = value.customer_external_id
            raise RowError(f"Its customer {user_id} was not imported (user_id).")
        plan = plans.get(value.plan_source_id)
        if not plan:
            raise RowError(f"Its plan {value.plan_source_id} was not imported (plan_id).")
        zone = zone or self.env["fusion.billing.subscribe"]._timezone(service_sudo, link)
        if not is_zone(zone):
            raise RowError(f"There is no timezone “{zone}” (timezone).")
        start, end = local_period(value, zone)
        started_at = _naive(value.started_at)
        vals = {
            "partner_id": link.partner_id.id,
            "company_id": service_sudo.company_id.id,
            "plan_id": plan.id,
            "pricelist_id": items[plan.id].pricelist_id.id,
            "start_date": self._anchor(plan, local_day(started_at, zone), start, end),
            "x_fc_service_id": service_sudo.id,
            "x_fc_external_id": value.external_id,
            "x_fc_link_id": link.id,
            "x_fc_tz": zone,
            "x_fc_billing_time": value.billing_time,
            "x_fc_subscription_at": started_at,
            "x_fc_started_at": started_at,
            "x_fc_import_status": value.status,
            "x_fc_current_period_start": start,
            "x_fc_current_period_end": end,
            "x_fc_coupon": str(value.coupon) if value.coupon else False,
        }
        return vals, items[plan.id].fixed_price

    def _off(
        self,
        value: SubscriptionValue,
        vals: dict[str, Any],
        plan: models.BaseModel,
        plan_item: models.BaseModel,
    ) -> tuple[float, str]:
        """Per cent off the base line, and why the order is held.

        In arrears the app has not billed its current period, but for a trial, which is free.
        """
        edge = "start" if plan.bill_end_period else "end"
        unbilled = vals[f"x_fc_current_period_{edge}"]
        minor = 10**plan_item.currency_id.decimal_places
        price = Decimal(repr(plan_item.fixed_price))
        percent, held = discount(value.coupon, price, minor, unbilled)
        return percent, f"coupon {value.coupon.code}: {held}" if held else ""

    def _anchor(self, plan: models.BaseModel, started: date, start: date, end: date) -> date:
        unit, length = plan.billing_period_unit, plan.billing_period_value
        anchor = find_anchor(started, start, end, unit, length)
        if anchor is None:
            raise RowError(
                f"Its period, {start} to {end}, is not one {plan.billing_period_display} long"
                " (current_period_start, current_period_end)."
            )
        return anchor

    def _prepare_once(
        self, vals: dict[str, Any], price: float, off: tuple[float, str]
    ) -> dict[str, Any]:
        """What is decided at the first import only: the base line, and nothing to pay online."""
        plan = self.env["sale.subscription.plan"].browse(vals["plan_id"])
        line = {
            "product_id": plan.x_fc_product_id.id,
            "product_uom_qty": 1,
            "price_unit": price,
            "discount": off[0],
        }
        return {
            "x_fc_import_hold": off[1] or False,
            "date_order": vals["x_fc_started_at"],
            "user_id": False,
            "require_signature": False,
            "require_payment": False,
            "x_fc_shadow": True,
            "order_line": [Command.create(line)],
        }

    # -------------------------------------------------------------------- update
    def _update(
        self,
        order: models.BaseModel,
        vals: dict[str, Any],
        price: float,
        off: tuple[float, str],
        report: ImportReport,
    ) -> None:
        external_id = order.x_fc_external_id
        if order.x_fc_terminated_at:
            reason = "It was ended through the API, although it runs in the app's database."
            report.add("subscriptions", external_id, "skipped", reason, "warning")
            return
        if order.state not in DRAFT:
            kept = changes(order, {name: vals[name] for name in ("plan_id", "x_fc_link_id")})
            if not kept:
                report.add("subscriptions", external_id, "unchanged")
                return
            reason = f"It is live here: the app's change ({', '.join(kept)}) is not taken over."
            report.add("subscriptions", external_id, "skipped", reason, "warning")
            return
        try:
            with self.env.cr.savepoint():
                updated = self._write_draft(order.with_context(**QUIET), vals, price, off)
        except ROW_ERRORS as error:
            report.add("subscriptions", external_id, "failed", message_of(error))
            return
        self._tell(order, "updated" if updated else "unchanged", updated, report)

    def _write_draft(
        self, order: models.BaseModel, vals: dict[str, Any], price: float, off: tuple[float, str]
    ) -> str:
        """Bring a draft in step; returns what changed, in words, empty when nothing did."""
        different = changes(order, {name: vals[name] for name in FOLLOWED})
        if different:
            order.write(different)
        line = order.order_line[:1]
        product = order.plan_id.x_fc_product_id
        # The price is written after the plan: setting a plan recomputes it.
        line_vals = {"product_id": product.id, "price_unit": price}
        decided = off[1] and not order.x_fc_import_hold and not line.discount
        if decided and not {"plan_id", "x_fc_coupon"} & different.keys():
            del line_vals["price_unit"]  # held once and cleared since: a person set it
        if changed := changes(line, line_vals):
            if "product_id" in changed:
                line.product_id = product
            line.price_unit = price
        # Decided again only when the app's coupon or price is another: a person may have acted.
        if "x_fc_coupon" in different or (changed and order.x_fc_coupon):
            line.discount = off[0]
            order.x_fc_import_hold = off[1] or False
        names = [order._fields[name].string for name in different]
        names += [line._fields[name].string for name in changed]
        return f"Changed: {', '.join(names)}." if names else ""


def _naive(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(tzinfo=None, microsecond=0)
