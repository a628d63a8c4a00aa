"""Random charges of every model, usage for them, and rollups with splits."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from engine import (
    ALL_VALUES,
    Charge,
    Dynamic,
    Graduated,
    GraduatedPercentage,
    Metric,
    Package,
    Percentage,
    Period,
    Quota,
    RateTier,
    Rollup,
    Standard,
    Tier,
    Usage,
    Volume,
    run_length,
    split_of,
)
from engine.pricing import PRORATABLE_MODELS
from hypothesis import strategies as st

MARCH = Period(date(2026, 3, 1), date(2026, 4, 1))
prices = st.decimals(0, 1000, places=4)
rates = st.decimals(0, 40, places=3)
quantities = st.decimals(0, 10**6, places=3)
days = st.integers(0, 30).map(lambda n: date(2026, 3, 1) + timedelta(days=n))
earlier = st.integers(1, 90).map(lambda n: date(2026, 3, 1) - timedelta(days=n))


@st.composite
def ladders(draw, tier, *columns):
    """Up to five tiers with whole edges, the last one open."""
    edges = [*map(Decimal, sorted(draw(st.sets(st.integers(1, 60), max_size=4)))), None]
    return tuple(tier(edge, *(draw(column) for column in columns)) for edge in edges)


graduated = ladders(Tier, prices, prices).map(Graduated)
volume = ladders(Tier, prices, prices).map(Volume)
graduated_percentage = ladders(RateTier, rates, prices).map(GraduatedPercentage)
packages = st.builds(Package, prices, st.decimals("0.5", 100, places=1), quantities)
plain_percentage = st.builds(Percentage, rates, prices)
free_percentage = st.builds(
    Percentage, rates, prices, st.integers(0, 6), st.integers(0, 500).map(Decimal)
)


@st.composite
def bounded_percentage(draw):
    low, high = sorted([draw(prices), draw(prices)])
    return Percentage(
        draw(rates),
        draw(prices),
        draw(st.integers(0, 6)),
        draw(st.integers(0, 500).map(Decimal)),
        draw(st.sampled_from([low, None])),
        draw(st.sampled_from([high, None])),
    )


quotas = st.builds(Quota, quantities, prices)
standards = st.builds(Standard, prices)
# More usage never costs less in these.
rising = st.one_of(quotas, standards, packages, graduated, graduated_percentage)
pricers = st.one_of(
    rising, volume, plain_percentage, free_percentage, bounded_percentage(), st.just(Dynamic())
)
values = st.lists(st.decimals(0, 300, places=2), max_size=12)


@st.composite
def usages(draw, event_values=values):
    """What a sum metric measures of some events, precise amounts included."""
    found = draw(event_values)
    return Usage.of(
        sum(found, Decimal(0)),
        count=len(found),
        precise_amount=draw(prices),
        transactions=run_length((value, 1) for value in found),
    )


@st.composite
def charges(draw, **fixed):
    """A whole charge: filters and groups over region and kind, a minimum, a cap."""
    pricer = draw(pricers)
    names = st.sampled_from(["eu", "ca", "us", ALL_VALUES])
    some = st.lists(names, min_size=1, max_size=2, unique=True)
    filter_values = st.dictionaries(st.sampled_from(["region", "kind"]), some, min_size=1)
    filters = [
        {"key": f"f{n}", "values": found, "properties": pricer.to_json()}
        for n, found in enumerate(draw(st.lists(filter_values, max_size=3)))
    ]
    low = draw(st.sampled_from([0, 0, 25]))
    prorated = pricer.model in PRORATABLE_MODELS and draw(st.booleans())
    return Charge.build(
        pricer.model,
        "c",
        "m",
        pricer.to_json(),
        name="Charge",
        filters=filters,
        pricing_group_keys=draw(st.sampled_from([(), ("region",), ("kind", "server")])),
        prorated=prorated,
        min_amount=low,
        cap_amount=draw(st.sampled_from([None, low, 100])),
        **fixed,
    )


@st.composite
def split_events(draw, charge_keys):
    """``[(properties, day, value)]`` in order of time."""
    properties = st.dictionaries(
        st.sampled_from(["region", "kind", "server", "size"]),
        st.sampled_from(["eu", "ca", "mars", 7, True]),
    )
    event = st.tuples(properties, days, st.decimals(-20, 300, places=2))
    found = draw(st.lists(event, max_size=15))
    ordered = sorted(found, key=lambda item: item[1])
    return [(split_of(given, charge_keys), day, value) for given, day, value in ordered]


def rolled(events):
    """Rollups and ordered transactions of ``(split, day, value)``."""
    rows: dict = {}
    for number, (split, day, value) in enumerate(events):
        at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC) + timedelta(seconds=number)
        row = Rollup.of(day, value, at, split=split, precise_amount=Decimal(1))
        rows[day, split] = rows[day, split].fold(row) if (day, split) in rows else row
    return list(rows.values()), [(split, value, 1) for split, _, value in events]


def metric_of(charge):
    """A sum; recurring, as a prorated charge needs it."""
    return Metric("m", recurring=charge.prorated)
