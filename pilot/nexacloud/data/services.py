"""The catalogue of NexaMaps and NexaMembers. Prices are strings in `currency`."""

from __future__ import annotations

from typing import NamedTuple

TierRow = tuple[int | None, str, str]  # (up to, unit price, flat price); None: no bound


class MetricData(NamedTuple):
    code: str
    name: str
    unit: str
    aggregation: str
    field_name: str


class PlanData(NamedTuple):
    code: str
    name: str
    description: str
    interval: str
    price: str
    currency: str
    pay_in_advance: bool


class ChargeData(NamedTuple):
    plan_code: str
    metric_code: str
    code: str
    name: str
    model: str
    tiers: list[TierRow]


class ServiceData(NamedTuple):
    code: str
    name: str
    timezone: str
    metrics: list[MetricData]
    plans: list[PlanData]
    charges: list[ChargeData]


# The first 100,000 requests are free, the next 900,000 cost 0.0005, the rest 0.0003; who goes
# beyond a million pays 25.00 once.
REQUEST_TIERS: list[TierRow] = [
    (100_000, "0", "0"),
    (1_000_000, "0.0005", "0"),
    (None, "0.0003", "25"),
]

MAPS = ServiceData(
    code="nexamaps",
    name="NexaMaps",
    timezone="America/Toronto",
    metrics=[MetricData("map_requests", "Map requests", "requests", "sum", "map_requests")],
    plans=[
        PlanData("maps-standard", "Maps API", "Map tiles, routes and geocoding over one API.",
                 "month", "20.00", "CAD", True),
    ],
    charges=[
        ChargeData("maps-standard", "map_requests", "map_requests", "Map requests", "graduated",
                   REQUEST_TIERS),
    ],
)  # fmt: skip

MEMBERS = ServiceData(
    code="nexamembers",
    name="NexaMembers",
    timezone="America/Toronto",
    metrics=[],
    plans=[
        PlanData("member-monthly", "Membership, monthly", "Meet-ups, talks and the members' forum.",
                 "month", "25.00", "CAD", True),
        PlanData("member-yearly", "Membership, yearly", "Twelve months for the price of less.",
                 "year", "240.00", "CAD", True),
    ],
    charges=[],
)  # fmt: skip

CATALOGUE = [MAPS, MEMBERS]

# Who buys: a province alone is a customer of this service only; "=" before it takes the NexaCloud
# user of that province whose mailbox is used again.
MAPS_CUSTOMERS = ["=ON", "=QC", "=BC", "=NL", "=NS", "ON", "AB", "MB", "SK", "QC", "YT", "NL"]
MEMBERS_CUSTOMERS = ["=ON", "=QC", "=SK", "=NL", "BC", "PE", "NB", "NU"]
