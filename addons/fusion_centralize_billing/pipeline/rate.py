"""From rollups to priced lines: reads the catalogue, asks the engine, writes nothing."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from odoo import api, models
from odoo.tools import SQL

from .. import engine


@dataclass(frozen=True, slots=True)
class Span:
    """Usage of one subscription over ``[start, end)``, in its local days."""

    subscription_id: int
    period: engine.Period


@dataclass(frozen=True, slots=True)
class CurrentCharge:
    """One charge of the running period. ``charge`` is the record, ``line`` its price so far."""

    charge: models.BaseModel
    usage: engine.Usage
    line: engine.RatedLine


@dataclass(frozen=True, slots=True)
class CurrentUsage:
    """What the next invoice would say if it were made now; amounts without tax."""

    period: engine.Period
    currency: models.BaseModel
    charges: list[CurrentCharge]

    @property
    def amount(self) -> Decimal:
        return sum((charge.line.amount for charge in self.charges), Decimal(0))


class BillingRate(models.AbstractModel):
    """Prices closed rollups. Cost depends on subscriptions × metrics × days, never on events."""

    _name = "fusion.billing.rate"
    _description = "Usage Rating"

    @api.model
    def _usage(self, order: models.BaseModel, start: date, end: date) -> dict:
        """``{metric record: engine Usage}`` of what was counted in ``[start, end)``."""
        span = Span(order.id, engine.Period(start, end))
        return self._usages([span])[span]

    @api.model
    def _rate(self, order: models.BaseModel, start: date, end: date) -> list[engine.RatedLine]:
        """Lines of ``[start, end)`` at today's prices, those of zero included.

        Only charges attached to the order's plan count: in shadow none is.

        :raise engine.Invalid: a charge that makes no sense; nothing is priced at zero for it.
        """
        span = Span(order.id, engine.Period(start, end))
        return self._rate_span(order, span, self._usages([span])[span])

    @api.model
    def _rate_span(
        self, order: models.BaseModel, span: Span, usage: dict
    ) -> list[engine.RatedLine]:
        return [self._price(order, charge, span.period, usage) for charge in self._charges(order)]

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
    def _price(
        self,
        order: models.BaseModel,
        charge: models.BaseModel,
        period: engine.Period,
        usage: dict,
    ) -> engine.RatedLine:
        terms = charge._to_engine()
        if terms.currency != order.currency_id.name:
            raise engine.Invalid.field(f"charge {charge.name}", "currencies_does_not_match")
        counted = usage.get(charge.metric_id) or charge.metric_id._to_engine().measure([])
        return engine.rate(terms, counted.quantity, period, order.currency_id.decimal_places)

    @api.model
    def _unpriced(self, order: models.BaseModel, usage: dict) -> models.BaseModel:
        """Metrics (sudo) with usage but no price on the plan: legitimate, but to be seen."""
        used = self.env["fusion.billing.metric"].sudo().union(*usage)
        return used - self._charges(order).metric_id

    @api.model
    def _current_usage(self, order: models.BaseModel, now: datetime) -> CurrentUsage:
        """Usage of the period that ``now`` (naive UTC) falls in, every charge at zero included.

        Also in shadow, where charges are found by the plan's code: what an app reads here before
        its go-live is what it will be billed after. Charges in another currency are left out.
        """
        start, end = self.env["fusion.billing.subscribe"]._current_period(order, now)
        span = Span(order.id, engine.Period(start, end))
        usage = self._usages([span])[span]
        currency = order.currency_id
        charges_sudo = self.env["fusion.billing.charge"].sudo()
        charges = charges_sudo.search(
            [
                ("service_id", "=", order.x_fc_service_id.id),
                ("plan_code", "=", order.plan_id.x_fc_code),
                ("currency_id", "=", currency.id),
            ]
        )
        current = []
        for charge in charges.sorted(lambda charge: (charge.metric_id.name, charge.sequence)):
            counted = usage.get(charge.metric_id) or charge.metric_id._to_engine().measure([])
            line = self._price(order, charge, span.period, usage)
            current.append(CurrentCharge(charge, counted, line))
        return CurrentUsage(span.period, currency, current)

    @api.model
    def _usages(self, spans: Sequence[Span]) -> dict[Span, dict]:
        """``{span: {metric record (sudo): engine Usage}}``, one statement for all spans."""
        rollups = self._rollups(spans)
        metrics_sudo = self.env["fusion.billing.metric"].sudo()
        terms = {
            metric.id: metric._to_engine()
            for metric in metrics_sudo.browse({id_ for by in rollups.values() for id_ in by})
        }
        return {
            span: {
                metrics_sudo.browse(id_): terms[id_].measure(rows)
                for id_, rows in rollups.get(span, {}).items()
            }
            for span in spans
        }

    @api.model
    def _rollups(self, spans: Sequence[Span]) -> dict[Span, dict[int, list[engine.Rollup]]]:
        """Days folded per span, metric and dimension by PostgreSQL; sums leave it as text."""
        if not spans:
            return {}
        query = SQL(
            """
            SELECT s.n, u.metric_id, u.dimension, sum(u.total)::text, max(u.maximum)::text,
                   (array_agg(u.last ORDER BY u.last_at DESC, u.last DESC))[1]::text,
                   max(u.last_at), sum(u.count)::bigint
            FROM unnest(%(n)s::int[], %(ids)s::int[], %(starts)s::date[], %(ends)s::date[])
                 AS s(n, subscription_id, start, "end")
            JOIN fusion_billing_usage u
              ON u.subscription_id = s.subscription_id
             AND u.day >= s.start AND u.day < s."end"
            GROUP BY s.n, u.metric_id, u.dimension
            ORDER BY s.n, u.metric_id, u.dimension
            """,
            n=list(range(len(spans))),
            ids=[span.subscription_id for span in spans],
            starts=[span.period.start for span in spans],
            ends=[span.period.end for span in spans],
        )
        found: dict[Span, dict[int, list[engine.Rollup]]] = defaultdict(lambda: defaultdict(list))
        for n, metric_id, dimension, total, maximum, last, last_at, count in self.env.execute_query(
            query
        ):
            found[spans[n]][metric_id].append(
                engine.Rollup(
                    spans[n].period.start,
                    dimension,
                    Decimal(total),
                    Decimal(maximum),
                    Decimal(last),
                    last_at,
                    int(count),
                )
            )
        return found
