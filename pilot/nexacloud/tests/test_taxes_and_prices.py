"""The app's tax table and prices, against figures worked out by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from pilot.nexacloud.data.services import REQUEST_TIERS
from pilot.nexacloud.periods import local_day, local_midnight, next_end
from pilot.nexacloud.pricing import graduated_price, quota_price
from pilot.nexacloud.records import Tier
from pilot.nexacloud.taxes import taxes

HUNDRED = {
    "AB": {"GST": "5.00"}, "BC": {"GST": "5.00", "PST": "7.00"},
    "MB": {"GST": "5.00", "PST": "7.00"}, "NB": {"HST": "15.00"}, "NL": {"HST": "15.00"},
    "NS": {"HST": "14.00"}, "NT": {"GST": "5.00"}, "NU": {"GST": "5.00"}, "ON": {"HST": "13.00"},
    "PE": {"HST": "15.00"}, "QC": {"GST": "5.00", "QST": "9.98"},
    "SK": {"GST": "5.00", "PST": "6.00"}, "YT": {"GST": "5.00"},
}  # fmt: skip


@pytest.mark.parametrize("province", sorted(HUNDRED))
def test_the_taxes_on_a_hundred_dollars(province: str) -> None:
    found = {name: str(amount) for name, amount in taxes(province, Decimal("100.00")).items()}
    assert found == HUNDRED[province]


def test_each_tax_is_rounded_alone_and_half_a_cent_goes_up() -> None:
    # 0.10 × 5 % = 0.005 and 0.10 × 9.975 % = 0.009975
    assert taxes("QC", Decimal("0.10")) == {"GST": Decimal("0.01"), "QST": Decimal("0.01")}


@pytest.mark.parametrize(
    ("used", "amount"),
    [("0", "0.00"), ("1000", "0.00"), ("1000.01", "0.00"), ("1000.1", "0.01"),
     ("1250.5", "12.53"), ("4000", "150.00")],
)  # fmt: skip
def test_overage_is_charged_above_the_quota_only(used: str, amount: str) -> None:
    assert quota_price(Decimal(used), Decimal(1000), Decimal("0.05")) == Decimal(amount)


def test_without_an_overage_price_nothing_is_ever_charged() -> None:
    assert quota_price(Decimal(10**9), Decimal(0), None) == 0


def request_price(count: str) -> Decimal:
    tiers = [
        Tier(None if up_to is None else Decimal(up_to), Decimal(unit), Decimal(flat))
        for up_to, unit, flat in REQUEST_TIERS
    ]
    return graduated_price(Decimal(count), tiers)


@pytest.mark.parametrize(
    ("count", "amount"),
    [
        ("0", "0.00"),
        ("100000", "0.00"),
        ("100001", "0.00"),  # 1 × 0.0005 is less than half a cent
        ("100010", "0.01"),  # 10 × 0.0005 = 0.005
        ("1000000", "450.00"),  # 900,000 × 0.0005
        ("1000001", "475.00"),  # 450 + 25 on entering + 0.0003
        ("3456789", "1212.04"),  # 450 + 25 + 2,456,789 × 0.0003 = 737.0367
    ],
)
def test_requests_are_priced_tier_by_tier_with_the_flat_fee_on_entering(
    count: str, amount: str
) -> None:
    assert request_price(count) == Decimal(amount)


def test_three_in_the_morning_utc_is_still_yesterday_in_newfoundland() -> None:
    assert local_day(datetime(2026, 3, 1, 3, tzinfo=UTC), "America/St_Johns") == date(2026, 2, 28)
    assert local_day(datetime(2026, 3, 1, 4, tzinfo=UTC), "America/St_Johns") == date(2026, 3, 1)


def test_local_midnight_moves_by_an_hour_with_the_clock_change_but_not_in_saskatchewan() -> None:
    def utc_hour(month: int, zone: str) -> int:
        return local_midnight(date(2026, month, 1), zone).hour

    assert [utc_hour(month, "America/Toronto") for month in (3, 4)] == [5, 4]
    assert [utc_hour(month, "America/Regina") for month in (3, 4)] == [6, 6]


@pytest.mark.parametrize(
    ("start", "end", "interval", "following"),
    [
        ("2026-03-01", "2026-04-01", "month", "2026-05-01"),
        ("2026-02-12", "2026-03-12", "month", "2026-04-12"),
        ("2026-02-28", "2026-03-31", "month", "2026-04-30"),
        ("2026-02-28", "2026-03-30", "month", "2026-04-30"),
        ("2026-02-28", "2026-03-28", "month", "2026-04-28"),
        ("2025-03-15", "2026-03-15", "year", "2027-03-15"),
    ],
)
def test_the_next_period_keeps_the_billing_day(
    start: str, end: str, interval: str, following: str
) -> None:
    found = next_end(date.fromisoformat(start), date.fromisoformat(end), interval)
    assert found == date.fromisoformat(following)
