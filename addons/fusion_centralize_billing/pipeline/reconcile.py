"""Reconciliation: the app's own figures beside ours, per subscription and period.

**Which invoice belongs to a period.** An app's figure is for ``[period_start, period_end)``. Ours
for it is the posted invoice of that subscription dated ``period_end``, the day it falls due, which
carries the usage of the period that ended; an invoice dated earlier but after ``period_start`` (a
termination) belongs to it as well. Lines count untaxed, refunds negative, and only in the
currency of the app's figure.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from odoo import api, fields, models

from ..engine import D, Invalid, Period, calendar_period, period_containing, plain, round_money
from . import reconcile_sql

CLASSES = ("match", "amount", "missing_here", "missing_there")


@dataclass(slots=True)
class Comparison:
    """One subscription and period; None: that side has nothing."""

    external_id: str
    period: Period
    currency_id: int
    app: Decimal | None = None
    our: Decimal | None = None
    order_id: int | None = None

    def classified(self, exponent: int) -> dict[str, Any]:
        """Row to record. Tolerance: none, as both sides bill whole cents from the same counters."""
        app, our = (round_money(side or Decimal(0), exponent) for side in (self.app, self.our))
        if app == our:
            difference_class = "match"
        elif self.our is None:
            difference_class = "missing_here"
        else:
            difference_class = "missing_there" if self.app is None else "amount"
        return {
            "external_subscription_id": self.external_id,
            "subscription_id": self.order_id,
            "period_start": self.period.start,
            "period_end": self.period.end,
            "currency_id": self.currency_id,
            "app_amount": plain(app),
            "our_amount": plain(our),
            "difference_class": difference_class,
        }


class BillingReconcile(models.AbstractModel):
    """Compares and records. Decides nothing: a person explains and signs."""

    _name = "fusion.billing.reconcile"
    _description = "Billing Reconciliation Stage"

    @api.model
    def _compare(
        self, service: models.BaseModel, rows: Iterable[Mapping[str, Any]]
    ) -> dict[str, int]:
        """Record one comparison per row, and one per invoice of ours the app did not list.

        :param rows: ``{external_subscription_id, period_start, period_end, currency, amount}``;
            dates as `date` or ISO text, `amount` untaxed as exact text; `tax` is not compared
        :return: ``{class: count}`` of all comparisons; ``written``: how many rows changed
        :raise Invalid: naming row and field, ``{"0.currency": ["value_is_invalid"]}``

        Repeatable: the same figures write nothing. Other figures reopen an explained row. A row
        that was signed off is never written again.
        """
        service.ensure_one()
        comparisons = self._read(rows)
        self._find_orders(service, comparisons.values())
        self._add_ours(service, comparisons)
        return self._record(service, comparisons.values())

    # ------------------------------------------------------------ app's figures
    @api.model
    def _read(self, rows: Iterable[Mapping[str, Any]]) -> dict[tuple[str, date], Comparison]:
        """Validated rows by (external id, period start); all errors at once."""
        rows = list(rows)
        names = sorted({str(row.get("currency") or "") for row in rows})
        found = (
            self.env["res.currency"].with_context(active_test=False).search([("name", "in", names)])
        )
        currencies = {currency.name: currency.id for currency in found}
        comparisons: dict[tuple[str, date], Comparison] = {}
        errors: dict[str, list[str]] = {}
        for index, row in enumerate(rows):
            try:
                comparison = _parse(row, currencies)
            except Invalid as error:
                errors |= {f"{index}.{field}": codes for field, codes in error.details.items()}
                continue
            key = (comparison.external_id, comparison.period.start)
            if key in comparisons:
                errors[f"{index}.period_start"] = ["value_already_exist"]
            comparisons[key] = comparison
        if errors:
            raise Invalid(errors)
        return comparisons

    @api.model
    def _find_orders(self, service: models.BaseModel, comparisons: Iterable[Comparison]) -> None:
        """Set `order_id`: the subscription of that id which had begun when the period ended.

        An id may have been used again after a termination; the living one is preferred.
        """
        by_id: dict[str, list[models.BaseModel]] = {}
        names = sorted({comparison.external_id for comparison in comparisons})
        orders_sudo = self.env["sale.order"].sudo()
        for order_sudo in orders_sudo.search(
            [("x_fc_service_id", "=", service.id), ("x_fc_external_id", "in", names)],
            order="id desc",
        ):
            by_id.setdefault(order_sudo.x_fc_external_id, []).append(order_sudo)
        for comparison in comparisons:
            found = by_id.get(comparison.external_id, [])
            end = comparison.period.end
            found.sort(
                key=lambda order, end=end: (
                    bool(order.start_date and order.start_date >= end),
                    bool(order.x_fc_terminated_at),
                )
            )
            comparison.order_id = found[0].id if found else None

    # ------------------------------------------------------------- our figures
    @api.model
    def _add_ours(
        self, service: models.BaseModel, comparisons: dict[tuple[str, date], Comparison]
    ) -> None:
        """Give each of our invoices to the comparison it belongs to, or to a new one."""
        if not comparisons:
            return
        periods = [comparison.period for comparison in comparisons.values()]
        by_order: dict[int, list[Comparison]] = {}
        for comparison in comparisons.values():
            if comparison.order_id:
                by_order.setdefault(comparison.order_id, []).append(comparison)
        self.env["account.move"].flush_model()
        self.env["account.move.line"].flush_model()
        self.env["sale.order"].flush_model(["x_fc_service_id"])
        first, last = min(p.start for p in periods), max(p.end for p in periods)
        self.env.cr.execute(reconcile_sql.our_figures(service.id, first, last))
        for order_id, invoice_date, currency_id, total in self.env.cr.fetchall():
            last_day = invoice_date - timedelta(days=1)
            target = next(
                (c for c in by_order.get(order_id, ()) if last_day in c.period), None
            ) or self._unlisted(comparisons, order_id, last_day, currency_id)
            if target.currency_id == currency_id:
                target.our = (target.our or Decimal(0)) + Decimal(total)

    @api.model
    def _unlisted(
        self,
        comparisons: dict[tuple[str, date], Comparison],
        order_id: int,
        last_day: date,
        currency_id: int,
    ) -> Comparison:
        """The comparison of our own period around `last_day`, which the app does not mention."""
        order_sudo = self.env["sale.order"].sudo().browse(order_id)
        plan = order_sudo.plan_id
        unit, value = plan.billing_period_unit or "month", plan.billing_period_value or 1
        if order_sudo.x_fc_billing_time == "calendar" or not order_sudo.start_date:
            period = calendar_period(unit, value, last_day)
        else:
            period = period_containing(order_sudo.start_date, unit, value, last_day)
        external_id = order_sudo.x_fc_external_id or order_sudo.name
        return comparisons.setdefault(
            (external_id, period.start),
            Comparison(external_id, period, currency_id, order_id=order_id),
        )

    # ------------------------------------------------------------------ record
    @api.model
    def _record(
        self, service: models.BaseModel, comparisons: Iterable[Comparison]
    ) -> dict[str, int]:
        currencies = self.env["res.currency"]
        records = [
            comparison.classified(currencies.browse(comparison.currency_id).decimal_places)
            for comparison in comparisons
        ]
        reconciliations = self.env["fusion.billing.reconciliation"]
        reconciliations.flush_model()
        now = fields.Datetime.now()
        self.env.cr.execute(reconcile_sql.upsert(service.id, self.env.uid, now, records))
        written = self.env.cr.rowcount
        reconciliations.invalidate_model()
        counts = Counter(record["difference_class"] for record in records)
        return {**{name: counts[name] for name in CLASSES}, "written": written}


def _parse(row: Mapping[str, Any], currencies: Mapping[str, int]) -> Comparison:
    """:raise Invalid: naming every wrong field of the row."""
    errors: dict[str, list[str]] = {}
    values: dict[str, Any] = {}
    for name, read in (("period_start", _day), ("period_end", _day), ("amount", D)):
        try:
            values[name] = read(row.get(name, ""))
        except (Invalid, TypeError, ValueError):
            errors[name] = ["value_is_invalid"]
    if row.get("currency") not in currencies:
        errors["currency"] = ["value_is_invalid"]
    if not row.get("external_subscription_id"):
        errors["external_subscription_id"] = ["value_is_mandatory"]
    if not errors and values["period_start"] >= values["period_end"]:
        errors["period_end"] = ["value_is_out_of_range"]
    if errors:
        raise Invalid(errors)
    return Comparison(
        external_id=str(row["external_subscription_id"]),
        period=Period(values["period_start"], values["period_end"]),
        currency_id=currencies[row["currency"]],
        app=values["amount"],
    )


def _day(value: date | str) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)
