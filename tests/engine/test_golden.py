"""Published examples of other billing systems, see tests/golden/README.md."""

from datetime import date

from engine import D, Graduated, Period, prorate, round_money
from engine.signature import sign_standard


def test_graduated_vectors_of_other_engines_give_the_same_amount(golden):
    for case in golden("graduated"):
        pricer = Graduated.from_json(case)
        assert pricer.price(D(case["units"])).amount == D(case["expected"]), case["id"]


def test_proration_vectors_give_the_same_cents(golden):
    for case in golden("proration"):
        part, full = (Period(*map(date.fromisoformat, case[key])) for key in ("part", "full"))
        amount = round_money(prorate(D(case["amount"]), part, full))
        assert str(amount) == case["expected"], case["id"]


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
