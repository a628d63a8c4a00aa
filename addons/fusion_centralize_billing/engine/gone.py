"""A bucket that was billed and has no usage any more: its line, at nothing.

Late corrections can empty a group, and the first usage of a group ends the line without one. What
was billed for such a line is given back, and the line that does it explains itself like any other.
"""

import json
from collections.abc import Mapping
from typing import Any

from .charge import Charge
from .filters import Bucket
from .money import ZERO, round_money
from .period import Period
from .rated import RatedLine, closing_line, period_json, read_period


def gone_line(key: str, charge: Charge, period: Period, currency_exponent: int = 2) -> RatedLine:
    """The line of `charge` with this key, at nothing.

    >>> from datetime import date
    >>> charge = Charge.build("standard", "c", "gb", {"unit_price": 1}, pricing_group_keys=["vm"])
    >>> march = Period(date(2026, 3, 1), date(2026, 4, 1))
    >>> line = gone_line('gb/c{"group":{"vm":"a"}}', charge, march)
    >>> line.group, str(line.amount)
    ({'vm': 'a'}, '0.00')
    """
    return _line(key, _bucket(key, charge), charge, period, currency_exponent)


def replay_gone(derivation: Mapping[str, Any]) -> RatedLine:
    """The line again from its stored inputs."""
    return _line(
        derivation["key"],
        Bucket.from_json(derivation["bucket"]),
        Charge.from_json(derivation["charge"]),
        read_period(derivation["period"]),
        int(derivation["currency_exponent"]),
    )


def _line(
    key: str, bucket: Bucket, charge: Charge, period: Period, currency_exponent: int
) -> RatedLine:
    inputs = {
        "kind": "gone",
        "key": key,
        "charge": charge.own.to_json(),
        "bucket": bucket.to_json(),
        "period": period_json(period),
        "currency_exponent": str(currency_exponent),
    }
    return closing_line(
        inputs,
        round_money(ZERO, currency_exponent),
        charge_code=charge.code,
        metric_code=charge.metric_code,
        model=charge.model,
        charge_key=charge.key,
        filter_key=bucket.filter_key,
        group=bucket.group,
        terms=charge.to_json(),
    )


def _bucket(key: str, charge: Charge) -> Bucket:
    """Read back from the key what `Bucket.key` wrote; the filter's name is the charge's."""
    stored = key.removeprefix(charge.key)
    parts = json.loads(stored) if stored else {}
    filter_key = parts.get("filter", "")
    names = {own.identity: own.label for own in charge.filters}
    return Bucket(filter_key, names.get(filter_key, ""), parts.get("group", {}))
