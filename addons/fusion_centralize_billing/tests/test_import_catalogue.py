"""Plans, prices and charges as the import writes them."""

from odoo.tests import tagged

from .nexacloud_case import NexacloudCase


@tagged("post_install", "-at_install")
class TestImportCatalogue(NexacloudCase):
    def plan(self, code: str = "pro"):
        return self.env["sale.subscription.plan"].search(
            [("x_fc_service_id", "=", self.service.id), ("x_fc_code", "=", code)]
        )

    def charges(self, **terms):
        return (
            self.env["fusion.billing.charge"]
            .with_context(active_test=False)
            .search(
                [("service_id", "=", self.service.id), *((k, "=", v) for k, v in terms.items())]
            )
        )

    def price_items(self):
        return self.env["product.pricelist.item"].search([("plan_id", "=", self.plan().id)])

    def test_a_plan_carries_its_interval_product_and_recurring_price(self):
        self.add_plan(1, "pro", interval="year", pay_in_advance=False, price_cents=99_050)

        self.run_import()

        plan, item = self.plan(), self.price_items()
        self.assertRecordValues(
            plan,
            [
                {
                    "name": "Pro",
                    "billing_period_unit": "year",
                    "billing_period_value": 1,
                    "bill_end_period": True,
                }
            ],
        )
        self.assertRecordValues(
            item, [{"fixed_price": 990.5, "product_id": plan.x_fc_product_id.id}]
        )
        self.assertEqual(item.pricelist_id.name, "NexaCloud CAD")
        self.assertEqual(item.pricelist_id.currency_id.name, "CAD")

    def test_products_are_taxed_like_the_companys_other_sales(self):
        self.add_plan(1, "pro")

        self.run_import()

        tax = self.service.company_id.account_sale_tax_id
        products = self.plan().x_fc_product_id | self.service.metric_ids.product_id
        self.assertEqual(len(products), 4)
        for product in products:
            self.assertEqual(product.taxes_id, tax)
        self.assertEqual(self.plan().x_fc_product_id.recurring_invoice, True)
        self.assertNotIn(True, self.service.metric_ids.product_id.mapped("recurring_invoice"))

    def test_charges_have_the_apps_quota_price_and_tiers(self):
        self.add_plan(1, "pro", included_bandwidth_gb="0.5", overage_bandwidth_price="0.123456")

        self.run_import()

        bandwidth, build, storage = self.charges().sorted("sequence")
        self.assertRecordValues(
            bandwidth,
            [
                {
                    "model": "quota",
                    "included_quantity": 0.5,
                    "unit_price": 0.123456,
                    "plan_id": False,
                }
            ],
        )
        self.assertEqual(build.metric_id.code, "build_minutes")
        self.assertEqual(storage.metric_id.aggregation, "max")
        self.assertRecordValues(
            storage.tier_ids,
            [{"up_to": 50.0, "unit_price": 0.0}, {"up_to": 0.0, "unit_price": 0.08}],
        )

    def test_a_french_name_of_a_charge_stays_whoever_imports_again(self):
        self.env["res.lang"]._activate_lang("fr_CA")
        self.add_plan(1, "pro")
        self.run_import()
        charge = self.charges(code="bandwidth")
        charge.with_context(lang="fr_CA").name = "Bande passante"

        for lang in ("fr_CA", "en_CA"):
            report = self.service.with_context(lang=lang).import_nexacloud("run")
            self.assertEqual(report["charges"]["updated"], 0)
        self.sql("UPDATE plans SET overage_bandwidth_price = 0.11")
        self.service.with_context(lang="fr_CA").import_nexacloud("run")

        self.assertEqual(charge.unit_price, 0.11)
        self.assertEqual(charge.with_context(lang="fr_CA").name, "Bande passante")
        self.assertEqual(charge.with_context(lang="en_CA").name, "Bandwidth")

    def test_each_currency_has_a_pricelist_and_an_inactive_one_is_activated(self):
        krone = self.env["res.currency"].with_context(active_test=False).search(
            [("name", "=", "NOK")]
        )  # fmt: skip
        krone.active = False
        self.add_plan(1, "pro")
        self.add_plan(2, "pro-nok", currency="NOK")

        report = self.run_import()

        self.assertIs(krone.active, True)
        self.assertIn("Currency NOK was activated", self.reasons(report, "pro-nok"))
        self.assertEqual(report["severity"], "warning")
        self.assertEqual(self.charges(plan_code="pro-nok").currency_id, krone)

    def test_an_unknown_currency_fails_that_plan_only(self):
        self.add_plan(1, "pro")
        self.add_plan(2, "pro-xxq", currency="XXQ")

        report = self.run_import()

        self.assertEqual((report["plans"]["created"], report["plans"]["failed"]), (1, 1))
        self.assertIn("There is no currency XXQ", self.reasons(report, "pro-xxq"))

    def test_no_overage_price_means_no_charge_and_a_reason(self):
        self.add_plan(1, "pro", overage_bandwidth_price=None)

        report = self.run_import()

        self.assertEqual(self.charges().mapped("code"), ["build", "storage"])
        self.assertIn("never charged", self.reasons(report, "pro/bandwidth"))
        self.assertEqual(report["charges"]["skipped"], 1)

    def test_a_price_that_goes_away_archives_its_charge_and_may_come_back(self):
        self.add_plan(1, "pro")
        self.run_import()
        self.sql("UPDATE plans SET overage_bandwidth_price = NULL")
        self.run_import()
        gone = self.charges(code="bandwidth")
        self.assertIs(gone.active, False)

        self.sql("UPDATE plans SET overage_bandwidth_price = 0.09")
        self.run_import()

        self.assertRecordValues(gone, [{"active": True, "unit_price": 0.09}])

    def test_a_changed_price_is_followed_in_shadow(self):
        self.add_plan(1, "pro")
        self.run_import()
        self.sql("UPDATE plans SET price_cents = 3100, storage_tiers = "
                 """'[{"up_to": null, "unit_price": "0.5"}]'""")  # fmt: skip

        report = self.run_import()

        self.assertEqual(self.price_items().fixed_price, 31.0)
        self.assertEqual(self.charges(code="storage").tier_ids.mapped("unit_price"), [0.5])
        self.assertEqual((report["plans"]["updated"], report["charges"]["updated"]), (1, 1))

    def test_another_currency_of_a_plan_is_followed_by_its_drafts(self):
        self.seed()
        self.run_import()
        self.sql("UPDATE plans SET price_cents = 2000, currency = 'usd'")

        self.run_import()

        order = self.order()
        self.assertEqual((order.currency_id.name, order.order_line.price_unit), ("USD", 20.0))
        self.assertEqual(self.charges(plan_code="pro").currency_id.name, "USD")
        self.assertEqual(self.run_import()["subscriptions"]["unchanged"], 1)

    def test_a_live_service_keeps_its_prices(self):
        self.add_plan(1, "pro")
        self.run_import()
        self.service.go_live()
        self.sql(
            "UPDATE plans SET price_cents = 1, overage_bandwidth_price = 9, name = 'New name',"
            " overage_build_price = NULL"
        )

        report = self.run_import()

        self.assertEqual(self.price_items().fixed_price, 29.0)
        self.assertEqual(self.charges(code="bandwidth").unit_price, 0.08)
        self.assertIs(self.charges(code="build").active, True)
        self.assertEqual(self.plan().name, "Pro")
        self.assertEqual(report["severity"], "warning")
        self.assertIn("The service is live", self.reasons(report, "pro/bandwidth"))
