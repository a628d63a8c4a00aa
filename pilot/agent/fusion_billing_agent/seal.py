"""Seals: tell the billing system that a period is complete, and what it adds up to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from .api import Api
from .config import Config
from .counter import from_row
from .source import Source, SourceError

Totals = dict[tuple[str, str], tuple[int, Decimal]]


def seal(config: Config, source: Source, api: Api, start: date, end: date) -> list[dict[str, Any]]:
    """Seal ``[start, end)``, local days, for each subscription and metric; return the answers.

    A metric without a row is sealed as empty. Only subscriptions the billing system has active or
    ended. Refused seals come back as ``{"state": "refused", …}``.

    :raise Later: no answer; sealing again is safe
    """
    sums = totals(config, source, start, end)
    codes = sorted({code for _, code in sums} | _named(config))
    answers = []
    for subscription in sorted(_subscriptions(api)):
        for code in codes:
            count, total = sums.get((subscription, code), (0, Decimal(0)))
            body = {
                "external_subscription_id": subscription,
                "code": code,
                "start": start.isoformat(),
                "end": end.isoformat(),
                "count": count,
                "sum": format(total, "f"),
            }
            answer = api.put("/usage/seals", {"seal": body})
            refused = {**body, "state": "refused", "reason": answer.body}
            answers.append(answer.body["seal"] if answer.ok else refused)
    return answers


def totals(config: Config, source: Source, start: date, end: date) -> Totals:
    """Return ``{(subscription, metric code): (rows, sum)}`` of the local days ``[start, end)``."""
    found: Totals = {}
    for table in config.tables:
        zone = UTC if table.bucket == "day" else config.timezone
        first, last = (datetime.combine(day, time(), zone).astimezone(UTC) for day in (start, end))
        for row in source.between(table, first, last):
            try:
                counter = from_row(table, row)
            except (ValueError, TypeError) as error:
                raise SourceError(f"{table.name} revision {row[4]}: {error}") from error
            key = (counter.subscription, counter.code)
            count, total = found.get(key, (0, Decimal(0)))
            found[key] = (count + 1, total + Decimal(counter.value))
    return found


def _named(config: Config) -> set[str]:
    return {code for table in config.tables for code in table.codes.values()}


def _subscriptions(api: Api) -> Iterator[str]:
    page: int | None = 1
    while page:
        query = {"status[]": ["active", "terminated"], "page": page, "per_page": 100}
        answer = api.get("/subscriptions", **query)
        for subscription in answer.body.get("subscriptions", []):
            yield subscription["external_id"]
        page = (answer.body.get("meta") or {}).get("next_page")
