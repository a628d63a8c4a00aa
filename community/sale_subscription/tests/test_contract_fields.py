from odoo.tests import TransactionCase, tagged

ORDER = {
    "is_subscription": "boolean",
    "plan_id": "many2one",
    "subscription_state": "selection",
    "start_date": "date",
    "end_date": "date",
    "next_invoice_date": "date",
    "recurring_monthly": "monetary",
    "close_reason_id": "many2one",
    "subscription_id": "many2one",
    "subscription_child_ids": "one2many",
    "origin_order_id": "many2one",
    "first_contract_date": "date",
    "payment_token_id": "many2one",
    "payment_exception": "boolean",
}
PLAN = {
    "name": "char",
    "active": "boolean",
    "company_id": "many2one",
    "billing_period_value": "integer",
    "billing_period_unit": "selection",
    "billing_period_display": "char",
    "billing_first_day": "boolean",
    "bill_end_period": "boolean",
    "invoice_mail_template_id": "many2one",
}
OTHERS = {
    "sale.order.line": {"recurring_invoice": "boolean", "parent_line_id": "many2one"},
    "product.template": {
        "recurring_invoice": "boolean",
        "allow_one_time_sale": "boolean",
        "subscription_rule_ids": "one2many",
    },
    "product.pricelist.item": {"plan_id": "many2one"},
    "sale.order.template": {"plan_id": "many2one"},
    "sale.order.log": {
        "order_id": "many2one",
        "origin_order_id": "many2one",
        "event_type": "selection",
        "event_date": "date",
        "amount_signed": "monetary",
        "recurring_monthly": "monetary",
        "subscription_state": "selection",
    },
    "sale.order.close.reason": {"name": "char", "sequence": "integer"},
    "account.move.line": {
        "subscription_id": "many2one",
        "deferred_start_date": "date",
        "deferred_end_date": "date",
    },
}


@tagged("post_install", "-at_install")
class TestContractFields(TransactionCase):
    def test_every_public_field_exists_with_its_type(self):
        models = {"sale.order": ORDER, "sale.subscription.plan": PLAN, **OTHERS}
        for model, expected in models.items():
            for name, kind in expected.items():
                with self.subTest(model=model, field=name):
                    self.assertEqual(self.env[model]._fields[name].type, kind)

    def test_the_fields_that_reports_and_crons_search_are_stored(self):
        stored = ("is_subscription", "subscription_state", "next_invoice_date", "recurring_monthly")
        for name in stored:
            self.assertTrue(self.env["sale.order"]._fields[name].store, name)

    def test_the_states_of_a_subscription_have_their_public_values(self):
        states = [
            value
            for value, _label in self.env["sale.order"]
            ._fields["subscription_state"]
            ._description_selection(self.env)
        ]
        self.assertEqual(
            states,
            [
                "1_draft",
                "2_renewal",
                "3_progress",
                "4_paused",
                "5_renewed",
                "6_churn",
                "7_upsell",
            ],
        )

    def test_a_plan_is_a_month_or_a_year_out_of_the_box(self):
        month = self.env.ref("sale_subscription.subscription_plan_month")
        year = self.env.ref("sale_subscription.subscription_plan_year")
        self.assertEqual((month.billing_period.months, month.billing_period.years), (1, 0))
        self.assertEqual((year.billing_period.months, year.billing_period.years), (0, 1))

    def test_a_plan_needs_only_a_unit(self):
        plan = self.env["sale.subscription.plan"].create(
            {"name": "Weekly", "billing_period_unit": "week"}
        )
        self.assertEqual(plan.billing_period_value, 1)
        self.assertEqual(plan.billing_period.days, 7)

    def test_the_cycle_reads_as_words(self):
        plan = self.env["sale.subscription.plan"].create({"name": "Plan"})
        self.assertEqual(plan.billing_period_display, "1 month")
        plan.write({"billing_period_value": 2, "billing_period_unit": "week"})
        self.assertEqual(plan.billing_period_display, "2 weeks")

    def test_the_reason_for_the_end_of_a_contract_is_there(self):
        reason = self.env.ref("sale_subscription.close_reason_end_of_contract")
        self.assertEqual(reason._name, "sale.order.close.reason")
