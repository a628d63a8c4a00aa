"""From rollups to priced lines: reads the catalogue, asks the engine, writes nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from odoo import api, models

from .. import engine
from .counted import Counted, Span

__all__ = ["CurrentCharge", "CurrentUsage", "Span"]


@dataclass(frozen=True, slots=True)
class CurrentCharge:
    """One charge of the running period. ``charge`` is the record, ``lines`` its price so far:
    a line a bucket, then what its minimum or cap adds."""

    charge: models.BaseModel
    usage: engine.Usage
    lines: list[engine.RatedLine]

    @property
    def buckets(self) -> list[engine.RatedLine]:
        """Lines of usage, without those of minimum and cap."""
        return [line for line in self.lines if line.kind == "usage"]

    @property
    def quantity(self) -> Decimal:
        return sum((line.quantity for line in self.buckets), Decimal(0))

    @property
    def amount(self) -> Decimal:
        return sum((line.amount for line in self.lines), Decimal(0))


@dataclass(frozen=True, slots=True)
class CurrentUsage:
    """What the next invoice would say if it were made now; amounts without tax."""

    period: engine.Period
    currency: models.BaseModel
    charges: list[CurrentCharge]

    @property
    def amount(self) -> Decimal:
        return sum((charge.amount for charge in self.charges), Decimal(0))


class BillingRate(models.AbstractModel):
    """Prices closed rollups. Cost depends on subscriptions × metrics × days; charges that price
    event by event cost their events, and nothing else does."""

    _name = "fusion.billing.rate"
    _description = "Usage Rating"

    @api.model
    def _usage(self, order: models.BaseModel, start: date, end: date) -> dict:
        """``{metric record: engine Usage}`` of what counts in ``[start, end)``."""
        span = Span(order.id, engine.Period(start, end))
        window = self._window(order, span.period)
        return {
            metric: metric._to_engine().measure(rows, window)
            for metric, rows in self._counted([span])[span].rollups.items()
        }

    @api.model
    def _counted(self, spans: Sequence[Span]) -> dict[Span, Counted]:
        """Usage of all spans as it was counted, in one statement."""
        return self.env["fusion.billing.counted"]._counted(spans)

    @api.model
    def _rate(self, order: models.BaseModel, start: date, end: date) -> list[engine.RatedLine]:
        """Lines of ``[start, end)`` at today's prices, those of zero included.

        Only charges attached to the order's plan count: in shadow none is.

        :raise engine.Invalid: a charge that makes no sense; nothing is priced at zero for it.
        """
        span = Span(order.id, engine.Period(start, end))
        return self._rate_span(order, self._counted([span])[span])

    @api.model
    def _rate_span(
        self, order: models.BaseModel, counted: Counted, full: engine.Period | None = None
    ) -> list[engine.RatedLine]:
        """The same for usage that was read already.

        :param full: the full period the span is of; default: as the order's calendar says
        """
        full = self._full(order, counted.span.period, full)
        return [
            line
            for charge in self._price_list(order, counted)
            for line in self._price(order, charge, counted, full)
        ]

    @api.model
    def _charges(self, order: models.BaseModel) -> models.BaseModel:
        """Charges (sudo) that bill this order. NULL ``plan_id`` never does."""
        charges_sudo = self.env["fusion.billing.charge"].sudo()
        return charges_sudo.search(
            [
                ("plan_id", "=", order.plan_id.id),
                ("plan_id", "!=", False),
                ("service_id", "=", order.x_fc_service_id.id),
            ]
        )

    @api.model
    def _charges_by_code(self, order: models.BaseModel) -> models.BaseModel:
        """Charges (sudo) of the order's plan and currency by the app's code, live or not yet."""
        charges_sudo = self.env["fusion.billing.charge"].sudo()
        return charges_sudo.search(
            [
                ("service_id", "=", order.x_fc_service_id.id),
                ("plan_code", "=", order.plan_id.x_fc_code),
                ("currency_id", "=", order.currency_id.id),
            ]
        )

    def _price_list(self, order: models.BaseModel, counted: Counted) -> list[engine.Charge]:
        """The plan's charges as the engine knows them; once a plan, language and batch."""
        key = self._price_key(order)
        if key not in counted.price_lists:
            charges = self._named(order, self._charges(order))
            counted.price_lists[key] = [charge._to_engine() for charge in charges]
        return counted.price_lists[key]

    @api.model
    def _price_key(self, order: models.BaseModel) -> tuple[int, str | bool]:
        """What two orders have in common that are charged alike, in the same words."""
        return order.plan_id.id, order.sudo().partner_invoice_id.lang

    @api.model
    def _named(self, order: models.BaseModel, charges: models.BaseModel) -> models.BaseModel:
        """Charges by the names that the customer reads, whoever runs this."""
        return charges.with_context(lang=self._price_key(order)[1])

    @api.model
    def _price(
        self,
        order: models.BaseModel,
        charge: engine.Charge,
        counted: Counted,
        full: engine.Period | None = None,
        reshape: engine.Reshape | None = None,
    ) -> list[engine.RatedLine]:
        """Lines of one charge: default bucket, filters, groups, then true-up and cap.

        :param reshape: prices other usage than was measured, see `engine.rate_charge`
        :raise engine.Invalid: a currency that is not the order's, or what the engine refuses
        """
        if charge.currency != order.currency_id.name:
            raise engine.Invalid.field(f"charge {charge.name}", "currencies_does_not_match")
        known = self._known(order, charge, counted)
        return engine.rate_charge(
            charge,
            known.metric,
            known.rollups,
            self._full(order, counted.span.period, full),
            order.currency_id.decimal_places,
            active=counted.span.period,
            zone=self._zone(order),
            transactions=known.transactions,
            reshape=reshape,
        )

    @api.model
    def _known(
        self, order: models.BaseModel, charge: engine.Charge, counted: Counted
    ) -> engine.Known:
        """The usage of a charge's metric, as the engine takes it; none is there too.

        :raise engine.Invalid: no such metric any more
        """
        service = order.x_fc_service_id
        key = (service.id, charge.metric_code)
        if key not in counted.metrics:
            found_sudo = self._metric(service, charge.metric_code)
            counted.metrics[key] = (found_sudo, found_sudo._to_engine())
        metric_sudo, metric = counted.metrics[key]
        rows = counted.rollups.get(metric_sudo, [])
        by_event = charge.needs_transactions and rows
        events = counted.events.of(counted.span, metric_sudo.id) if by_event else ()
        return engine.Known(metric, rows, events)

    def _metric(self, service: models.BaseModel, code: str) -> models.BaseModel:
        """The service's metric (sudo) of this code, archived or not."""
        service_sudo = service.sudo().with_context(active_test=False)
        found = service_sudo.metric_ids.filtered(lambda metric: metric.code == code)
        if not found:
            raise engine.Invalid.field(f"metric {code}", "value_is_invalid")
        return found[:1].with_env(self.env(su=True))

    @api.model
    def _full(
        self, order: models.BaseModel, part: engine.Period, full: engine.Period | None = None
    ) -> engine.Period:
        """The full period that ``part`` is of: what every proration divides by."""
        full = full or self.env["fusion.billing.draft"]._period(order, part.start)
        inside = full.start <= part.start and part.end <= full.end
        return full if inside else part

    def _window(self, order: models.BaseModel, part: engine.Period) -> engine.Window:
        return engine.Window.of(self._full(order, part), part, self._zone(order))

    def _zone(self, order: models.BaseModel) -> ZoneInfo:
        return ZoneInfo(order.x_fc_tz or order.x_fc_service_id.sudo().timezone)

    @api.model
    def _unpriced(
        self, order: models.BaseModel, counted: Counted, lines: Iterable[engine.RatedLine]
    ) -> models.BaseModel:
        """Metrics (sudo) with usage but no price on the plan: legitimate, but to be seen."""
        priced = {line.metric_code for line in lines}
        metrics_sudo = self.env["fusion.billing.metric"].sudo()
        return metrics_sudo.union(*(found for found in counted.used if found.code not in priced))

    @api.model
    def _current_usage(
        self, order: models.BaseModel, now: datetime, reshape: engine.Reshape | None = None
    ) -> CurrentUsage:
        """Usage of the period that ``now`` (naive UTC) falls in, every charge at zero included.

        Also in shadow, where charges are found by the plan's code: what an app reads here before
        its go-live is what it will be billed after. Charges in another currency are left out.
        """
        start, end = self.env["fusion.billing.subscribe"]._current_period(order, now)
        span = Span(order.id, engine.Period(start, end))
        counted = self._counted([span])[span]
        charges = self._charges_by_code(order)
        window = self._window(order, span.period)
        current = []
        for charge in charges.sorted(lambda charge: (charge.metric_id.name, charge.sequence)):
            terms = self._named(order, charge)._to_engine()
            known = self._known(order, terms, counted)
            usage = known.metric.measure(known.rollups, window)
            lines = self._price(order, terms, counted, reshape=reshape)
            current.append(CurrentCharge(charge, usage, lines))
        return CurrentUsage(span.period, order.currency_id, current)
