"""The addon depends on four modules, and every model of its own is guarded."""

from . import rules_addon, sources

FOLDER = sources.REPO / sources.ADDON
RULE = """<odoo><record id="r" model="ir.rule">
<field name="model_id" ref="model_fusion_billing_metric"/></record></odoo>"""


def models() -> dict[str, str]:
    return rules_addon.stored_models(
        source
        for source in sources.python()
        if source.path.startswith(sources.ADDON) and not source.is_test
    )


def test_the_addon_depends_on_exactly_four_modules():
    manifest = rules_addon.read_manifest(FOLDER / "__manifest__.py")

    assert rules_addon.wrong_depends(manifest) == []


def test_the_models_of_the_mission_are_there():
    wanted = ["service", "account.link", "metric", "charge", "usage", "webhook", "reconciliation"]

    assert {f"fusion.billing.{name}" for name in wanted} <= set(models())


def test_every_model_has_access_rights():
    access = (FOLDER / "security" / "ir.model.access.csv").read_text()

    assert rules_addon.without_access(models(), access) == []


def test_every_stored_model_has_a_record_rule():
    rules = [file.read_text() for file in (FOLDER / "security").glob("*.xml")]

    assert rules_addon.without_rule(models(), rules) == []


def test_a_missing_and_an_extra_dependency_are_seen():
    depends = ["sale_subscription", "sale_management", "payment_stripe", "l10n_ca"]

    assert len(rules_addon.wrong_depends({"depends": depends})) == 2


def test_an_unguarded_model_is_seen():
    code = """
class Metric(models.Model):
    _name = "fusion.billing.metric"

class Wizard(models.TransientModel):
    _name = "fusion.billing.wizard"

class Rate(models.AbstractModel):
    _name = "fusion.billing.rate"
"""
    found = rules_addon.stored_models([sources.planted(code)])

    assert found == {"fusion.billing.metric": "Model", "fusion.billing.wizard": "TransientModel"}
    assert len(rules_addon.without_access(found, "id,model_id:id\na,model_x")) == 2
    assert rules_addon.without_rule(found, ["<odoo/>"]) == [
        "fusion.billing.metric has no record rule"
    ]
    assert rules_addon.without_rule(found, [RULE]) == []
