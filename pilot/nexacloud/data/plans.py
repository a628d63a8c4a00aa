"""The price list. Tiers are (up_to, unit price, flat price); None as up_to has no bound."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from pilot.nexacloud.records import Plan, Tier


def _tiers(*rows: tuple[int | None, str, str]) -> tuple[Tier, ...]:
    return tuple(
        Tier(None if up_to is None else Decimal(up_to), Decimal(unit), Decimal(flat))
        for up_to, unit, flat in rows
    )


def _number(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)


_SMALL_DISK = _tiers((50, "0", "0"), (None, "0.08", "0"))
_LARGE_DISK = _tiers((100, "0", "0"), (500, "0.07", "0"), (None, "0.05", "0"))
_SCALE_DISK = _tiers((1000, "0", "0"), (None, "0.04", "15"))

# code, name, interval, cents, currency, in advance, GB, per GB, minutes, per minute, disk, public
_ROWS = [
    ("free", "Free", "month", 0, "CAD", True, "5", None, "100", None, None, True),
    ("starter", "Starter", "month", 1200, "CAD", True, "100", "0.10", "300", "0.01", None, True),
    ("developer", "Developer", "month", 2900, "CAD", True, "250", "0.08", "1000", "0.008",
     _SMALL_DISK, True),
    ("business", "Business", "month", 9900, "CAD", True, "1000", "0.05", "5000", "0.006",
     _LARGE_DISK, True),
    ("agency", "Agency (billed in arrears)", "month", 4900, "CAD", False, "500", "0.065", "2000",
     "0.0075", _SMALL_DISK, False),
    ("scale", "Scale (unlimited traffic)", "month", 29900, "CAD", True, "0", None, "0", None,
     _SCALE_DISK, True),
    ("business-yearly", "Business, yearly", "year", 99000, "CAD", True, "12000", "0.045", "60000",
     "0.005", _LARGE_DISK, True),
    ("developer-usd", "Developer (USD)", "month", 2200, "USD", True, "250", "0.06", "1000", "0.006",
     _SMALL_DISK, False),
    ("business-usd", "Business (USD)", "month", 7900, "USD", True, "1000", "0.04", "5000", "0.0045",
     _LARGE_DISK, False),
]  # fmt: skip

_DESCRIPTIONS = {
    "free": "One small site. Traffic stops at the quota, so it is never charged.",
    "agency": "For agencies that bill their own clients first: the month is paid when it is over.",
    "scale": "Traffic and builds without a limit; only disk above 1 TB is charged.",
}


def plans() -> list[Plan]:
    """Return the nine plans, ids 1 to 9."""
    return [
        Plan(
            id=place,
            code=code,
            name=name,
            description=_DESCRIPTIONS.get(code),
            interval=interval,
            price_cents=cents,
            currency=currency,
            pay_in_advance=in_advance,
            included_bandwidth_gb=_number(gigabytes),
            overage_bandwidth_price=_number(per_gigabyte),
            included_build_minutes=_number(minutes),
            overage_build_price=_number(per_minute),
            storage_tiers=disk,
            is_public=public,
            created_at=datetime(2024, 1, 15, 14, place, tzinfo=UTC),
        )
        for place, (code, name, interval, cents, currency, in_advance, gigabytes, per_gigabyte,
                    minutes, per_minute, disk, public) in enumerate(_ROWS, start=1)
    ]  # fmt: skip
