"""Counters: from a pushed value of a bucket to the day it counts on."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from odoo import api, models

from .. import engine
from ..engine.counter_item import CounterAnswer, CounterItem
from . import counter_sql, ingest_sql
from .gate import to_json

Day = tuple[int, int, object, str]


class _Refused(Exception):
    """Some counter went backwards or contradicts itself: nothing of the batch stays."""


class BillingCounter(models.AbstractModel):
    """Sets counters. The unique index tells counters apart, the sequence which push is newer.

    Setting is safe to repeat and needs no order of arrival: a push that was overtaken by a newer
    one is refused instead of undoing it.
    """

    _name = "fusion.billing.counter"
    _description = "Usage Counters"

    # The property that carries the value of usage that was added without naming a property.
    VALUE = ingest_sql.VALUE

    @api.model
    def _check_added(
        self, service: models.BaseModel, values: Sequence[tuple[str, Decimal]]
    ) -> None:
        """Refuse a value for a metric that counts events: it would be ignored, silently.

        :param values: ``(metric code, value)`` of each usage
        :raise engine.Invalid: ``value`` ``metric_counts_events``, unless it is 1
        """
        other = {code for code, value in values if value != 1}
        domain = [
            ("service_id", "=", service.id),
            ("code", "in", list(other)),
            ("aggregation", "=", "count"),
        ]
        if other and self.env["fusion.billing.metric"].search_count(domain, limit=1):
            raise engine.Invalid.field("value", "metric_counts_events")

    @api.model
    def _set(self, service: models.BaseModel, items: Sequence[CounterItem]) -> list[CounterAnswer]:
        """Set counters; say what became of each, in the order given.

        accepted: it counts now, in place of `previous`. duplicate: this push was here before.
        parked: kept, not counted, `reason` says why. stale (a newer push is here) and conflict
        (this sequence came with another value): then nothing of the batch is written.

        :raise engine.Invalid: a property or a value that cannot be stored; nothing is written.
        """
        service.ensure_one()
        answers: dict[int, CounterAnswer] = {}
        try:
            with self.env.cr.savepoint():
                for wave in _waves(items):
                    answers |= self._set_once(service, wave)
                if any(answer.status in ("stale", "conflict") for answer in answers.values()):
                    raise _Refused
        except _Refused:
            refused = True
        else:
            refused = False
        self._forget_caches()
        if not refused:
            self._announce(service, items, answers)
        return [answers[n] for n in range(len(items))]

    @api.model
    def _reexamine(
        self,
        service: models.BaseModel,
        external_ids: Sequence[str] | None = None,
        codes: Sequence[str] | None = None,
    ) -> int:
        """Look at parked counters again; count those whose reason is gone. Return how many."""
        counters_sudo = self.env["fusion.billing.usage.counter"].sudo()
        self.env.flush_all()
        parked_sudo = counters_sudo.search(
            [("service_id", "=", service.id), ("state", "=", "parked")]
        )
        if not parked_sudo:
            return 0
        spanning = self._spanning(
            service,
            {
                row.id: (row.external_subscription_id, row.first_day, row.last_day)
                for row in parked_sudo
            },
        )
        self.env.cr.execute(
            counter_sql.RELEASE,
            {
                **self._parameters(service),
                "spanning": list(spanning),
                "external_ids": list(external_ids) if external_ids is not None else None,
                "codes": list(codes) if codes is not None else None,
            },
        )
        released = [row[1:] for row in self.env.cr.fetchall() if row[0] == "accepted"]
        self._fold(service, released)
        self._forget_caches()
        return len(released)

    @api.model
    def _resplit(self, metric: models.BaseModel) -> None:
        """Add the counters of a metric up again by the terms it has now."""
        self.env.flush_all()
        self.env.cr.execute(counter_sql.RESPLIT, {"metric": metric.id})
        rows = self.env.cr.fetchall()
        days = {(*row[:3], split) for row in rows for split in row[3:]}
        self._fold(metric.service_id, days)
        self._forget_caches()

    def _set_once(
        self, service: models.BaseModel, wave: dict[int, CounterItem]
    ) -> dict[int, CounterAnswer]:
        """One round, in which no counter comes twice."""
        spanning = self._spanning(
            service,
            {
                n: (item.external_subscription_id, item.bucket.start.date(), item.bucket.last_day)
                for n, item in wave.items()
            },
        )
        rows = ",".join(_row(n, item, n in spanning) for n, item in wave.items())
        parameters = {**self._parameters(service), "items": f"[{rows}]"}
        self.env.cr.execute(counter_sql.SET, parameters, log_exceptions=False)
        answers: dict[int, CounterAnswer] = {}
        days: set[Day] = set()
        for n, counter_id, reason, previous, *places in self.env.cr.fetchall():
            if counter_id:
                answers[n] = CounterAnswer(
                    "parked" if reason else "accepted",
                    reason,
                    counter_id,
                    wave[n].sequence,
                    None if previous is None else Decimal(previous),
                )
                now, before = tuple(places[:4]), tuple(places[4:])
                days |= {now} if not reason else set()
                days |= {before} if before[0] else set()
        answers |= self._held(parameters, [n for n in wave if n not in answers])
        self._fold(service, days)
        return answers

    def _held(self, parameters: dict, wanted: list[int]) -> dict[int, CounterAnswer]:
        """Answers to pushes that changed nothing."""
        if not wanted:
            return {}
        self.env.cr.execute(counter_sql.HELD, {**parameters, "wanted": wanted})
        statuses = {True: "duplicate", False: "conflict", None: "stale"}
        return {
            n: CounterAnswer(statuses[same], reason, counter_id, sequence)
            for n, counter_id, sequence, reason, same in self.env.cr.fetchall()
        }

    def _fold(self, service: models.BaseModel, days: Iterable[Day]) -> None:
        """Add up the counters of these days; a billed period that changed is compared again."""
        days = sorted(set(days))
        if not days:
            return
        subscriptions, metrics, dates, splits = (list(column) for column in zip(*days, strict=True))
        parameters = {
            **self._parameters(service),
            "subscriptions": subscriptions,
            "metrics": metrics,
            "days": dates,
            "splits": splits,
        }
        self.env.cr.execute(counter_sql.LOCK, parameters, log_exceptions=False)
        self.env.cr.execute(counter_sql.ADD_UP, parameters)

    def _spanning(self, service: models.BaseModel, buckets: dict[int, tuple]) -> set[int]:
        """Those of ``{n: (external id, first day, last day)}`` that two billing periods share.

        An hour or a day never does: periods end at local midnight.
        """
        long = {n: bucket for n, bucket in buckets.items() if bucket[1] != bucket[2]}
        found: set[int] = set()
        subscribe, draft = self.env["fusion.billing.subscribe"], self.env["fusion.billing.draft"]
        for n, (external_id, first, last) in long.items():
            order_sudo = subscribe._running(service, external_id)
            if order_sudo.start_date:
                first = max(first, order_sudo.start_date)
                last = min(last, order_sudo.end_date or last)
                if first <= last and draft._period(order_sudo, first).end <= last:
                    found.add(n)
        return found

    def _parameters(self, service: models.BaseModel) -> dict:
        return {"service": service.id, "tz": service.timezone, "now": service._now()}

    def _forget_caches(self) -> None:
        """The statements went past the ORM: what it may have read before is stale."""
        for model in ("usage", "usage.counter", "usage.counter.push"):
            self.env[f"fusion.billing.{model}"].invalidate_model(flush=False)
        self.env["fusion.billing.period"].invalidate_model(["dirty"], flush=False)

    def _announce(
        self,
        service: models.BaseModel,
        items: Sequence[CounterItem],
        answers: dict[int, CounterAnswer],
    ) -> None:
        """Tell the app what was parked, and why: one ``usage.parked`` a batch."""
        parked = [
            {
                "external_subscription_id": items[n].external_subscription_id,
                "code": items[n].code,
                "bucket": items[n].bucket.text,
                "sequence": items[n].sequence,
                "reason": answer.reason,
            }
            for n, answer in sorted(answers.items())
            if answer.status == "parked"
        ]
        if parked:
            self.env["fusion.billing.outbox"]._emit(
                service, "usage.parked", "usage", {"counters": parked}
            )


def _waves(items: Sequence[CounterItem]) -> list[dict[int, CounterItem]]:
    """Rounds in which each counter comes once, in the order it was sent."""
    waves: list[dict[int, CounterItem]] = []
    seen: dict[tuple, int] = {}
    for n, item in enumerate(items):
        place = seen.get(item.key, -1) + 1
        seen[item.key] = place
        if place == len(waves):
            waves.append({})
        waves[place][n] = item
    return waves


def _row(n: int, item: CounterItem, spans: bool) -> str:
    """One counter as JSON text; its value reaches PostgreSQL's NUMERIC digit for digit."""
    texts = {
        "external_subscription_id": item.external_subscription_id,
        "code": item.code,
        "bucket": item.bucket.text,
        "labels": item.labels,
        "properties": item.properties,
        "first_day": item.bucket.start.date().isoformat(),
        "last_day": item.bucket.last_day.isoformat(),
        "starts_at": item.bucket.start.isoformat(),
        "sequence": item.sequence,
        "content_hash": item.content_hash,
        "spans": spans,
    }
    if abs(item.value) >= Decimal(ingest_sql.MAX_WHOLE):
        raise engine.Invalid.field("value", "value_is_out_of_range")
    members = [f'"{name}":{to_json(value, name)}' for name, value in texts.items()]
    return f'{{"n":{n},"value":{engine.plain(item.value)},{",".join(members)}}}'
