"""The whole book at other prices: what a month's real usage would have cost. Writes nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from odoo import api, models

from .. import engine
from .counted import Counted, Span
from .gate import to_decimal

ONE_DAY = timedelta(days=1)
BATCH = 500
# What a change in percent changes; quantities, bounds of tiers and free parts stay.
PRICES = {
    "unit_price",
    "flat_price",
    "amount",
    "rate",
    "fixed_amount",
    "per_transaction_min_amount",
    "per_transaction_max_amount",
}


@dataclass(frozen=True, slots=True)
class Change:
    """Other prices: ``charges`` by charge id (None: dropped), ``plans`` by plan id."""

    charges: Mapping[int, engine.Charge | None] = field(default_factory=dict)
    plans: Mapping[int, models.BaseModel] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Compared:
    """One subscription's period, without tax: base fee, usage and commitment together."""

    order: models.BaseModel
    period: engine.Period
    old: Decimal
    new: Decimal

    @property
    def difference(self) -> Decimal:
        return self.new - self.old


class BillingWhatIf(models.AbstractModel):
    """Both sides are rated by the run's own stage, at the same usage: what differs is prices."""

    _name = "fusion.billing.what.if"
    _description = "What-if of Prices"

    @api.model
    def _compare(self, services: models.BaseModel, month: date, change: Change) -> list[Compared]:
        """Every billing period that ended in the calendar month of ``month``, old and new.

        The old side is today's catalogue, not what was billed then. A subscription on a plan that
        is changed is rated as if it had been on the other one; its base fee is that plan's price
        in its currency.

        :raise engine.Invalid: a charge that cannot be priced; a plan without a price
        """
        first = month.replace(day=1)
        days = engine.Period(first, (first + timedelta(days=32)).replace(day=1))
        orders = self._orders(services, days)
        compared = []
        for start in range(0, len(orders), BATCH):
            compared += self._batch(orders[start : start + BATCH], days, change)
        return compared

    def _orders(self, services: models.BaseModel, days: engine.Period) -> models.BaseModel:
        """Subscriptions (sudo) that ran on any day until the month's end."""
        orders_sudo = self.env["sale.order"].sudo()
        found = orders_sudo.search(
            [
                ("x_fc_service_id", "in", services.ids),
                ("plan_id", "!=", False),
                ("start_date", "<", days.end),
                ("state", "!=", "cancel"),
                "|",
                ("end_date", "=", False),
                ("end_date", ">=", days.start),
            ],
            order="partner_id, id",
        )
        return found.filtered(lambda order: order.subscription_state != "7_upsell")

    def _batch(
        self, orders: models.BaseModel, days: engine.Period, change: Change
    ) -> Iterator[Compared]:
        rate = self.env["fusion.billing.rate"]
        periods = [(order, period) for order in orders for period in self._ended(order, days)]
        spans = [Span(order.id, period) for order, period in periods]
        usage = rate._counted(spans)
        lists: dict[tuple, list[engine.Charge]] = {}
        for (order, period), span in zip(periods, spans, strict=True):
            old = self._side(order, order.plan_id, usage[span], Change(), lists)
            plan = change.plans.get(order.plan_id.id, order.plan_id)
            new = self._side(order, plan, usage[span], change, lists)
            yield Compared(order, period, old, new)

    def _ended(self, order: models.BaseModel, days: engine.Period) -> Iterator[engine.Period]:
        """The order's periods whose last day lies in the month, cut to the order's own life."""
        stage, cursor = self.env["fusion.billing.draft"], max(order.start_date, days.start)
        over = order.end_date + ONE_DAY if order.end_date else days.end
        while cursor < days.end:
            full = stage._period(order, cursor)
            begin, end = max(full.start, order.start_date), min(full.end, over)
            if begin < end and end - ONE_DAY in days:
                yield engine.Period(begin, end)
            if end >= over:
                return
            cursor = full.end

    def _side(
        self,
        order: models.BaseModel,
        plan: models.BaseModel,
        counted: Counted,
        change: Change,
        lists: dict[tuple, list[engine.Charge]],
    ) -> Decimal:
        """Fee, usage and commitment of the period on that plan."""
        rate = self.env["fusion.billing.rate"]
        period = counted.span.period
        full = rate._full(order, period)
        key = (plan.id, order.currency_id.id, id(change.charges))
        if key not in lists:
            lists[key] = self._price_list(order, plan, change)
        lines = [line for terms in lists[key] for line in rate._price(order, terms, counted, full)]
        fee = engine.round_money(
            engine.prorate(self._fee(order, plan), period, full), order.currency_id.decimal_places
        )
        stage = self.env["fusion.billing.commitment"]
        lines += stage._line(order, plan, period, full, fee, lines)
        return fee + sum((line.amount for line in lines), Decimal(0))

    def _price_list(
        self, order: models.BaseModel, plan: models.BaseModel, change: Change
    ) -> list[engine.Charge]:
        charges_sudo = self.env["fusion.billing.charge"].sudo()
        charges = charges_sudo.search(
            [
                ("service_id", "=", order.x_fc_service_id.id),
                ("plan_code", "=", plan.x_fc_code),
                ("currency_id", "=", order.currency_id.id),
            ]
        )
        terms = [change.charges.get(own.id, own._to_engine()) for own in charges]
        return [own for own in terms if own]

    def _fee(self, order: models.BaseModel, plan: models.BaseModel) -> Decimal:
        """Base fee of a full period: the order's own, or the other plan's for as many units."""
        recurring = to_decimal(order.recurring_total)
        if plan == order.plan_id:
            return recurring
        item = self.env["fusion.billing.subscribe"]._price_item(plan.sudo(), order.currency_id)
        if not item or item.currency_id != order.currency_id:
            raise engine.Invalid.field("plan_code", "plan_has_no_price")
        product = order.plan_id.x_fc_product_id or order.x_fc_service_id.product_id
        own = order.order_line.filtered(
            lambda line: line.recurring_invoice and line.product_id == product
        )
        units = sum((to_decimal(line.product_uom_qty) for line in own), Decimal(0))
        paid = sum((to_decimal(line.price_subtotal) for line in own), Decimal(0))
        return recurring - paid + units * to_decimal(item.fixed_price)


def scaled(charge: engine.Charge, percent: Decimal) -> engine.Charge:
    """The charge with every price changed by that many percent; minimum and cap too.

    >>> old = engine.Charge.build("standard", "c", "gb", {"unit_price": "0.05"}, min_amount=10)
    >>> new = scaled(old, Decimal(10))
    >>> new.pricer.unit_price, new.min_amount
    (Decimal('0.055'), Decimal('11'))
    """
    factor = 1 + percent / 100
    data = _scaled(charge.to_json(), factor)
    for name in ("min_amount", "cap_amount"):
        if name in data:
            data[name] = engine.plain(Decimal(data[name]) * factor)
    return engine.Charge.from_json(data)


def _scaled(value: Any, factor: Decimal, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _scaled(item, factor, key) for key, item in value.items()}
    if isinstance(value, list):
        return [_scaled(item, factor) for item in value]
    return engine.plain(Decimal(value) * factor) if name in PRICES and value else value
