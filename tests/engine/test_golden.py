"""Published examples of other billing systems, see tests/golden/README.md."""

import json
from datetime import UTC, date, datetime

import pytest
from engine import (
    PRICERS,
    Charge,
    D,
    Metric,
    Period,
    Rollup,
    agrees,
    base_fee,
    describe,
    explain,
    prorate,
    rate,
    rate_charge,
    round_money,
)
from engine.signature import sign_standard

MARCH = Period(date(2026, 3, 1), date(2026, 4, 1))


def periods(case, *keys):
    return tuple(Period(*map(date.fromisoformat, case[key])) for key in keys)


@pytest.mark.parametrize("model", ["graduated", "package", "volume"])
def test_vectors_of_other_engines_give_the_same_amount(golden, model):
    for case in golden(model):
        charge = Charge.build(model, "c", "m", case["properties"])
        line = rate(charge, D(case["units"]), MARCH)
        assert line.amount_unrounded == D(case["expected"]), case["id"]
        assert agrees(json.loads(json.dumps(line.derivation))), case["id"]


def test_each_file_names_the_model_it_is_for(golden_file):
    for model in ("graduated", "package", "volume"):
        assert golden_file(model)["model"] == model
        assert model in PRICERS


def test_lines_that_were_stored_before_still_agree_and_read_the_same(golden):
    for case in golden("stored_lines"):
        derivation = case["derivation"]
        assert agrees(derivation)
        assert describe(derivation) == case["described"]
        assert explain(derivation, "fr_CA") == case["explained_fr"]
        assert Charge.from_json(derivation["charge"]).to_json() == derivation["charge"]


def test_weighted_vectors_give_the_same_cents(golden):
    charge = Charge.build("standard", "c", "m", {"unit_price": 1})
    for case in golden("weighted"):
        metric = Metric("m", "weighted", recurring=case["recurring"])
        rows = []
        for instant, change in case["changes"]:
            at = datetime.fromisoformat(instant)
            rows.append(Rollup.of(at.date(), D(change), at))
        [period] = periods(case, "period")
        [line] = rate_charge(charge, metric, rows, period, zone=UTC)
        assert str(line.amount) == case["expected"], case["id"]


def test_proration_vectors_give_the_same_cents(golden):
    for case in golden("proration"):
        part, full = periods(case, "part", "full")
        amount = round_money(prorate(D(case["amount"]), part, full))
        assert str(amount) == case["expected"], case["id"]
        assert base_fee(D(case["amount"]), full, part).amount == amount, case["id"]


def test_tax_authority_examples_round_half_a_cent_up(golden):
    for case in golden("rounding"):
        tax = D(case["base"]) * D(case["rate_pct"]) / 100
        assert str(round_money(tax)) == case["expected"], case["id"]


def test_standard_webhooks_vector_gives_the_published_signature(golden):
    for case in golden("signature"):
        signature = sign_standard(
            case["secret"], case["message_id"], int(case["timestamp"]), case["body"].encode()
        )
        assert signature == case["expected"], case["id"]
