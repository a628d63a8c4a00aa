"""Addon code keeps out of the traps that pylint-odoo does not know."""

import pytest

from . import rules_odoo, sources

PLANTED = {
    "date_frozen_or_naive": [
        "start = fields.Date(default=fields.Date.today())",
        "start = fields.Date(default=date.today())",
        "def f(self):\n    return datetime.now()",
    ],
    "markup_of_an_f_string": ['x = Markup(f"<b>{name}</b>")', 'x = Markup("<b>%s</b>" % name)'],
    "search_for_everything": ["self.env['res.partner'].search([])"],
    "commit_by_hand": ["self.env.cr.commit()", "cr.rollback()"],
    "raw_triplet": ["x = {'line_ids': [(0, 0, {'name': 'x'})]}", "x = [(6, 0, ids)]", "(5, 0, 0)"],
    "swallowed_exception": [
        "try:\n    f()\nexcept Exception:\n    log()",
        "try:\n    f()\nexcept:\n    log()",
        "try:\n    f()\nexcept (ValueError, Exception):\n    log()",
    ],
}
INNOCENT = """
start = fields.Date(default=fields.Date.context_today)
x = Markup("<b>%s</b>") % name
self.env["res.partner"].search([("name", "=", "x")])
self.env["res.partner"].search([], limit=1)
self.env["ir.cron"]._commit_progress(1)
y = (1, 2, 3)
z = [Command.create({"name": "x"})]
try:
    with self.env.cr.savepoint():
        f()
except Exception:
    log()
try:
    f()
except Exception:
    log()
    raise
"""


@pytest.mark.parametrize("rule", rules_odoo.RULES, ids=lambda rule: rule.__name__)
def test_addon_code_keeps_the_rule(rule):
    code = [source for source in sources.python() if source.is_odoo]

    assert len(code) > 20, "the addons were not found"
    sources.assert_holds(rule, code)


@pytest.mark.parametrize("rule", rules_odoo.RULES, ids=lambda rule: rule.__name__)
def test_a_planted_violation_is_seen(rule):
    for code in PLANTED[rule.__name__]:
        assert list(rule(sources.planted(code))), code


@pytest.mark.parametrize("rule", rules_odoo.RULES, ids=lambda rule: rule.__name__)
def test_innocent_code_is_left_alone(rule):
    assert list(rule(sources.planted(INNOCENT))) == []
