"""/subscriptions: what an order looks like after the app has asked for it."""

from datetime import date

from odoo.tests import tagged

from .api_common import ApiCase


@tagged("post_install", "-at_install")
class TestApiSubscriptions(ApiCase):
    def setUp(self) -> None:
        super().setUp()
        self.customer()

    def send(self, **values):
        values = {"external_customer_id": "acme", "external_id": "sub-1"} | values
        return self.call("POST", "/subscriptions", {"subscription": values})

    @property
    def order(self):
        return self.service.subscription_ids

    def test_a_subscription_starts_now_and_is_due_today(self) -> None:
        subscription = self.subscribe(name="Production")
        self.assertEqual(subscription["status"], "active")
        self.assertEqual(subscription["plan"]["code"], "pro")
        self.assertEqual(subscription["plan_amount_cents"], 2000)
        self.assertEqual(subscription["started_at"], "2026-03-10T15:30:00.000Z")
        self.assertEqual(subscription["subscription_at"], "2026-03-10T15:30:00Z")
        # 10 March to 9 April in Toronto, which has moved to daylight time on 8 March.
        self.assertEqual(subscription["current_billing_period_started_at"], "2026-03-10T04:00:00Z")
        self.assertEqual(subscription["current_billing_period_ending_at"], "2026-04-10T03:59:59Z")
        self.assertRecordValues(
            self.order,
            [
                {
                    "state": "sale",
                    "start_date": date(2026, 3, 10),
                    "next_invoice_date": date(2026, 3, 10),
                    "x_fc_tz": "America/Toronto",
                    "x_fc_name": "Production",
                    "amount_untaxed": 20.0,
                    "amount_tax": 2.6,
                }
            ],
        )
        self.assertFalse(self.order.invoice_ids)

    def test_the_same_request_again_answers_with_the_running_one(self) -> None:
        first = self.subscribe()
        self.assertEqual(self.subscribe(name="ignored")["lago_id"], first["lago_id"])
        self.assertEqual(len(self.order), 1)
        types = self.service.webhook_ids.sorted("id").mapped("webhook_type")
        self.assertEqual(types, ["customer.created", "subscription.started"])

    def test_another_plan_under_a_running_id_is_up_at_once_and_down_at_the_end(self) -> None:
        old = self.subscribe()
        self.make_plan(self.service, "max", 50.0)
        up = self.subscribe(plan_code="max")
        self.assertNotEqual(up["lago_id"], old["lago_id"])
        self.assertEqual((up["plan_code"], up["previous_plan_code"]), ("max", "pro"))
        down = self.subscribe(plan_code="pro")
        self.assertEqual((down["lago_id"], down["plan_code"]), (up["lago_id"], "max"))
        self.assertEqual(down["next_plan_code"], "pro")
        self.assertTrue(down["downgrade_plan_date"])
        now = self.subscribe(plan_code="pro", change_at="now")
        self.assertEqual((now["plan_code"], now["next_plan_code"]), ("pro", None))

    def test_a_plan_cannot_change_in_shadow_nor_another_customer_take_the_id(self) -> None:
        self.service.mode = "shadow"
        self.subscribe()
        self.make_plan(self.service, "max", 50.0)
        self.assert_invalid(self.send(plan_code="max"), plan_code=["plan_change_not_supported"])
        self.customer("rival", email=None)
        answer = self.send(plan_code="pro", external_customer_id="rival")
        self.assert_invalid(answer, external_id=["value_already_exist"])

    def test_an_unknown_plan_is_404_and_makes_no_customer(self) -> None:
        answer = self.send(plan_code="nope", external_customer_id="new-one")
        self.assert_not_found(answer, "plan_not_found")
        self.assertEqual(self.service.link_ids.mapped("external_id"), ["acme"])

    def test_an_unknown_customer_is_created_with_nothing_but_its_id(self) -> None:
        subscription = self.subscribe(external_customer_id="new-one")
        self.assertEqual(subscription["external_customer_id"], "new-one")
        self.assertFalse(self.order.partner_id.country_id)

    def test_every_wrong_field_is_named(self) -> None:
        self.assert_invalid(
            self.call(
                "POST",
                "/subscriptions",
                {
                    "subscription": {
                        "external_id": "a#b",
                        "billing_time": "lunar",
                        "subscription_at": "yesterday",
                        "ending_at": 12,
                    }
                },
            ),
            external_customer_id=["value_is_mandatory"],
            plan_code=["value_is_mandatory"],
            external_id=["value_is_invalid"],
            billing_time=["value_is_invalid"],
            subscription_at=["invalid_date"],
            ending_at=["invalid_date"],
        )
        answer = self.send(plan_code="pro", ending_at="2026-03-01")
        self.assert_invalid(answer, ending_at=["invalid_date"])
        self.assertFalse(self.order)

    def test_what_lago_sells_under_a_licence_is_403_not_silence(self) -> None:
        status, body = self.send(plan_code="pro", usage_thresholds=[{"amount_cents": 1}])
        self.assertEqual((status, body["code"]), (403, "feature_unavailable"))
        self.assertEqual(self.send(plan_code="pro", plan_overrides=None)[0], 200)

    def test_a_start_in_the_past_means_the_current_period_is_already_paid(self) -> None:
        subscription = self.subscribe(subscription_at="2026-01-31T12:00:00Z")
        self.assertEqual(subscription["status"], "active")
        self.assertEqual(subscription["started_at"], "2026-01-31T12:00:00.000Z")
        # 31 January, 28 February, 31 March: the period of 10 March ends on 31 March.
        self.assertEqual(self.order.next_invoice_date, date(2026, 3, 31))

    def test_calendar_periods_end_with_the_month(self) -> None:
        subscription = self.subscribe(billing_time=None)
        self.assertEqual(subscription["billing_time"], "calendar")
        self.assertEqual(subscription["current_billing_period_started_at"], "2026-03-10T04:00:00Z")
        self.assertEqual(subscription["current_billing_period_ending_at"], "2026-04-01T03:59:59Z")
        self.assertEqual(self.order.next_invoice_date, date(2026, 3, 10))

    def test_in_arrears_the_first_invoice_is_due_at_the_end_of_the_period(self) -> None:
        self.make_plan(self.service, "later", 30.0, bill_end_period=True)
        self.subscribe(plan_code="later")
        self.assertEqual(self.order.next_invoice_date, date(2026, 4, 10))

    def test_in_shadow_it_is_active_at_the_app_and_a_draft_here(self) -> None:
        self.service.mode = "shadow"
        self.assertEqual(self.subscribe()["status"], "active")
        self.assertEqual(self.order.state, "draft")
        status, body = self.call("DELETE", "/subscriptions/sub-1")
        self.assertEqual((status, body["subscription"]["status"]), (200, "terminated"))
        self.assertFalse(self.order.invoice_ids)

    def test_the_currency_is_the_customers_where_the_plan_has_a_price_in_it(self) -> None:
        dollars = self.env["product.pricelist"].create(
            {"name": "US", "currency_id": self.env.ref("base.USD").id}
        )
        self.make_price(self.plan, 15.0, pricelist=dollars)
        self.customer("yank", currency="USD", email=None)
        self.customer("euro", currency="EUR", email=None)
        american = self.subscribe("us-1", external_customer_id="yank")
        self.assertEqual(american["plan_amount_currency"], "USD")
        self.assertEqual(american["plan_amount_cents"], 1500)
        european = self.subscribe("eu-1", external_customer_id="euro")
        self.assertEqual(european["plan_amount_currency"], "CAD")

    def test_a_plan_without_a_price_is_refused_instead_of_billed_at_zero(self) -> None:
        plan = self.make_plan(self.service, "broken", 1.0)
        self.env["product.pricelist.item"].search([("plan_id", "=", plan.id)]).unlink()
        self.assert_invalid(self.send(plan_code="broken"), plan_code=["plan_has_no_price"])

    def test_usage_that_came_first_is_counted_once_the_subscription_exists(self) -> None:
        event = self.push("t-1", properties={"gb": 5})
        self.assertEqual(
            event["disposition"], {"status": "parked", "reason": "unknown_subscription"}
        )
        self.subscribe(subscription_at="2026-03-01T12:00:00Z")
        self.assertEqual(self.env["fusion.billing.usage.event"].search([]).state, "accepted")
