"""What every model and every kind of line says, on the invoice and when asked, in two languages."""

from datetime import date

import pytest
from engine import (
    Billed,
    Charge,
    D,
    Metric,
    Period,
    Usage,
    base_fee,
    credit,
    describe,
    explain,
    rate,
    rate_charge,
)
from engine.explain import _TELLERS
from engine.phrases import PHRASES
from engine.pricing import PRICERS

from tests.engine.strategies import MARCH
from tests.engine.test_time import of_day

PERIODS = "(1 Mar 2026 to 31 Mar 2026)", "(du 1er mars 2026 au 31 mars 2026)"
TIERS = [{"up_to": 10, "unit_price": 10, "flat_price": 2}, {"unit_price": 5, "flat_price": 3}]


def line(model, properties, usage, **words):
    charge = Charge.build(model, "c", "m", properties, name=words.pop("name", "Thing"), **words)
    return rate(charge, usage, MARCH).derivation


PACKAGE = line("package", {"amount": 100, "package_size": 10, "free_units": 100}, D(121), unit="GB")
ONE_PACKAGE = line("package", {"amount": "2.95", "package_size": 100}, D(85))
CARD = line(
    "percentage",
    {
        "rate": "2.9",
        "fixed_amount": "0.30",
        "free_units_per_events": 1,
        "per_transaction_min_amount": 1,
        "per_transaction_max_amount": 5,
    },
    Usage.of(D(411), count=4, transactions=((D(100), 1), (D(10), 1), (D(300), 1), (D(1), 1))),
)
FEES = line(
    "graduated_percentage",
    {"tiers": [{"up_to": 1000, "rate": 3}, {"rate": "2.5", "flat_price": 5}]},
    D(1500),
)
VOLUME = line("volume", {"tiers": TIERS}, D(21), unit="GB")
DYNAMIC = line("dynamic", {}, Usage.of(D(3), precise_amount=D("1.734")), unit="h")
TEAM = {"unit": "seats", "prorated": True}
SEATS = Usage.of(D(15), prorated=D("12.58065"), full_days=31, levels=((D(10), 15), (D(15), 16)))
FLAT_SEATS = line("standard", {"unit_price": 10}, SEATS, **TEAM)
TIERED_SEATS = line("graduated", {"tiers": TIERS}, SEATS, **TEAM)


def spaced(text: str) -> str:
    return text.replace("\u00a0", "_")


@pytest.mark.parametrize(
    ("derivation", "english", "french"),
    [
        (
            PACKAGE,
            "121 GB used, 100 included, 3 packages of 10 × $100.00",
            "consommation de 121_GB, quantité incluse 100, 3 lots de 10 × 100,00_$",
        ),
        (
            ONE_PACKAGE,
            "85 used, 1 package of 100 × $2.95",
            "consommation de 85, 1 lot de 100 × 2,95_$",
        ),
        (
            CARD,
            "411 used, 100 free, 2.9_% of 311, 3 events × $0.30, 2 events, at least $1.00 each, "
            "1 event, at most $5.00 each",
            "consommation de 411, 100 gratuits, 2,9_% de 311, 3 événements × 0,30_$, "
            "2 événements, au moins 1,00_$ chacun, 1 événement, au plus 5,00_$ chacun",
        ),
        (
            FEES,
            "1,500 used, 3_% of 1,000, 2.5_% of 500 + $5.00",
            "consommation de 1_500, 3_% de 1_000, 2,5_% de 500 + 5,00_$",
        ),
        (
            VOLUME,
            "21 GB used, 21 × $5.00 + $3.00",
            "consommation de 21_GB, 21 × 5,00_$ + 3,00_$",
        ),
        (
            DYNAMIC,
            "3 h, as priced by the service",
            "3_h, au prix établi par le service",
        ),
        (
            FLAT_SEATS,
            "15 seats used, 12.58065 weighted by time, 12.58065 × $10.00",
            "consommation de 15_seats, soit 12,58065 pondérée par le temps, 12,58065 × 10,00_$",
        ),
        (
            TIERED_SEATS,
            "15 seats used, 12.58065 weighted by time, "
            "10 × $10.00 + $2.00, 2.58065 × $5.00 + $3.00",
            "consommation de 15_seats, soit 12,58065 pondérée par le temps, "
            "10 × 10,00_$ + 2,00_$, 2,58065 × 5,00_$ + 3,00_$",
        ),
    ],
)
def test_every_model_reads_on_an_invoice(derivation, english, french):
    assert spaced(describe(derivation)) == f"Thing: {english} {PERIODS[0]}"
    assert spaced(describe(derivation, "fr_CA")) == f"Thing_: {french} {PERIODS[1]}"


@pytest.mark.parametrize(
    ("derivation", "steps"),
    [
        (
            PACKAGE,
            [
                "Included in the plan: 100 × $0.00 = $0.00",
                "Packages of 10 GB, started ones whole: 3 × $100.00 = $300.00",
            ],
        ),
        (
            CARD,
            [
                "100 free: $0.00",
                "Percentage: 2.9_% of 311 = $9.019",
                "Fixed price per event: 3 events × $0.30 = $0.90",
                "Brought up to the minimum: 2 events, at least $1.00 each = $1.081",
                "Brought down to the maximum: 1 event, at most $5.00 each = −$4.00",
            ],
        ),
        (
            FEES,
            [
                "Tier 1, above 0 up to 1,000: 3_% of 1,000 = $30.00",
                "Tier 2, above 1,000: 2.5_% of 500 + $5.00 = $17.50",
            ],
        ),
        (VOLUME, ["Tier 2, above 10: 21 × $5.00 + $3.00 = $108.00"]),
        (DYNAMIC, ["3 h, as priced by the service: $1.734"]),
        (
            TIERED_SEATS,
            [
                "15 days: 10 seats",
                "16 days: 15 seats",
                "Weighted by time over 31 days: 12.58065 seats",
                "Tier 1, above 0 up to 10: 10 × $10.00 + $2.00 = $102.00",
                "Tier 2, above 10: 2.58065 × $5.00 + $3.00 = $15.90325",
            ],
        ),
    ],
)
def test_every_step_is_told(derivation, steps):
    told = [spaced(text) for text in explain(derivation)]
    assert told[0] == f"Thing {PERIODS[0]}"
    assert told[2:-2] == steps
    assert len(explain(derivation, "fr_CA")) == len(told)


def test_a_single_day_is_told_in_the_singular():
    one = Usage.of(D(5), prorated=D("0.16130"), full_days=31, levels=((D(0), 30), (D(5), 1)))
    told = explain(line("standard", {"unit_price": 10}, one, **TEAM))
    assert told[2:4] == ["30 days: 0 seats", "1 day: 5 seats"]


def test_minimum_and_cap_read_on_an_invoice():
    charge = Charge.build(
        "standard", "c", "m", {"unit_price": 1}, name="Disk", min_amount=31, cap_amount=62
    )
    part = Period(date(2026, 3, 22), MARCH.end)
    lines = rate_charge(charge, Metric("m"), [of_day(25, 50)], MARCH, active=part)
    minimum, cap = [own.derivation for own in lines[1:]]
    days = "(22 Mar 2026 to 31 Mar 2026)"
    assert describe(minimum) == f"Disk: minimum amount of $31.00, 10 of 31 days {days}"
    assert spaced(describe(cap, "fr_CA")) == (
        "Disk_: montant maximal de 62,00_$, 10 jours sur 31 (du 22 mars 2026 au 31 mars 2026)"
    )
    assert explain(cap) == [
        f"Disk {days}",
        "Maximum amount for the full period: $62.00",
        "Share for 10 of 31 days: $20.00",
        "Billed for usage: $50.00",
        "Above the maximum, given back: −$30.00",
    ]


def test_base_fees_and_credits_are_named_on_their_line_too():
    fee = base_fee(D(31), MARCH, name="Plan Pro")
    given = credit([Billed(fee.amount, MARCH)], date(2026, 3, 22))
    assert describe(fee.derivation) == f"Plan Pro {PERIODS[0]}"
    assert spaced(describe(fee.derivation, "fr_CA")) == f"Plan Pro {PERIODS[1]}"
    assert describe(given.derivation) == "Credit (22 Mar 2026 to 31 Mar 2026)"


def test_every_model_has_words_and_every_sentence_a_translation():
    assert set(_TELLERS) == set(PRICERS)
    assert set(PHRASES["en"]) == set(PHRASES["fr"])
