"""NexaMaps and NexaMembers: usage, shared customers and expected invoices."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal

from pilot.nexacloud import dataset, other_services
from pilot.nexacloud.livecustomers import live_customers
from pilot.nexacloud.periods import local_day

UNTIL = date(2026, 4, 1)


def test_twelve_use_the_maps_and_eight_are_members() -> None:
    services = Counter(contract.service for contract in other_services.subscriptions())
    assert services == {"nexamaps": 12, "nexamembers": 8}


def test_shared_customers_have_the_mailbox_and_province_of_their_nexacloud_user() -> None:
    users = {str(user.id): user for user in dataset.build().users}
    shared = [customer for customer in live_customers() if customer.shared_with]
    assert len(shared) == 9
    for customer in shared:
        user = users[customer.shared_with or ""]
        assert (customer.email, customer.province) == (user.email, user.province)
    # Some buy all three services, so one client ends with three invoices on one day.
    assert sorted(Counter(each.email for each in shared).values()) == [1, 1, 1, 2, 2, 2]


def test_other_customers_are_strangers_to_nexacloud() -> None:
    known = {user.email.lower() for user in dataset.build().users}
    own = [customer.email for customer in live_customers() if not customer.shared_with]
    assert known.isdisjoint(own)
    assert len(own) == len(set(own)) == 11


def test_a_subscription_starts_at_local_midnight() -> None:
    starts = {
        contract.customer.timezone: contract.payload()["subscription_at"]
        for contract in other_services.subscriptions()
    }
    assert starts["America/St_Johns"] == "2026-03-01T03:30:00Z"
    assert starts["America/Toronto"] == "2026-03-01T05:00:00Z"
    assert starts["America/Vancouver"] == "2026-03-01T08:00:00Z"


def test_daily_counters_cover_march_once_and_sum_to_the_total() -> None:
    events = other_services.usage()
    assert len({event.transaction_id for event in events}) == len(events) == 11 * 31
    totals: Counter[str] = Counter()
    for event in events:
        totals[event.external_subscription_id] += int(event.value)
    assert totals["nexamaps-sub-001"] == 3_456_789
    assert totals["nexamaps-sub-010"] == 5_250_000
    assert "nexamaps-sub-007" not in totals


def test_the_last_counter_of_march_is_already_april_in_utc() -> None:
    last = {
        event.external_subscription_id: datetime.fromtimestamp(event.timestamp, UTC)
        for event in other_services.usage()
    }
    zones = {each.external_id: each.customer.timezone for each in other_services.subscriptions()}
    assert {local_day(instant, zones[key]) for key, instant in last.items()} == {date(2026, 3, 31)}
    assert {instant.date() for instant in last.values()} == {UNTIL}


def test_maps_bill_the_base_first_and_the_requests_a_month_later() -> None:
    first, second = (
        invoice
        for invoice in other_services.expected(UNTIL)
        if invoice.external_subscription_id == "nexamaps-sub-001"
    )
    assert [(line.kind, str(line.amount)) for line in first.lines] == [("base", "20.00")]
    # 900,000 × 0.0005 + 25 + 2,456,789 × 0.0003 = 450 + 25 + 737.0367
    assert [(line.kind, str(line.amount)) for line in second.lines] == [
        ("base", "20.00"),
        ("map_requests", "1212.04"),
    ]
    # Ontario: 1232.04 × 13 % = 160.1652
    assert (first.total, second.total) == (Decimal("22.60"), Decimal("1392.21"))


def test_usage_within_the_free_tier_makes_no_line() -> None:
    quiet = {"nexamaps-sub-002", "nexamaps-sub-006", "nexamaps-sub-007", "nexamaps-sub-009"}
    for invoice in other_services.expected(UNTIL):
        if invoice.external_subscription_id in quiet:
            assert [line.kind for line in invoice.lines] == ["base"]


def test_a_yearly_membership_is_billed_once_and_a_monthly_one_twice() -> None:
    members = [each for each in other_services.expected(UNTIL) if each.service == "nexamembers"]
    dates = Counter((each.plan_code, each.invoice_date.isoformat()) for each in members)
    assert dates == {
        ("member-monthly", "2026-03-01"): 6,
        ("member-monthly", "2026-04-01"): 6,
        ("member-yearly", "2026-03-01"): 2,
    }
    yearly = next(each for each in members if each.plan_code == "member-yearly")
    assert yearly.lines[0].period_end == date(2027, 3, 1)


def test_a_bigger_counter_never_costs_less() -> None:
    bills = sorted(
        (sum(line.quantity for line in each.lines[1:]), each.untaxed)
        for each in other_services.expected(UNTIL)
        if each.service == "nexamaps" and each.invoice_date == UNTIL
    )
    assert [untaxed for _, untaxed in bills] == sorted(untaxed for _, untaxed in bills)
