"""The engine is pure: no Odoo, no I/O, no clock, no float."""

import pytest

from . import rules_engine, sources

RULES = {
    "import": (rules_engine.impure_import, "import requests\nfrom odoo import fields\n", 2),
    "relative": (rules_engine.impure_import, "from odoo.addons.sale import models\n", 1),
    "clock": (
        rules_engine.clock_or_side_effect,
        "def f():\n    return date.today(), datetime.now(UTC), uuid4(), open('x')\n",
        4,
    ),
    "float": (rules_engine.float_number, "rate = 0.05\nprice = float('1')\n", 2),
}


def engine() -> list[sources.Source]:
    return [source for source in sources.python() if source.is_engine]


@pytest.mark.parametrize("name", RULES)
def test_the_engine_keeps_the_rule(name):
    assert engine(), "the engine was not found"
    sources.assert_holds(RULES[name][0], engine())


@pytest.mark.parametrize("name", RULES)
def test_a_planted_violation_is_seen(name):
    rule, code, count = RULES[name]

    findings = list(rule(sources.planted(code, f"{sources.ADDON}/engine/planted.py")))

    assert len(findings) == count


def test_pure_code_is_left_alone():
    code = "from decimal import Decimal\nfrom .money import D\nx = D('0.05') * 2\n"
    source = sources.planted(code, f"{sources.ADDON}/engine/planted.py")

    for rule, _, _ in RULES.values():
        assert list(rule(source)) == []
