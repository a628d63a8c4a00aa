"""A person changes the catalogue on a screen: the app hears of it, once for each save."""

import json

from odoo import Command
from odoo.tests import new_test_user, tagged

from .api_common import ApiCase
from .test_api_catalogue_plans import TEAM


@tagged("post_install", "-at_install", "fc_notices")
class TestToldByPerson(ApiCase):
    def setUp(self) -> None:
        super().setUp()
        self.person = new_test_user(
            self.env,
            "fb-seller",
            groups="fusion_centralize_billing.group_fusion_billing_manager,"
            "sales_team.group_sale_manager,product.group_product_manager,base.group_user",
        )
        self.mine = self.env["sale.subscription.plan"].search(
            [("x_fc_service_id", "=", self.service.id), ("x_fc_code", "=", "pro")]
        )
        self.charge = self.env["fusion.billing.charge"].search(
            [("service_id", "=", self.service.id), ("code", "=", "bandwidth-over")]
        )

    def save(self, record, vals: dict) -> None:
        """As the form does."""
        record.with_user(self.person).web_save(vals, {"display_name": {}})

    def told(self) -> list[tuple[str, dict]]:
        """What the app was told of its catalogue, oldest first."""
        webhooks = self.env["fusion.billing.webhook"].search(
            [
                ("service_id", "=", self.service.id),
                "|",
                ("webhook_type", "=like", "plan.%"),
                ("webhook_type", "=like", "billable_metric.%"),
            ],
            order="id",
        )
        bodies = ((own.webhook_type, json.loads(own.payload)) for own in webhooks)
        return [(kind, body[body["object_type"]]) for kind, body in bodies]

    def test_a_plan_with_its_fee_is_one_change(self) -> None:
        price = self.mine.x_fc_price_ids[0]
        fee = [Command.update(price.id, {"fixed_price": 31.5})]
        self.save(self.mine, {"name": "Pro 2", "x_fc_description": "New", "x_fc_price_ids": fee})
        ((kind, plan),) = self.told()
        self.assertEqual(
            (kind, plan["name"], plan["amount_cents"]), ("plan.updated", "Pro 2", 3150)
        )
        shown = self.call("GET", "/plans/pro")[1]["plan"]
        self.assertEqual(plan, shown)

    def test_what_the_app_does_not_see_is_no_change(self) -> None:
        self.save(self.mine, {"name": self.mine.name})
        self.save(self.mine, {"auto_close_limit": 99})
        self.save(self.bandwidth, {"unit": "gigabyte"})
        self.assertEqual(self.told(), [])

    def test_plans_are_made_archived_and_deleted(self) -> None:
        vals = {"name": "Own", "x_fc_service_id": self.service.id, "x_fc_code": "own"}
        made = self.mine.browse().with_user(self.person).create(
            vals | {"billing_period_value": 1, "billing_period_unit": "month"}
        )  # fmt: skip
        made.action_archive()
        made.action_unarchive()
        made.unlink()
        self.assertEqual(
            [(kind, plan["code"]) for kind, plan in self.told()],
            [(f"plan.{verb}", "own") for verb in ("created", "deleted", "created", "deleted")],
        )

    def test_a_charge_its_tiers_and_filters_are_their_plans(self) -> None:
        tiers = [Command.create({"up_to": 0, "unit_price": 0.5, "sequence": 10})]
        filters = [Command.create({"values_text": "region = eu", "tier_ids": tiers})]
        changed = {"model": "graduated", "tier_ids": tiers, "filter_ids": filters}
        self.save(self.charge, changed)
        self.save(self.charge.tier_ids, {"unit_price": 0.6})
        self.save(self.charge.filter_ids, {"name": "Europe"})
        self.charge.filter_ids.with_user(self.person).unlink()
        seen = [
            next(own for own in plan["charges"] if own["code"] == "bandwidth-over")
            for kind, plan in self.told()
            if (kind, plan["code"]) == ("plan.updated", "pro")
        ]
        self.assertEqual(len(seen), len(self.told()))
        prices = [own["properties"]["graduated_ranges"][0]["per_unit_amount"] for own in seen]
        self.assertEqual(prices, ["0.5", "0.6", "0.6", "0.6"])
        names = [[own["invoice_display_name"] for own in charge["filters"]] for charge in seen]
        self.assertEqual(names, [[None], [None], ["Europe"], []])

    def test_a_charge_is_added_and_archived(self) -> None:
        self.charge.with_user(self.person).copy({"code": "second"})
        self.charge.with_user(self.person).action_archive()
        told = [sorted(own["code"] for own in plan["charges"]) for _kind, plan in self.told()]
        self.assertEqual([len(codes) for codes in told][-1] + 1, len(told[0]))
        self.assertIn("second", told[0])
        self.assertNotIn("bandwidth-over", told[-1])

    def test_metrics_are_told_too(self) -> None:
        self.save(self.bandwidth, {"name": "Traffic"})
        vals = {"name": "Seats", "code": "seats", "aggregation": "count"}
        metric = self.bandwidth.browse().with_user(self.person).create(
            vals | {"service_id": self.service.id}
        )  # fmt: skip
        metric.unlink()
        self.assertEqual(
            [(kind, own["code"]) for kind, own in self.told()],
            [
                ("billable_metric.updated", self.bandwidth.code),
                ("billable_metric.created", "seats"),
                ("billable_metric.deleted", "seats"),
            ],
        )

    def test_the_apps_own_changes_are_told_once(self) -> None:
        self.call("POST", "/plans", {"plan": TEAM})
        self.call("PUT", "/plans/team", {"plan": {"amount_cents": 5999, "name": "Teams"}})
        self.call("DELETE", "/plans/team")
        kinds = [kind for kind, _own in self.told()]
        self.assertEqual(kinds, ["plan.created", "plan.updated", "plan.deleted"])

    def test_one_customers_copy_is_none_of_the_catalogue(self) -> None:
        self.customer()
        self.subscribe(plan_overrides={"amount_cents": 1500})
        copy = self.service.subscription_ids.plan_id
        self.assertEqual(copy.x_fc_parent_id, self.mine)
        self.save(copy, {"name": "Agreed"})
        self.assertEqual(self.told(), [])

    def test_another_services_app_hears_nothing(self) -> None:
        other, _key = self.make_service("other")
        self.save(self.mine, {"name": "Pro 2"})
        heard = self.env["fusion.billing.webhook"].search_count([("service_id", "=", other.id)])
        self.assertEqual((heard, len(self.told())), (0, 1))
