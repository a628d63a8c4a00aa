"""Lago's rows → our values. Pure: a row in, a value out, or a sentence saying why not."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from .errors import RowError
from .values import CustomerValue, Skipped, SubscriptionValue

# What the identity of a customer is made of, and what the API echoes.
CUSTOMER = (
    "name", "firstname", "lastname", "email", "legal_name", "legal_number", "phone", "url",
    "address_line1", "address_line2", "city", "state", "zipcode", "country", "currency",
    "tax_identification_number", "customer_type", "net_payment_term",
)  # fmt: skip
CONFIGURATION = ("document_locale", "payment_provider", "provider_customer_id")
MONTHS = {"monthly": 1, "quarterly": 3, "semiannual": 6, "yearly": 12}
# A fee's type in Lago → kind of a line of what the app billed.
KINDS = {"subscription": "base", "charge": "usage", "commitment": "usage"}


def customer(row: Mapping[str, Any]) -> CustomerValue:
    """A customer in Lago's own keys; what is blank is left out, so that it clears nothing."""
    values = {key: row[key] for key in CUSTOMER if row.get(key) not in (None, "")}
    if zone := row.get("timezone") or row.get("applicable_timezone"):
        values["timezone"] = zone
    own = row.get("billing_configuration") or {}
    if configuration := {key: own[key] for key in CONFIGURATION if own.get(key)}:
        values["billing_configuration"] = configuration
    return CustomerValue(_text(row, "external_id"), values)


def zone_of(row: Mapping[str, Any]) -> str:
    """The IANA zone Lago counts a customer's days in."""
    return row.get("timezone") or row.get("applicable_timezone") or "UTC"


def plan(row: Mapping[str, Any], metrics: Mapping[str, str]) -> dict[str, Any]:
    """A plan in the keys that our own ``POST /plans`` takes.

    :param metrics: code of a metric → the id our API knows it by
    """
    trial = Decimal(str(row.get("trial_period") or 0))
    if trial != trial.to_integral_value():
        raise RowError(f"Its trial of {trial} days is no whole number of days.")
    return {
        **row,
        "trial_period": int(trial),
        "tax_codes": None,  # reported apart: the customer's fiscal position decides
        "usage_thresholds": row.get("usage_thresholds") or None,
        "charges": [_charge(own, metrics) for own in row.get("charges") or []],
    }


def _charge(row: Mapping[str, Any], metrics: Mapping[str, str]) -> dict[str, Any]:
    code = row.get("billable_metric_code")
    if code not in metrics:
        raise RowError(f"The metric {code} of one of its charges was not imported.")
    # The id is Lago's: ours is found by the charge's code.
    return {**row, "id": None, "billable_metric_id": metrics[code], "tax_codes": None}


def subscription(
    row: Mapping[str, Any], plan_row: Mapping[str, Any] | None, zone: str, now: datetime
) -> SubscriptionValue | Skipped:
    """A subscription that runs or waits; one that ended is skipped.

    :param plan_row: its plan as Lago has it
    :param zone: the zone of its customer's days
    :param now: aware; what is before it has begun
    """
    status = row.get("status")
    if status in ("terminated", "canceled"):
        when = _when(row, "terminated_at") or _when(row, "canceled_at")
        on = f" on {when:%Y-%m-%d}" if when else ""
        return Skipped(f"It is {status} in Lago{on}: there is nothing left to bill.")
    if status not in ("active", "pending"):
        raise RowError(f"The status “{status}” is not active, pending, terminated or canceled.")
    if plan_row is None:
        raise RowError(f"Its plan {row.get('plan_code')} was not imported.")
    begins = _when(row, "started_at") or _when(row, "subscription_at")
    if begins is None:
        raise RowError("Lago does not say since when.")
    billing_time = row.get("billing_time") or "calendar"
    due = begins if status == "pending" else _trial_end(row, plan_row, begins, now)
    start, end = (due.date(), due.date()) if due else _period(row, plan_row, zone)
    return SubscriptionValue(
        external_id=_text(row, "external_id"),
        customer_external_id=_text(row, "external_customer_id"),
        plan_source_id=row.get("plan_key") or row.get("plan_code"),
        status=status,
        started_at=begins,
        period_start=start,
        period_end=end,
        trial_ends_at=due,
        billing_time=billing_time,
    )


def _trial_end(
    row: Mapping[str, Any], plan_row: Mapping[str, Any], begins: datetime, now: datetime
) -> datetime | None:
    """When a trial that still runs ends: nothing of the fee was billed until then."""
    days = int(Decimal(str(plan_row.get("trial_period") or 0)))
    end = begins + timedelta(days=days)
    return end if days and not row.get("trial_ended_at") and end > now else None


def _period(row: Mapping[str, Any], plan_row: Mapping[str, Any], zone: str) -> tuple[date, date]:
    """Lago's current period as local days, end excluded.

    The first period of a calendar subscription is a part of one: it counts as the whole one it is
    a part of, for where it ends is what decides when the next fee is due.
    """
    started = _when(row, "current_billing_period_started_at")
    ending = _when(row, "current_billing_period_ending_at")
    if not started or not ending or started >= ending:
        raise RowError("Lago does not say from when until when its current period is.")
    # Lago's ends are the last second of a day.
    start, end = _day(started, zone), _day(ending + timedelta(seconds=1), zone)
    if (row.get("billing_time") or "calendar") == "calendar":
        start = min(start, _whole(end, plan_row.get("interval")))
    return start, end


def _whole(end: date, interval: str | None) -> date:
    """The first day of the whole calendar period that ends (excluded) on a day."""
    if interval == "weekly":
        return end - timedelta(days=7)
    if interval not in MONTHS or end.day != 1:
        raise RowError(f"Its period ends on {end}, which is no calendar boundary of {interval}.")
    months = end.year * 12 + end.month - 1 - MONTHS[interval]
    return date(months // 12, months % 12 + 1, 1)


def invoices(
    row: Mapping[str, Any], zone: str, amount: Callable[[Any, str], str]
) -> list[dict[str, Any]]:
    """What Lago billed, one item a subscription, as ``POST /app_invoices`` takes it.

    The period is the one whose usage is on it; a fee paid in advance beside it is of the next.

    :param amount: minor units and currency → the exact decimal as text
    """
    billed = {own.get("external_subscription_id"): own for own in row.get("billing_periods") or []}
    fees: dict[str, list[Mapping[str, Any]]] = {}
    for fee in row.get("fees") or []:
        if fee.get("external_subscription_id") in billed:
            fees.setdefault(fee["external_subscription_id"], []).append(fee)
    number = _text(row, "lago_id")
    customer_row = row.get("customer") or {}
    items = []
    for external_id, period in billed.items():
        start = _when(period, "charges_from_datetime") or _when(
            period, "subscription_from_datetime"
        )
        end = _when(period, "charges_to_datetime") or _when(period, "subscription_to_datetime")
        if not start or not end or not external_id:
            raise RowError("Lago does not say which period it is for.")
        items.append(
            {
                "external_invoice_id": number if len(billed) == 1 else f"{number}:{external_id}",
                "external_subscription_id": external_id,
                "external_customer_id": customer_row.get("external_id"),
                "period_start": _day(start, zone).isoformat(),
                "period_end": _day(end + timedelta(seconds=1), zone).isoformat(),
                "issued_on": row.get("issuing_date"),
                "currency": row.get("currency"),
                "lines": _lines(fees.get(external_id, []), row.get("currency"), amount),
            }
        )
    return items


def _lines(
    fees: list[Mapping[str, Any]], currency: str, amount: Callable[[Any, str], str]
) -> list[dict[str, Any]]:
    """The fees, then what coupons took off, then one line a tax rate."""
    lines, coupons, taxes = [], Decimal(0), {}
    for fee in fees:
        item = fee.get("item") or {}
        rate = str(fee.get("taxes_rate") or 0)
        lines.append(
            {
                "kind": KINDS.get(item.get("type"), "other"),
                "code": item.get("code") or "",
                "name": item.get("invoice_display_name") or item.get("name") or "",
                "quantity": str(fee.get("units") or "0"),
                "unit_amount": fee.get("precise_unit_amount"),
                "amount": amount(fee.get("amount_cents"), currency),
            }
        )
        coupons += Decimal(str(fee.get("precise_coupons_amount_cents") or 0))
        taxes[rate] = taxes.get(rate, 0) + int(fee.get("taxes_amount_cents") or 0)
    if coupons:
        lines.append({"kind": "discount", "code": "coupon", "amount": amount(-coupons, currency)})
    lines += [
        {"kind": "tax", "code": rate, "rate": rate, "amount": amount(cents, currency)}
        for rate, cents in taxes.items()
        if cents
    ]
    return lines


def _day(instant: datetime, zone: str) -> date:
    try:
        return instant.astimezone(ZoneInfo(zone)).date()
    except (KeyError, ValueError) as error:
        raise RowError(f"There is no time zone {zone}.") from error


def _when(row: Mapping[str, Any], name: str) -> datetime | None:
    if not row.get(name):
        return None
    try:
        instant = datetime.fromisoformat(str(row[name]))
    except ValueError as error:
        raise RowError(f"{name} is no instant: “{row[name]}”.") from error
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _text(row: Mapping[str, Any], name: str) -> str:
    if not (text := str(row.get(name) or "").strip()):
        raise RowError(f"{name} is empty.")
    return text
