"""NexaCloud's rows → our values. Pure: a row in, a value out, or a sentence saying why not."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from .errors import RowError
from .values import (
    ChargeValue,
    CouponValue,
    CustomerValue,
    MetricValue,
    PlanValue,
    Skipped,
    SubscriptionValue,
    TierValue,
)

# The app sends each value under the name of its metric: {"bandwidth_gb": "1.25"}.
METRICS = (
    MetricValue("bandwidth_gb", "Bandwidth", "GB", "sum", "bandwidth_gb"),
    MetricValue("build_minutes", "Build minutes", "min", "sum", "build_minutes"),
    MetricValue("storage_gb", "Storage", "GB", "max", "storage_gb"),
)
# charge code → metric, name on the invoice, column of the quota, column of the price per unit
QUOTAS = {
    "bandwidth": (
        "bandwidth_gb", "Bandwidth", "included_bandwidth_gb", "overage_bandwidth_price",
    ),
    "build": ("build_minutes", "Build minutes", "included_build_minutes", "overage_build_price"),
}  # fmt: skip
# Statuses whose subscription still runs; everything else is history of the app.
RUNNING = ("active", "past_due", "trialing")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b\ufeff]+")


def plan(row: Mapping[str, Any]) -> PlanValue:
    """Translate a plan with its charges.

    A quota without an overage price is never charged: it gets no charge, and a reason.
    """
    if row["interval"] not in ("month", "year"):
        raise RowError(f"The interval “{row['interval']}” is neither month nor year.")
    charges, uncharged = [], {}
    for code, (metric, name, quota, price) in QUOTAS.items():
        if row[price] is None:
            uncharged[code] = f"{name}: the plan has no overage price, so it is never charged."
            continue
        charges.append(
            ChargeValue(
                metric, code, name, "quota",
                included_quantity=_number(row[quota] or 0, quota),
                unit_price=_number(row[price], price),
            )
        )  # fmt: skip
    if row["storage_tiers"] is None:
        uncharged["storage"] = "Storage: the plan has no storage prices, so it is never charged."
    else:
        tiers = _tiers(row["storage_tiers"])
        charges.append(ChargeValue("storage_gb", "storage", "Storage", "graduated", tiers=tiers))
    return PlanValue(
        source_id=row["id"],
        code=_text(row, "code"),
        name=_text(row, "name"),
        description=row["description"],
        interval_unit=row["interval"],
        price_minor=_whole(row["price_cents"], "price_cents"),
        currency=_text(row, "currency").strip().upper(),
        pay_in_advance=row["pay_in_advance"] is not False,
        charges=tuple(charges),
        uncharged=uncharged,
    )


def customer(row: Mapping[str, Any]) -> CustomerValue:
    """Translate a user into Lago's customer keys; a company's name goes before a person's."""
    person, company = _clean(row["full_name"]), _clean(row["company_name"])
    values = {
        "name": company or person or _text(row, "email"),
        "email": _text(row, "email"),
        "legal_name": company,
        "customer_type": "company" if company else "individual",
        "phone": _clean(row["phone"]),
        "address_line1": _clean(row["address_line1"]),
        "address_line2": _clean(row["address_line2"]),
        "city": _clean(row["city"]),
        "state": _clean(row["province"]),
        "zipcode": _clean(row["postal_code"]),
        "country": _clean(row["country"]),
        "tax_identification_number": _clean(row["tax_number"]),
        "timezone": _clean(row["timezone"]),
    }
    configuration = {}
    if locale := _clean(row["locale"]):
        configuration["document_locale"] = locale
    if stripe := _clean(row["stripe_customer_id"]):
        configuration |= {"payment_provider": "stripe", "provider_customer_id": stripe}
    if configuration:
        values["billing_configuration"] = configuration
    if company and person:
        values["metadata"] = [{"key": "contact", "value": person}]
    return CustomerValue(str(row["id"]), values)


def subscription(row: Mapping[str, Any]) -> SubscriptionValue | Skipped:
    """Translate a subscription that still runs; one that was cancelled in the app is skipped."""
    status = row["status"]
    if status == "cancelled":
        when = f" on {row['cancelled_at']:%Y-%m-%d}" if row["cancelled_at"] else ""
        return Skipped(f"Cancelled in the app{when}: there is nothing left to bill.")
    if status not in RUNNING:
        raise RowError(f"The status “{status}” is not one of {', '.join(RUNNING)}, cancelled.")
    if status == "trialing" and row["trial_ends_at"] is None:
        raise RowError("It is trialing, but the app does not say until when (trial_ends_at).")
    start, end = row["current_period_start"], row["current_period_end"]
    if isinstance(start, datetime) or isinstance(end, datetime):
        raise RowError(
            "Its current period has instants where days are expected: date, not timestamp"
            " (current_period_start, current_period_end)."
        )
    if not isinstance(start, date) or not isinstance(end, date) or start >= end:
        raise RowError(
            f"Its current period, {start} to {end}, is no period"
            " (current_period_start, current_period_end)."
        )
    return SubscriptionValue(
        external_id=str(row["id"]),
        customer_external_id=str(row["user_id"]),
        plan_source_id=row["plan_id"],
        status=status,
        started_at=_instant(row["started_at"], "started_at"),
        period_start=start,
        period_end=end,
        trial_ends_at=_instant(row["trial_ends_at"], "trial_ends_at")
        if status == "trialing"
        else None,
        coupon=coupon(row),
    )


def coupon(row: Mapping[str, Any]) -> CouponValue | None:
    """The coupon on a subscription, None without one.

    :raise RowError: per cent and amount both, or neither, or more than everything off
    """
    percent, amount = row.get("coupon_percent_off"), row.get("coupon_amount_off_cents")
    code = _clean(row.get("coupon_code"))
    if code is None and percent is None and amount is None:
        return None
    if (percent is None) == (amount is None):
        raise RowError(f"Its coupon {code} takes off neither a per cent nor an amount, or both.")
    ends = row.get("coupon_ends_at")
    if isinstance(ends, datetime):
        ends = ends.date()
    if percent is not None and (percent := _number(percent, "coupon_percent_off")) > 100:
        raise RowError(f"coupon_percent_off cannot be {percent}.")
    minor = None if amount is None else _whole(amount, "coupon_amount_off_cents")
    return CouponValue(code or "coupon", percent, minor, ends)


def local_period(value: SubscriptionValue, zone: str) -> tuple[date, date]:
    """The period the app has billed in advance, ``[start, end)`` in local days.

    During a trial nothing was billed: both are the local day the trial ends on, so that the
    first invoice is due that day.
    """
    if value.trial_ends_at is None:
        return value.period_start, value.period_end
    day = value.trial_ends_at.astimezone(ZoneInfo(zone)).date()
    return day, day


def _tiers(rows: Any) -> tuple[TierValue, ...]:
    if not isinstance(rows, list) or not rows:
        raise RowError("storage_tiers is not a list of tiers.")
    try:
        return tuple(
            TierValue(
                up_to=_number(row["up_to"] or 0, "storage_tiers.up_to"),
                unit_price=_number(row["unit_price"], "storage_tiers.unit_price"),
                flat_price=_number(row.get("flat_price") or 0, "storage_tiers.flat_price"),
            )
            for row in rows
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise RowError("A tier of storage_tiers lacks up_to or unit_price.") from error


def _number(value: Any, name: str) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation as error:
        raise RowError(f"{name} is no number: “{value}”.") from error
    if not number.is_finite() or number < 0:
        raise RowError(f"{name} cannot be {value}.")
    return number


def _whole(value: Any, name: str) -> int:
    number = _number(value, name)
    if number != number.to_integral_value():
        raise RowError(f"{name} is not a whole number: {value}.")
    return int(number)


def _instant(value: Any, name: str) -> datetime:
    if not isinstance(value, datetime):
        raise RowError(f"{name} is missing.")
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _clean(value: Any) -> str | None:
    """Text without control characters, which no workbook or PDF can hold."""
    return (_CONTROL.sub(" ", str(value)).strip() or None) if value is not None else None


def _text(row: Mapping[str, Any], name: str) -> str:
    if not (text := _clean(row[name])):
        raise RowError(f"{name} is empty.")
    return text
