"""The app's own billing: the committed files, and customers worked out by hand in the README."""

from __future__ import annotations

import dataclasses
import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from pilot.nexacloud import billing, dataset, rating
from pilot.nexacloud.periods import local_day
from pilot.nexacloud.records import Dataset
from pilot.nexacloud.taxes import RATES

UNTIL = date(2026, 4, 1)


@pytest.fixture(scope="module")
def seed() -> Dataset:
    return dataset.build()


@pytest.fixture(scope="module")
def invoices(seed: Dataset) -> list[dict[str, Any]]:
    return [invoice.as_json() for invoice in billing.everything(seed, UNTIL)[0]]


def of(invoices: list[dict[str, Any]], subscription: str) -> list[dict[str, Any]]:
    """Return the invoices of the subscription whose id starts like this."""
    return [row for row in invoices if row["external_subscription_id"].startswith(subscription)]


def lines(invoice: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {line["kind"]: (line["quantity"], line["amount"]) for line in invoice["lines"]}


def test_the_committed_files_are_what_billing_gives_today(seed: Dataset) -> None:
    billed, held = billing.documents(seed, UNTIL)
    assert billing.INVOICES_FILE.read_text(encoding="utf-8") == billed
    assert billing.HELD_FILE.read_text(encoding="utf-8") == held


def test_the_order_of_the_rows_does_not_matter(seed: Dataset) -> None:
    reversed_rows = Dataset(
        *(list(reversed(getattr(seed, each.name))) for each in dataclasses.fields(Dataset))
    )
    assert billing.documents(reversed_rows, UNTIL) == billing.documents(seed, UNTIL)


def test_every_invoice_adds_up(invoices: list[dict[str, Any]]) -> None:
    for invoice in invoices:
        untaxed = sum(Decimal(line["amount"]) for line in invoice["lines"])
        tax = sum(Decimal(amount) for amount in invoice["taxes"].values())
        assert (str(untaxed), str(tax)) == (invoice["untaxed"], invoice["tax"])
        assert Decimal(invoice["total"]) == untaxed + tax
        assert invoice["lines"][0]["kind"] == "base"
        assert all(Decimal(line["amount"]) for line in invoice["lines"][1:])


def test_nexacloud_bills_in_every_province_and_in_both_currencies(
    invoices: list[dict[str, Any]],
) -> None:
    own = [row for row in invoices if row["service"] == "nexacloud"]
    assert {row["province"] for row in own} == set(RATES)
    assert {row["currency"] for row in own} == {"CAD", "USD"}


def test_an_ontario_business_with_overage_is_billed_as_by_hand(
    invoices: list[dict[str, Any]],
) -> None:
    (invoice,) = of(invoices, "31c96df1")
    assert lines(invoice) == {
        "base": ("1", "99.00"),
        "bandwidth_gb": ("1127.099222", "6.35"),
        "storage_gb": ("163.359046", "4.44"),
    }
    assert (invoice["untaxed"], invoice["taxes"]) == ("109.79", {"HST": "14.27"})
    assert invoice["total"] == "124.06"


def test_a_quebec_developer_pays_gst_and_qst_each_rounded(invoices: list[dict[str, Any]]) -> None:
    (invoice,) = of(invoices, "cf8d25e1")
    assert lines(invoice) == {
        "base": ("1", "29.00"),
        "bandwidth_gb": ("600.882129", "28.07"),
        "build_minutes": ("1652.157055", "5.22"),
        "storage_gb": ("81.084422", "2.49"),
    }
    assert (invoice["untaxed"], invoice["taxes"]) == ("64.78", {"GST": "3.24", "QST": "6.46"})
    assert invoice["total"] == "74.48"


def test_a_british_columbian_is_billed_on_her_own_day_for_her_own_month(
    invoices: list[dict[str, Any]],
) -> None:
    (invoice,) = of(invoices, "3db60726")
    assert invoice["invoice_date"] == "2026-03-20"
    periods = [(line["period_start"], line["period_end"]) for line in invoice["lines"]]
    assert periods == [("2026-03-20", "2026-04-20"), ("2026-02-20", "2026-03-20")]
    assert lines(invoice)["storage_gb"] == ("267.267342", "17.38")
    assert invoice["taxes"] == {"GST": "2.32", "PST": "3.25"}
    assert invoice["total"] == "51.95"


def test_newfoundlands_last_half_hour_of_march_is_march(
    seed: Dataset, invoices: list[dict[str, Any]]
) -> None:
    (invoice,) = of(invoices, "8e33fa8e")
    assert lines(invoice)["bandwidth_gb"] == ("1313.643854", "15.68")
    assert invoice["total"] == "131.88"
    edge = {
        f"{row.hour:%H}": str(row.quantity)
        for row in seed.counters
        if str(row.subscription_id).startswith("8e33fa8e")
        and row.metric == "bandwidth_gb"
        and f"{row.hour:%m-%d}" == "04-01"
    }
    # 01 and 02 UTC begin at 22:30 and 23:30 on 31 March there; 03 UTC at 00:30 on 1 April.
    assert edge == {"01": "3.003736", "02": "27.200576", "03": "73.000125"}


def test_days_counted_in_utc_would_bill_many_customers_wrongly(seed: Dataset) -> None:
    utc = dataclasses.replace(
        seed, users=[dataclasses.replace(user, timezone="UTC") for user in seed.users]
    )
    assert _different(seed, utc) > 30


def test_an_end_that_belonged_to_the_period_would_bill_many_customers_wrongly(
    seed: Dataset,
) -> None:
    zones = {user.id: user.zone for user in seed.users}
    owners = {each.id: zones[each.user_id] for each in seed.subscriptions}
    early = [
        dataclasses.replace(row, hour=row.hour - timedelta(days=1))
        if local_day(row.hour, owners[row.subscription_id]) == UNTIL
        else row
        for row in seed.counters
    ]
    assert _different(seed, dataclasses.replace(seed, counters=early)) > 30


def _different(right: Dataset, wrong: Dataset) -> int:
    pairs = zip(rating.bill(right, UNTIL)[0], rating.bill(wrong, UNTIL)[0], strict=True)
    return sum(one.total != other.total for one, other in pairs)


def test_who_has_no_province_is_held_and_not_billed(seed: Dataset) -> None:
    billed, held = rating.bill(seed, UNTIL)
    nobody = next(str(user.id) for user in seed.users if user.province is None)
    assert [(each.external_customer_id, each.reason) for each in held] == [
        (nobody, rating.NO_PROVINCE)
    ]
    assert nobody not in {invoice.external_customer_id for invoice in billed}


def test_cancelled_subscriptions_and_years_far_away_are_not_billed(seed: Dataset) -> None:
    billed = {invoice.external_subscription_id for invoice in rating.bill(seed, UNTIL)[0]}
    for each in seed.subscriptions:
        if each.status == "cancelled" or each.current_period_end > UNTIL:
            assert str(each.id) not in billed


def test_past_due_and_trials_that_end_are_billed(seed: Dataset) -> None:
    billed = {invoice.external_subscription_id for invoice in rating.bill(seed, UNTIL)[0]}
    due = {str(each.id) for each in seed.subscriptions if each.status in ("past_due", "trialing")}
    assert due <= billed


def test_a_period_left_open_by_the_nightly_job_is_billed_and_then_the_next(
    seed: Dataset, invoices: list[dict[str, Any]]
) -> None:
    late = [each for each in seed.subscriptions if each.current_period_end == date(2026, 3, 1)]
    assert len([each for each in late if each.status == "active"]) == 2
    for each in late:
        if each.status == "active":
            dates = [row["invoice_date"] for row in of(invoices, str(each.id))]
            assert dates == ["2026-03-01", "2026-04-01"]


def test_the_agency_plan_is_billed_for_the_month_that_is_over(
    invoices: list[dict[str, Any]],
) -> None:
    arrears = [row for row in invoices if row["plan_code"] == "agency"]
    assert arrears
    for row in arrears:
        assert row["lines"][0]["period_end"] == row["invoice_date"]


def test_the_free_plan_gets_an_invoice_of_zero(invoices: list[dict[str, Any]]) -> None:
    free = [row for row in invoices if row["plan_code"] == "free"]
    assert free
    assert {row["total"] for row in free} == {"0.00"}
    assert all(len(row["lines"]) == 1 for row in free)


def test_json_numbers_are_text(invoices: list[dict[str, Any]]) -> None:
    assert not any(character in json.dumps(invoices) for character in ("E+", "E-"))
    assert all(isinstance(line["quantity"], str) for row in invoices for line in row["lines"])
