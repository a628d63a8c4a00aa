"""Run in an Odoo shell by `rate.py`: grow the ledger on the server, rate, write the times."""

import json
import os
import statistics
import time
from datetime import date

from odoo import Command
from odoo.addons.fusion_centralize_billing import engine
from odoo.addons.fusion_centralize_billing.pipeline.counted import Span
from odoo.addons.fusion_centralize_billing.pipeline.ingest_sql import FIGURES, ROLLUP_KEY

EVENTS = [int(size) for size in os.environ["BENCH_EVENTS"].split(",")]
SUBSCRIPTIONS = int(os.environ["BENCH_SUBSCRIPTIONS"])
ROUNDS = int(os.environ["BENCH_ROUNDS"])
STEP = 500_000  # events a transaction
MARCH = engine.Period(date(2026, 3, 1), date(2026, 4, 1))

# Events spread evenly over the subscriptions and the days of March; rating looks at no keys.
GROW = """
INSERT INTO fusion_billing_usage_event (
    service_id, subscription_id, metric_id, occurred_at, received_at, day, value,
    external_subscription_id, transaction_id, code, state, properties)
SELECT %(service)s, o.id, %(metric)s, at, at, at::date, n %% 100,
       o.x_fc_external_id, 't' || n, 'gb', 'accepted', jsonb_build_object('gb', n %% 100)
FROM generate_series(%(first)s, %(last)s) AS n
CROSS JOIN LATERAL (
    SELECT timestamp '2026-03-01 12:00' + (n / %(count)s %% 31) * interval '1 day'
           + (n %% 36000) * interval '1 second' AS at) AS spread
JOIN (SELECT id, x_fc_external_id, row_number() OVER (ORDER BY id) - 1 AS nth
      FROM sale_order WHERE x_fc_service_id = %(service)s) o ON o.nth = n %% %(count)s"""
ROLL_UP = f"""
INSERT INTO fusion_billing_usage (service_id, source, watermark, {ROLLUP_KEY},
    total, maximum, last, last_at, count, moment, precise_amount)
SELECT %s, 'event', '2026-04-01', {ROLLUP_KEY},{FIGURES}
FROM fusion_billing_usage_event GROUP BY {ROLLUP_KEY}"""
MEGABYTES = """
SELECT sum(pg_total_relation_size(c.oid)) / 1048576 FROM pg_class c
WHERE relkind = 'r' AND relname LIKE 'fusion_billing_usage_event%%'"""
# What rating would cost without rollups.
SUM = """
SELECT subscription_id, metric_id, sum(value) FROM fusion_billing_usage_event
WHERE state = 'accepted' AND occurred_at >= '2026-03-01' AND occurred_at < '2026-04-02'
GROUP BY subscription_id, metric_id"""


def book(env):
    """A service whose subscriptions pay 0.05 a GB beyond 1,000; return it and its metric."""
    fee, usage = (
        env["product.product"].create(
            {"name": name, "type": "service", "recurring_invoice": name == "Fee"}
        )
        for name in ("Fee", "Usage")
    )
    service = env["fusion.billing.service"].create(
        {"name": "Bench", "code": "bench", "mode": "live", "usage_product_id": usage.id}
    )
    metric = env["fusion.billing.metric"].create(
        {"service_id": service.id, "code": "gb", "name": "GB", "field_name": "gb"}
    )
    plan = env["sale.subscription.plan"].create(
        {
            "name": "Bench",
            "x_fc_service_id": service.id,
            "x_fc_code": "pro",
            "x_fc_product_id": fee.id,
            "billing_period_value": 1,
            "billing_period_unit": "month",
        }
    )
    env["fusion.billing.charge"].create(
        {
            "service_id": service.id,
            "plan_code": "pro",
            "plan_id": plan.id,
            "metric_id": metric.id,
            "code": "bandwidth",
            "name": "Bandwidth",
            "model": "quota",
            "included_quantity": 1000,
            "unit_price": 0.05,
            "currency_id": env.company.currency_id.id,
        }
    )
    subscribe(env, service, plan, fee)
    env["fusion.billing.ledger"]._add_months(MARCH.start)
    return service, metric


def subscribe(env, service, plan, fee) -> None:
    """Subscriptions to the plan, not confirmed: rating does not ask."""
    partner = env["res.partner"].create({"name": "Bench"})
    env["sale.order"].create(
        [
            {
                "partner_id": partner.id,
                "plan_id": plan.id,
                "start_date": date(2026, 1, 1),
                "x_fc_service_id": service.id,
                "x_fc_external_id": f"sub-{n}",
                "x_fc_tz": "America/Toronto",
                "order_line": [Command.create({"product_id": fee.id})],
            }
            for n in range(SUBSCRIPTIONS)
        ]
    )


def grow(env, service, metric, before: int, events: int) -> None:
    """Add events up to this many, and fold them anew."""
    for first in range(before + 1, events + 1, STEP):
        env.cr.execute(
            GROW,
            {
                "service": service.id,
                "metric": metric.id,
                "first": first,
                "last": min(first + STEP - 1, events),
                "count": SUBSCRIPTIONS,
            },
        )
        env.cr.commit()
    env.cr.execute("TRUNCATE fusion_billing_usage")
    env.cr.execute(ROLL_UP, (service.id,))
    env.cr.commit()
    env.cr.execute("ANALYZE fusion_billing_usage_event, fusion_billing_usage")
    env.cr.commit()


def rated(env, orders) -> int:
    """Price March of every subscription; return what they used, to be checked."""
    rate = env["fusion.billing.rate"]
    spans = {order: Span(order.id, MARCH) for order in orders}
    counted = rate._counted(list(spans.values()))
    lines = [
        line for order, span in spans.items() for line in rate._rate_span(order, counted[span])
    ]
    return int(sum(line.quantity for line in lines))


def timed(work) -> tuple[float, object]:
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def empty(env, orders) -> float:
    """The same rating, the same minute, with no event in the ledger."""
    env.cr.execute("SAVEPOINT whole; TRUNCATE fusion_billing_usage_event")
    seconds, _used = timed(lambda: rated(env, orders))
    env.cr.execute("ROLLBACK TO SAVEPOINT whole")
    return seconds


def main(env) -> None:
    """Write one line a ledger size."""
    service, metric = book(env)
    env.cr.commit()
    orders = service.subscription_ids
    found, before = [], 0
    for events in EVENTS:
        grow(env, service, metric, before, events)
        before = events
        rated(env, orders)
        rounds = [(*timed(lambda: rated(env, orders)), empty(env, orders)) for _n in range(ROUNDS)]
        env.cr.execute("SELECT count(*), sum(count), sum(total) FROM fusion_billing_usage")
        rollups, counted, total = env.cr.fetchone()
        assert counted == events and {used for _time, used, _empty in rounds} == {int(total)}
        env.cr.execute(MEGABYTES)
        (megabytes,) = env.cr.fetchone()
        summing = [timed(lambda: env.cr.execute(SUM))[0] for _round in range(2)]
        found.append(
            {
                "events": events,
                "rollups": rollups,
                "megabytes": int(megabytes),
                "rating": statistics.median(seconds for seconds, _used, _empty in rounds),
                "to empty": statistics.median(seconds / other for seconds, _used, other in rounds),
                "summing": min(summing),
            }
        )
        with open(os.environ["BENCH_RESULT"], "w") as file:
            json.dump(found, file, indent=1)


main(env)  # noqa: F821
