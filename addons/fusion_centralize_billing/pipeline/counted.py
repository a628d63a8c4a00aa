"""Usage as it was counted: rollups of many subscriptions in one statement, events where asked."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from odoo import api, models
from odoo.tools import SQL

from .. import engine

# Days stay apart where a price may ask what was in place on each; all others come folded.
BY_DAY = SQL("m.recurring AND m.aggregation IN ('sum', 'unique')")

# What is carried over was counted on the subscription or on those it took over from.
ROLLUPS = """
WITH RECURSIVE span AS (
    SELECT * FROM unnest(%(n)s::int[], %(ids)s::int[], %(starts)s::date[], %(ends)s::date[])
                  AS s(n, subscription_id, start, "end")
),
owner AS (
    SELECT n, start, subscription_id FROM span
    WHERE EXISTS (SELECT FROM fusion_billing_metric WHERE recurring)
    UNION
    SELECT o.n, o.start, parent.id
    FROM owner o
    JOIN sale_order own ON own.id = o.subscription_id
    JOIN sale_order parent ON parent.id = own.subscription_id
    WHERE parent.x_fc_service_id = own.x_fc_service_id
      AND parent.x_fc_external_id = own.x_fc_external_id
),
counted AS (
    SELECT s.n, CASE WHEN %(by_day)s THEN u.day ELSE s.start END AS on_day, u.*
    FROM span s
    JOIN fusion_billing_usage u
      ON u.subscription_id = s.subscription_id AND u.day >= s.start AND u.day < s."end"
     AND u.count != 0
    JOIN fusion_billing_metric m ON m.id = u.metric_id
    UNION ALL
    SELECT o.n, o.start - 1, u.*
    FROM owner o
    JOIN fusion_billing_usage u
      ON u.subscription_id = o.subscription_id AND u.day < o.start AND u.count != 0
    JOIN fusion_billing_metric m ON m.id = u.metric_id AND m.recurring
)
SELECT n, metric_id, on_day, dimension, split, sum(total)::text, max(maximum)::text,
       (array_agg(last ORDER BY last_at DESC, last DESC))[1]::text, max(last_at),
       sum(count)::bigint, COALESCE(sum(moment), 0)::text,
       COALESCE(sum(precise_amount), 0)::text
FROM counted
GROUP BY n, metric_id, on_day, dimension, split
ORDER BY n, metric_id, on_day, dimension, split"""

# Neighbours of one value and split in one row: (number among all) − (number among its equals)
# stays the same as long as nothing comes between.
EVENTS = """
WITH event AS (
    SELECT s.n, e.split, e.value,
           row_number() OVER (PARTITION BY s.n, e.split ORDER BY e.occurred_at, e.id) AS place,
           row_number() OVER (PARTITION BY s.n, e.split, e.value ORDER BY e.occurred_at, e.id)
               AS place_of_value
    FROM unnest(%(n)s::int[], %(ids)s::int[], %(starts)s::date[], %(ends)s::date[])
         AS s(n, subscription_id, start, "end")
    JOIN fusion_billing_usage_event e
      ON e.subscription_id = s.subscription_id AND e.metric_id = %(metric)s
     AND e.state = 'accepted' AND e.day >= s.start AND e.day < s."end"
     AND e.occurred_at >= s.start - 2 AND e.occurred_at < s."end" + 2
)
SELECT n, split, value::text, count(*)
FROM event
GROUP BY n, split, value, place - place_of_value
ORDER BY n, split, min(place)"""


@dataclass(frozen=True, slots=True)
class Span:
    """Usage of one subscription over ``[start, end)``, in its local days."""

    subscription_id: int
    period: engine.Period


class Events:
    """Events of some spans, run-length, read by metric when a price first asks for them."""

    def __init__(self, env: api.Environment, spans: Sequence[Span]) -> None:
        self._env, self._spans = env, spans
        self._read: dict[int, Mapping[Span, list[tuple[str, Decimal, int]]]] = {}

    def of(self, span: Span, metric_id: int) -> Sequence[tuple[str, Decimal, int]]:
        """``(split, value, times)`` in the order they happened within each split."""
        if metric_id not in self._read:
            query = SQL(EVENTS, metric=metric_id, **columns(self._spans))
            found = defaultdict(list)
            for n, split, value, times in self._env.execute_query(query):
                found[self._spans[n]].append((split, Decimal(value), int(times)))
            self._read[metric_id] = found
        return self._read[metric_id].get(span, ())


@dataclass(slots=True)
class Counted:
    """What was counted in one span: rollups by metric (sudo), those carried over included.

    ``events``, ``price_lists`` ((plan id, language) → its charges) and ``metrics`` ((service id,
    code) → record and engine's metric) are shared by the spans of a batch.
    """

    span: Span
    rollups: dict[models.BaseModel, list[engine.Rollup]]
    events: Events
    price_lists: dict[tuple[int, str | bool], list] = field(default_factory=dict)
    metrics: dict[tuple[int, str], tuple] = field(default_factory=dict)

    @property
    def used(self) -> list[models.BaseModel]:
        """Metrics counted within the span itself."""
        start = self.span.period.start
        return [
            metric for metric, rows in self.rollups.items() if any(row.day >= start for row in rows)
        ]


class BillingCounted(models.AbstractModel):
    _name = "fusion.billing.counted"
    _description = "Usage as Counted"

    @api.model
    def _counted(self, spans: Sequence[Span]) -> dict[Span, Counted]:
        """The usage of all spans, in one statement whose cost is days and not events."""
        rollups = self._rollups(spans)
        shared = (Events(self.env, spans), {}, {})
        metrics_sudo = self.env["fusion.billing.metric"].sudo()
        return {
            span: Counted(
                span,
                {metrics_sudo.browse(id_): rows for id_, rows in rollups.get(span, {}).items()},
                *shared,
            )
            for span in spans
        }

    def _rollups(self, spans: Sequence[Span]) -> dict[Span, dict[int, list[engine.Rollup]]]:
        """Folded per span, metric, dimension and split by PostgreSQL, over events and counters;
        sums leave it as text. What lies before the span is dated the day before it."""
        if not spans:
            return {}
        self.env["fusion.billing.metric"].flush_model(["recurring", "aggregation"])
        self.env["sale.order"].flush_model(["subscription_id", "x_fc_external_id"])
        found: dict[Span, dict[int, list[engine.Rollup]]] = defaultdict(lambda: defaultdict(list))
        query = SQL(ROLLUPS, by_day=BY_DAY, **columns(spans))
        for n, metric_id, *figures in self.env.execute_query(query):
            found[spans[n]][metric_id].append(_rollup(*figures))
        return found


def columns(spans: Sequence[Span]) -> dict[str, list]:
    """Spans as the columns of ``unnest``."""
    return {
        "n": list(range(len(spans))),
        "ids": [span.subscription_id for span in spans],
        "starts": [span.period.start for span in spans],
        "ends": [span.period.end for span in spans],
    }


def _rollup(
    day: date, dimension: str, split: str, total, maximum, last, last_at, count, moment, precise
) -> engine.Rollup:
    return engine.Rollup(
        day=day,
        dimension=dimension,
        total=Decimal(total),
        maximum=Decimal(maximum),
        last=Decimal(last),
        last_at=last_at,
        count=int(count),
        split=split,
        moment=Decimal(moment),
        precise_amount=Decimal(precise),
    )
