"""What a suspension means for fees, for the card, for an end and for a renewal."""

from datetime import date, datetime

from odoo.tests import tagged

from .dunning_case import DunningCase

APRIL, MAY = date(2026, 4, 1), date(2026, 5, 1)


@tagged("post_install", "-at_install")
class TestDunningOrder(DunningCase):
    def suspended(self) -> None:
        self.through(3, 2, 4, 6, 11, 12)
        self.assertEqual(self.state, "suspended")

    def bill_on(self, day: date):
        self.service.test_clock = datetime(day.year, day.month, day.day, 17)
        return self.env["fusion.billing.invoice"]._run(self.service, day)

    # ------------------------------------------------------------------ fees
    def test_no_fee_falls_due_during_a_suspension_nor_afterwards(self) -> None:
        self.suspended()
        run = self.bill_on(APRIL)
        self.assertEqual(run.line_ids.mapped("state"), ["skipped"])
        self.assertIn("bills no fee during a suspension", run.line_ids.reason)
        self.on(4, 6, run=False)
        self.pay()
        self.assertEqual(self.order.next_invoice_date, MAY)
        run = self.bill_on(MAY)
        fee = run.line_ids.invoice_id.invoice_line_ids.filtered("deferred_start_date")
        self.assertEqual(fee.mapped("deferred_start_date"), [MAY])
        self.assertEqual(run.line_ids.invoice_id.amount_total, 29.0)

    def test_usage_of_before_the_suspension_is_billed_after_it(self) -> None:
        self.make_usage(self.order, date(2026, 3, 5), 1100)
        self.suspended()
        self.bill_on(APRIL)
        self.on(4, 6, run=False)
        self.pay()
        invoice = self.bill_on(MAY).line_ids.invoice_id
        usage = invoice.invoice_line_ids.filtered("x_fc_line_key")
        self.assertEqual(usage.mapped("price_subtotal"), [5.0])  # 100 × 0.05
        self.assertEqual(usage.x_fc_period_start, date(2026, 3, 1))

    def test_a_suspension_within_a_period_changes_nothing_about_fees(self) -> None:
        self.suspended()
        self.on(3, 20, run=False)
        self.pay()
        self.assertEqual(self.order.next_invoice_date, APRIL)
        self.assertEqual(self.bill_on(APRIL).line_ids.mapped("state"), ["invoiced"])

    def test_a_policy_may_go_on_billing(self) -> None:
        self.policy.bill_while_suspended = True
        self.suspended()
        self.assertEqual(self.bill_on(APRIL).line_ids.mapped("state"), ["invoiced"])
        self.pay()
        self.assertEqual(self.order.next_invoice_date, MAY)

    # ------------------------------------------------------------------ the card
    def card(self):
        provider = self.env["payment.provider"].create({"name": "Test", "code": "none"})
        token = self.env["payment.token"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": self.env.ref("payment.payment_method_card").id,
                "partner_id": self.partner.id,
                "provider_ref": "cus_1",
            }
        )
        self.order.payment_token_id = token
        return token

    def declined(self, token, code: str) -> None:
        self.env["payment.transaction"].create(
            {
                "provider_id": token.provider_id.id,
                "payment_method_id": token.payment_method_id.id,
                "token_id": token.id,
                "amount": 29,
                "currency_id": self.currency.id,
                "partner_id": self.partner.id,
                "operation": "offline",
                "reference": f"try-{code}",
                "charge_invoice_id": self.invoice.id,
                "charge_outcome": "declined",
                "charge_code": "card_declined",
                "charge_decline_code": code,
            }
        )

    def test_a_retry_has_the_card_charged_on_that_day(self) -> None:
        self.declined(self.card(), "insufficient_funds")
        self.invoice.next_charge_date = False
        self.through(3, 2, 4)
        self.assertEqual(self.invoice.next_charge_date, date(2026, 3, 4))
        self.assertEqual(self.story()[-1], (4, "retry", "done"))

    def test_a_card_that_is_refused_for_good_is_not_charged_again(self) -> None:
        for code in ("stolen_card", "expired_card", "authentication_required"):
            self.declined(self.card(), code)
            self.invoice.next_charge_date = False
        self.through(3, 2, 4)
        self.assertFalse(self.invoice.next_charge_date)
        self.assertIn("a new one is needed", self.case.action_ids.sorted("id")[-1].note)
        self.assertNotIn("stolen", str(self.mails().mapped("body_html")))

    def test_a_new_card_is_charged_though_the_old_one_was_stolen(self) -> None:
        self.declined(self.card(), "stolen_card")
        self.on(3, 2)
        self.card()
        self.on(3, 4)
        self.assertEqual(self.story()[-1], (4, "retry", "done"))

    # ------------------------------------------------------------------ ends and renewals
    def test_the_policys_end_bills_the_last_usage_and_keeps_the_debt(self) -> None:
        self.through(3, 2, 4, 6, 11, 12, 31)
        self.make_usage(self.order, date(2026, 3, 10), 1100)
        self.on(4, 10)
        self.assertEqual(self.state, "terminated")
        self.assertEqual(self.order.subscription_state, "6_churn")
        last = self.env["account.move"].search(
            [("invoice_line_ids.subscription_id", "=", self.order.id)], order="id desc", limit=1
        )
        self.assertEqual(last.invoice_line_ids.filtered("x_fc_line_key").price_subtotal, 5.0)
        # April began during the suspension: no day of it is billed.
        lines = self.env["account.move.line"].search([("subscription_id", "=", self.order.id)])
        fees = lines.filtered(lambda line: line.product_id == self.base_product)
        self.assertEqual(sum(fees.mapped("price_subtotal")), 29.0)
        self.assertEqual(self.invoice.amount_residual, 29.0)
        self.assertEqual(self.case.state, "terminated")

    def test_an_end_by_the_app_closes_the_case_without_a_command(self) -> None:
        self.on(3, 2)
        before = self.env["fusion.billing.webhook"].search([]).mapped("webhook_type")
        self.env["fusion.billing.subscribe"]._terminate(self.order, self.service._now())
        self.assertEqual((self.state, self.case.state), ("terminated", "terminated"))
        after = self.env["fusion.billing.webhook"].search([]).mapped("webhook_type")
        self.assertEqual(
            after.count("subscription.service_state_changed"),
            before.count("subscription.service_state_changed"),
        )
        self.assertIn("subscription.terminated", after)

    def test_renewing_resumes_nobody(self) -> None:
        self.suspended()
        self.policy.bill_while_suspended = True
        action = self.order.with_context(billing_date=date(2026, 3, 12)).prepare_renewal_order()
        renewal = self.env["sale.order"].browse(action["res_id"])
        renewal.with_context(billing_date=date(2026, 3, 12)).action_confirm()
        self.assertEqual(renewal.start_date, APRIL)
        self.assertEqual(self.state, "suspended")
        self.bill_on(APRIL)
        self.assertEqual(renewal.x_fc_service_state, "suspended")
        self.assertEqual(renewal.x_fc_suspended_by, "policy")
        self.assertEqual(self.state, "terminated")
        case = self.env["fusion.billing.dunning.case"].search([("order_id", "=", renewal.id)])
        self.assertEqual(case.state, "open")
        self.service.test_clock = datetime(2026, 4, 2, 17)
        self.enforce._run(self.service)
        self.assertEqual(case.balance, 58.0)
        for invoice in self.enforce._overdue(renewal):
            self.pay(invoice=invoice)
        self.assertEqual((renewal.x_fc_service_state, case.state), ("active", "paid"))

    def test_two_subscriptions_of_a_customer_are_two_stories(self) -> None:
        other = self.make_order("sub-2")
        self.bill(self.START)
        self.on(3, 2)
        self.assertEqual(other.x_fc_service_state, "past_due")
        self.pay()
        self.assertEqual(self.state, "active")
        self.assertEqual(other.x_fc_service_state, "past_due")
