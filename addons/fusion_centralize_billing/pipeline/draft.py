"""What is to be billed: closed periods nobody claimed yet, and late usage of billed ones."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from odoo import api, fields, models

from .. import engine
from .counted import Counted, Span


@dataclass(frozen=True, slots=True)
class Bill:
    """One period of one order. ``claim`` is its row when it was billed before, ``billed`` what.

    ``full`` is the whole period that ``period`` may be a part of.
    """

    period: engine.Period
    rated: list[engine.RatedLine]
    claim: models.BaseModel
    billed: dict
    full: engine.Period

    @property
    def adjustments(self) -> list[engine.Adjustment]:
        """What to add to the invoice; the whole lines when nothing was billed yet."""
        return engine.difference(self.billed, self.rated)

    @property
    def billed_after(self) -> dict:
        """What is billed once this is. With the terms, so that late usage is rated at the price
        of its own period and not at the one of the day it arrives."""
        return engine.billed_after(self.billed, self.rated)


@dataclass(slots=True)
class Draft:
    """Everything one order's next invoice says about usage."""

    order: models.BaseModel
    unpriced: models.BaseModel
    bills: list[Bill] = field(default_factory=list)


class BillingDraft(models.AbstractModel):
    """Rates the periods of many orders in one statement. Reads only."""

    _name = "fusion.billing.draft"
    _description = "Usage to Bill"

    @api.model
    def _drafts(self, orders: models.BaseModel, until: date | None = None) -> dict[int, Draft]:
        """``{order id: Draft}`` for orders of live services.

        :param until: bill up to this day (exclusive); default: each order's due date, if reached
        :raise engine.Invalid: a charge that cannot be priced
        """
        live = orders.filtered(
            lambda order: (
                order.x_fc_service_id.sudo().mode == "live"
                # What an upsell adds to is billed on the contract.
                and order.subscription_state != "7_upsell"
            )
        )
        claims = self._claims(live)
        invoiced = self._first_invoiced(live)
        periods_sudo = self.env["fusion.billing.period"].sudo()
        todo: list[tuple[models.BaseModel, engine.Period, models.BaseModel]] = []
        for order in live:
            end = until or self._due(order)
            if end and order.start_date:
                own = claims.get(order.id, periods_sudo)
                begin = self._begin(order, own[:1].start, invoiced.get(order), end)
                open_ = self._open(order, own, begin, end)
                todo += [(order, period, periods_sudo) for period in open_]
                todo += [
                    (order, engine.Period(claim.start, claim.end), claim)
                    for claim in self._reviewed(own)
                ]
        return self._rated(live, todo)

    def _rated(self, orders: models.BaseModel, todo: list) -> dict[int, Draft]:
        rate = self.env["fusion.billing.rate"]
        spans = [Span(order.id, period) for order, period, _claim in todo]
        usage = rate._counted(spans)
        metrics_sudo = self.env["fusion.billing.metric"].sudo()
        drafts = {order.id: Draft(order, metrics_sudo) for order in orders}
        for (order, period, claim), span in zip(todo, spans, strict=True):
            counted, draft = usage[span], drafts[order.id]
            full = rate._full(order, period, _full_of(claim))
            if claim:
                rated = self._rerated(order, claim, counted)
            else:
                rated = rate._rate_span(order, counted, full)
                draft.unpriced |= rate._unpriced(order, counted, rated)
                rated += self.env["fusion.billing.commitment"]._lines(order, period, full, rated)
            draft.bills.append(Bill(period, rated, claim, dict(claim.billed or {}), full))
        for draft in drafts.values():
            draft.bills.sort(key=lambda bill: bill.period)
        return drafts

    def _rerated(
        self, order: models.BaseModel, claim: models.BaseModel, counted: Counted
    ) -> list[engine.RatedLine]:
        """A billed period again: what was billed at its own terms, what is new at today's."""
        rate = self.env["fusion.billing.rate"]
        full = rate._full(order, counted.span.period, _full_of(claim))
        return engine.rerate(
            claim.billed or {},
            lambda charge: rate._known(order, charge, counted),
            full,
            order.currency_id.decimal_places,
            active=counted.span.period,
            zone=rate._zone(order),
            current=rate._rate_span(order, counted, full) if claim.dirty else (),
        )

    def _claims(self, orders: models.BaseModel) -> dict[int, models.BaseModel]:
        """Billed periods (sudo) by order, oldest first."""
        periods_sudo = self.env["fusion.billing.period"].sudo()
        found = periods_sudo.search(
            [("subscription_id", "in", orders.ids), ("state", "=", "billed")], order="start"
        )
        return {order.id: claims for order, claims in found.grouped("subscription_id").items()}

    def _reviewed(self, claims: models.BaseModel) -> models.BaseModel:
        """Billed periods to compare again: the dirty ones and always the last one.

        A push that was under way while its period was billed saw no claim and marked nothing, and
        the billing did not see the push. Both are over long before the next invoice, which looks.
        """
        return claims.filtered("dirty") | claims[-1:]

    def _due(self, order: models.BaseModel) -> date | None:
        """The due date, once the day it is says so."""
        day = fields.Date.to_date(self.env.context.get("billing_date"))
        today = day or order.x_fc_service_id.sudo()._today(order.x_fc_tz or None)
        due = order.next_invoice_date
        if not due or due > today:
            return None
        # The fee is due when the trial ends; the usage of that period is, when the period ends.
        return self._period(order, due).start if due == order.x_fc_trial_end else due

    def _first_invoiced(self, orders: models.BaseModel) -> dict:
        """First day that a recurring invoice of ours covers, by order."""
        lines_sudo = self.env["account.move.line"].sudo()
        groups = lines_sudo._read_group(
            [
                ("subscription_id", "in", orders.ids),
                ("deferred_start_date", "!=", False),
                ("parent_state", "!=", "cancel"),
            ],
            ["subscription_id"],
            ["deferred_start_date:min"],
        )
        return dict(groups)

    def _begin(
        self,
        order: models.BaseModel,
        claimed: date | bool,
        invoiced: date | None,
        until: date,
    ) -> date:
        """The day our billing of this order begins.

        Where we billed before, the first day of that, or what was due when it was paused. Where
        neither is known, the period now due: what lies before it was billed by the app itself,
        though the order may have started years ago.
        A renewal begins on its first day: what lies before it is its parent's.
        """
        if order._x_fc_takes_over() or order.x_fc_trial_end:
            return order.start_date
        known = [day for day in (claimed, invoiced, order.x_fc_usage_from) if day]
        first = min(known) if known else self._period(order, until - timedelta(days=1)).start
        return max(first, order.start_date)

    @api.model
    def _open(
        self, order: models.BaseModel, claims: models.BaseModel, begin: date, until: date
    ) -> Iterator[engine.Period]:
        """Periods from ``begin`` to ``until`` that no row claims. No day is left out or twice."""
        cursor = begin
        for claim in claims:
            if cursor < claim.start:
                yield from self._split(order, cursor, min(claim.start, until))
            cursor = max(cursor, claim.end)
        yield from self._split(order, cursor, until)

    def _split(self, order: models.BaseModel, start: date, end: date) -> Iterator[engine.Period]:
        while start < end:
            period = self._period(order, start)
            stop = min(period.end, end)
            yield engine.Period(start, stop)
            start = stop

    @api.model
    def _unclaimed(self, order: models.BaseModel, until: date) -> list[engine.Period]:
        """Closed periods of one order up to ``until`` that nobody has billed yet."""
        if not order.start_date:
            return []
        claims = self._claims(order).get(order.id, self.env["fusion.billing.period"].sudo())
        first_invoiced = self._first_invoiced(order).get(order)
        begin = self._begin(order, claims[:1].start, first_invoiced, until)
        return list(self._open(order, claims, begin, until))

    @api.model
    def _period(self, order: models.BaseModel, day: date) -> engine.Period:
        """The full period around ``day``: the quota of one period belongs to it.

        Counted from the start date, a renewal's from its first contract's; from the due date
        where that is off this grid, as after an import of a contract whose first day nobody knows.
        """
        unit, value = order.plan_id.billing_period_unit, order.plan_id.billing_period_value
        if order.x_fc_billing_time == "calendar":
            return engine.calendar_period(unit, value, day)
        due = order.next_invoice_date
        anchor = order._x_fc_anchor()
        if order.x_fc_anchor_date:
            due = False  # a fee may be due in the middle of a period: the count is known
        if due and engine.period_containing(anchor, unit, value, due).start != due:
            anchor = due
        return engine.period_containing(anchor, unit, value, day)


def _full_of(claim: models.BaseModel) -> engine.Period | None:
    """The full period that was known when the claim was billed."""
    return engine.Period(claim.full_start, claim.full_end) if claim.full_start else None
