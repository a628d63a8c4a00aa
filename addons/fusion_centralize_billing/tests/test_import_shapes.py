"""Three NexaClouds of different shape and dirt: rehearsed, imported, imported again."""

from odoo.tests import tagged

from .nexacloud_case import NexacloudCase
from .nexacloud_made import Made, make

SEED = 20261123
USERS = 60
# Entity of the source → object of the report.
OBJECTS = {
    "plans": "plans",
    "users": "customers",
    "subscriptions": "subscriptions",
    "deployments": "deployments",
}
WRITTEN = (
    "res.partner",
    "sale.order",
    "product.product",
    "sale.subscription.plan",
    "fusion.billing.account.link",
    "fusion.billing.charge",
    "fusion.billing.deployment",
)


@tagged("post_install", "-at_install")
class TestImportShapes(NexacloudCase):
    def load(self, shape: str) -> Made:
        made = make(SEED, USERS, shape)
        self.sql("DROP TABLE deployments, subscriptions, plans, users")
        made.load(self.app)
        self.set_parameter("fusion_billing.nexacloud_mapping", made.mapping)
        return made

    def sizes(self) -> dict[str, int]:
        self.env.flush_all()
        everything = {"active_test": False}
        models = {name: self.env[name].with_context(**everything) for name in WRITTEN}
        return {name: model.search_count([]) for name, model in models.items()}

    def check(self, shape: str) -> tuple[Made, dict]:
        """Rehearse, import, import again; nothing is lost and every refusal has its reason."""
        made = self.load(shape)
        self.assertEqual(self.run_import("test")["problems"], [])
        before = self.sizes()

        rehearsal = self.run_import("dry_run")
        self.assertEqual(self.sizes(), before, "a dry run writes nothing")
        first = self.run_import()
        middle = self.sizes()
        second = self.run_import()

        self.assertEqual(first, rehearsal | {"mode": "run", "run_id": first["run_id"]})
        self.assertEqual(self.sizes(), middle)
        for entity, name in OBJECTS.items():
            for report in (first, second):
                self.assertEqual(sum(report[name].values()), len(made.rows[entity]), name)
            self.assertEqual((second[name]["created"], second[name]["updated"]), (0, 0), name)
            self.assertEqual(second[name]["failed"], first[name]["failed"])
        refused = {
            line["external_id"]: line["reason"]
            for line in first["lines"]
            if line["outcome"] in ("failed", "skipped") and line["external_id"]
            if line["object"] in ("plans", "customers", "subscriptions")
        }
        self.assertEqual(refused.keys(), made.refused.keys())
        for external_id, word in made.refused.items():
            self.assertIn(word, refused[external_id])
        return made, first

    def test_a_clean_database_is_taken_whole_and_its_twins_are_left_to_a_person(self):
        made, report = self.check("clean")
        failed = [report[name]["failed"] for name in OBJECTS.values()]
        self.assertEqual(failed, [0, 0, 0, 0])
        links = self.env["fusion.billing.account.link"].search(
            [("service_id", "=", self.service.id)]
        )
        first, twin = (
            links.filtered(lambda link, row=row: link.external_id == row["id"])
            for row in made.rows["users"][:2]
        )
        self.assertEqual(first.partner_id, twin.partner_id)
        self.assertEqual(twin.state, "review")
        missing = [row["id"] for row in made.rows["users"] if not row["province"]]
        held = links.filtered(lambda link: "no province" in (link.review_reason or ""))
        self.assertLessEqual(set(missing), set(held.mapped("external_id")))

    def test_renamed_columns_text_ids_and_other_time_zones_need_a_setting_only(self):
        made, report = self.check("renamed")
        self.assertEqual(report["subscriptions"]["failed"], 0)
        row = next(row for row in made.rows["subscriptions"] if row["status"] == "past_due")
        order = self.env["sale.order"].search(
            [("x_fc_service_id", "=", self.service.id), ("x_fc_external_id", "=", row["id"])]
        )
        self.assertEqual(order.x_fc_import_status, "past_due")
        self.assertEqual(order.x_fc_current_period_end, row["current_period_end"])
        link = order.x_fc_link_id
        self.assertEqual(link.external_id, row["user_id"])
        user = next(user for user in made.rows["users"] if user["id"] == row["user_id"])
        self.assertEqual(link.partner_id.name, user["company_name"] or user["full_name"])

        self.set_parameter("fusion_billing.nexacloud_mapping", "")
        before = self.sizes()
        report = self.run_import()
        self.assertIn("There is no table users", report["problems"][0])
        self.assertEqual(self.sizes(), before, "a source that does not fit is not half taken")

    def test_dirt_is_refused_row_by_row_with_the_field_and_stops_no_other(self):
        made, report = self.check("dirty")
        orphan = [line for line in report["lines"] if line["object"] == "deployments"]
        self.assertIn("of subscriptions that were not imported", orphan[-1]["reason"])
        links = self.env["fusion.billing.account.link"].search(
            [("service_id", "=", self.service.id)]
        )
        names = {link.external_id: link.partner_id for link in links}
        spoilt = made.rows["users"][3]
        if not spoilt["company_name"]:
            self.assertRegex(names[spoilt["id"]].name, r"^Tom\s+Roy$")
        for partner in links.partner_id:
            text = "".join(filter(None, (partner.name, partner.street, partner.email)))
            self.assertTrue(text.isprintable(), repr(text))
