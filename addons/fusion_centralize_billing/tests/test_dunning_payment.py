"""Money in ends it at once; little left ends it too; a person's word stands."""

import json
from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .dunning_case import DunningCase


@tagged("post_install", "-at_install")
class TestDunningPayment(DunningCase):
    def suspended(self) -> None:
        self.through(3, 2, 4, 6, 11, 12)
        self.assertEqual((self.state, self.order.x_fc_suspended_by), ("suspended", "policy"))

    # ------------------------------------------------------------------ money
    def test_a_payment_in_full_resumes_in_its_own_transaction(self) -> None:
        self.suspended()
        self.pay()
        self.assertEqual(self.state, "active")
        self.assertEqual(self.case.state, "paid")
        self.assertEqual(self.case.closed_at, self.service._now())
        self.assertFalse(self.order.x_fc_past_due_since)
        told = self.env["fusion.billing.webhook"].search(
            [("webhook_type", "=", "subscription.service_state_changed")], order="id desc", limit=1
        )
        said = json.loads(told.payload)["subscription"]
        self.assertEqual(said["service_state"], "active")
        self.assertEqual(said["previous_service_state"], "suspended")

    def test_a_part_of_it_resumes_nothing(self) -> None:
        self.suspended()
        self.pay("20.00")
        self.assertEqual(self.state, "suspended")
        self.assertEqual(self.case.balance, 9.0)

    def test_a_rest_below_the_threshold_resumes_and_stays_past_due(self) -> None:
        self.suspended()
        self.pay("24.01")
        self.assertEqual(self.state, "past_due")
        self.assertEqual(self.case.state, "open")
        self.assertEqual(self.case.balance, 4.99)
        self.through(4, 9, 10, 11, 12)
        self.assertEqual(self.state, "past_due")

    def test_a_rounding_rest_suspends_nobody(self) -> None:
        self.pay("28.98")
        for day in range(2, 31):
            self.on(3, day)
        self.assertEqual(self.state, "past_due")
        self.assertNotIn("suspend", [action for _day, action, _outcome in self.story()])

    def test_paying_one_of_two_overdue_invoices_is_not_paying_in_full(self) -> None:
        second = self.bill(date(2026, 4, 1))
        self.on(4, 2)
        self.assertEqual(self.case.balance, 58.0)
        self.assertEqual(self.case.opened_on, date(2026, 3, 1))
        self.pay()
        self.assertEqual(self.case.state, "open")
        self.assertEqual(self.case.opened_on, date(2026, 4, 1))
        self.assertEqual(self.case.balance, 29.0)
        self.pay(invoice=second)
        self.assertEqual(self.case.state, "paid")
        self.assertEqual(self.state, "active")

    def test_an_open_credit_note_counts_against_what_is_overdue(self) -> None:
        self.suspended()
        credit = self.invoice._reverse_moves([{"invoice_date": date(2026, 3, 12)}])
        credit.with_context(fc_credit_stays_open=True).action_post()
        self.assertEqual(self.invoice.payment_state, "not_paid")
        self.assertEqual(self.state, "active")
        self.assertEqual(self.case.state, "paid")

    def test_a_payment_that_is_taken_back_opens_a_new_case(self) -> None:
        self.suspended()
        first = self.case
        self.pay()
        self.invoice.line_ids.remove_move_reconcile()  # as when a bank takes it back
        self.on(3, 13)
        self.assertNotEqual(self.case, first)
        self.assertEqual(self.state, "past_due")
        self.assertEqual(self.case.counted_from, date(2026, 3, 12))

    def test_a_resuming_that_fails_does_not_lose_the_payment(self) -> None:
        self.suspended()

        def broken(*_args, **_kwargs):
            raise ValueError("broken")

        self.patch(type(self.enforce), "_close", broken)
        triggered = self.env["ir.cron.trigger"].search_count([])
        with mute_logger("odoo.addons.fusion_centralize_billing.pipeline.enforce"):
            self.pay()
        self.assertEqual(self.invoice.payment_state, "paid")
        self.assertEqual(self.state, "suspended")
        self.assertGreater(self.env["ir.cron.trigger"].search_count([]), triggered)

    # ------------------------------------------------------------------ disputes
    def test_a_disputed_invoice_is_left_out_at_once_and_back_when_it_is_settled(self) -> None:
        self.suspended()
        self.invoice.x_fc_no_dunning = True
        self.assertEqual((self.state, self.case.state), ("active", "paid"))
        self.on(3, 20)
        self.assertEqual(self.state, "active")
        self.invoice.x_fc_no_dunning = False
        self.on(3, 21)
        self.assertEqual(self.state, "past_due")

    def test_an_invoice_lost_to_the_customers_bank_is_asked_for_no_more(self) -> None:
        self.suspended()
        self.env["fusion.billing.invoice.actions"]._lose_dispute(self.invoice.sudo())
        self.assertEqual((self.state, self.case.state), ("active", "paid"))
        self.on(3, 20)
        self.assertEqual(self.case.state, "paid")

    def test_a_debt_that_is_given_up_resumes_and_stays_closed(self) -> None:
        self.suspended()
        self.case.action_write_off()
        self.assertEqual((self.state, self.case.state), ("active", "written_off"))
        self.on(3, 20)
        self.assertEqual(self.case.state, "written_off")
        self.assertEqual(self.invoice.amount_residual, 29.0)

    # ------------------------------------------------------------------ a person's word
    def decide(self, decision: str, user=None, **values) -> None:
        wizards = self.env["fusion.billing.dunning.decision"].with_user(user or self.env.user)
        wizards.create(
            {"order_id": self.order.id, "decision": decision, "reason": "Because.", **values}
        ).action_confirm()
        self.order.invalidate_recordset()

    def test_a_payment_never_lifts_a_suspension_by_hand(self) -> None:
        self.on(3, 2)
        self.decide("suspend")
        self.pay()
        self.assertEqual(self.case.state, "paid")
        self.assertEqual(self.state, "suspended")
        self.on(3, 20)
        self.assertEqual((self.state, self.order.x_fc_suspended_by), ("suspended", "person"))
        self.decide("resume")
        self.assertEqual(self.state, "active")

    def test_resumed_by_hand_it_owes_still_and_is_not_suspended_again(self) -> None:
        self.suspended()
        self.decide("resume")
        self.assertEqual(self.state, "past_due")
        self.through(3, 13, 14)
        self.assertEqual(self.state, "past_due")

    def test_nothing_happens_before_the_hold_ends(self) -> None:
        self.decide("hold", until=date(2026, 3, 20))
        self.through(3, 2, 4, 11, 12, 19)
        self.assertEqual(self.story(), [])
        self.assertEqual(self.state, "past_due")
        self.on(3, 20)
        self.assertEqual(self.story()[-1], (20, "retry", "done"))
        self.on(3, 21)
        self.assertEqual(self.state, "suspended")

    def test_a_hold_needs_a_day(self) -> None:
        with self.assertRaisesRegex(UserError, "Choose a day"):
            self.decide("hold")

    def test_an_exempt_subscription_is_resumed_and_left_alone(self) -> None:
        self.suspended()
        self.decide("exempt")
        self.assertEqual((self.state, self.case.state), ("active", "exempt"))
        count = len(self.order.x_fc_dunning_case_ids)
        self.through(3, 20, 31)
        self.assertEqual(len(self.order.x_fc_dunning_case_ids), count)
        self.decide("unexempt")
        self.on(4, 1)
        self.assertEqual(self.state, "past_due")

    def test_only_billing_administrators_decide(self) -> None:
        seller = new_test_user(self.env, "fb-seller", groups="sales_team.group_sale_manager")
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_model"):
            self.decide("suspend", user=seller)
        with self.assertRaisesRegex(AccessError, "Only billing administrators"):
            self.order.with_user(seller).action_fc_decide()
        manager = new_test_user(
            self.env, "fb-boss", groups="fusion_centralize_billing.group_fusion_billing_manager"
        )
        self.decide("suspend", user=manager)
        self.assertEqual(self.state, "suspended")
        self.assertEqual(self.order.message_ids[0].author_id, manager.partner_id)

    def test_who_sells_does_not_spare_a_customer_by_a_plain_write(self) -> None:
        seller = new_test_user(self.env, "fb-rpc", groups="sales_team.group_sale_manager")
        order = self.order.with_user(seller)
        for values in ({"x_fc_dunning_exempt": True}, {"x_fc_dunning_hold_until": "2026-04-01"}):
            with self.assertRaisesRegex(AccessError, "Only billing administrators"):
                order.write(values)
            with self.assertRaisesRegex(AccessError, "Only billing administrators"):
                order.create({"partner_id": self.partner.id, **values})
        order.note = "A word of the seller's"
        self.assertIn("word", order.note)

    # ------------------------------------------------------------------ the others
    def test_a_plans_own_automatic_closing_leaves_the_end_to_the_policy(self) -> None:
        self.plan.auto_close_limit = 2
        closing = self.env["sale.order"].with_context(billing_date=date(2026, 3, 10))
        self.assertNotIn(self.order, closing._get_unpaid_subscriptions())
        self.service.dunning_policy_id = False
        self.assertIn(self.order, closing._get_unpaid_subscriptions())

    def test_one_broken_order_stops_no_other(self) -> None:
        other = self.make_order("sub-2", link=self.make_link("c-2", self.make_partner("Birch")))
        self.bill(self.START)
        original = type(self.enforce)._enforce

        def breaks_for_the_first(stage, order):
            if order == self.order:
                raise ValueError("broken")
            return original(stage, order)

        self.patch(type(self.enforce), "_enforce", breaks_for_the_first)
        with mute_logger("odoo.addons.fusion_centralize_billing.pipeline.enforce"):
            self.on(3, 2)
        self.assertEqual(self.state, "active")
        self.assertEqual(other.x_fc_service_state, "past_due")

    def test_a_shadow_service_and_one_without_a_policy_do_nothing(self) -> None:
        self.service.dunning_policy_id = False
        self.on(3, 20)
        self.assertFalse(self.case)
        self.service.write({"dunning_policy_id": self.policy.id, "mode": "shadow"})
        self.on(3, 21)
        self.assertFalse(self.case)
        self.assertEqual(self.state, "active")

    def test_the_job_leaves_services_on_a_test_clock_to_explicit_runs(self) -> None:
        self.on(3, 20, run=False)
        with self.enter_registry_test_mode():
            self.env.ref("fusion_centralize_billing.cron_enforce").method_direct_trigger()
        self.assertFalse(self.case)

    def test_the_job_enforces_on_the_real_clock(self) -> None:
        self.service.test_clock = False
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref("fusion_centralize_billing.cron_enforce").method_direct_trigger()
        self.assertEqual(self.case.state, "open")

    def test_the_run_stops_when_its_time_is_up(self) -> None:
        for place in range(3):
            self.make_order(f"more-{place}", link=self.make_link(f"m-{place}", self.partner))
        self.bill(self.START)
        self.on(3, 2, run=False)
        looked = self.enforce._run(self.service, lambda done, left: 0 if done else 1)
        self.assertEqual(looked, 1)
        self.assertEqual(self.enforce._run(self.service), 4)

    def test_another_companys_policy_is_refused(self) -> None:
        company = self.env["res.company"].create({"name": "Elsewhere Ltd."})
        with self.assertRaisesRegex(UserError, "belongs to Elsewhere Ltd."):
            self.service.dunning_policy_id = self.policy.copy({"company_id": company.id})

    def test_a_mail_goes_out_in_the_customers_language(self) -> None:
        self.env["res.lang"]._activate_lang("fr_CA")
        self.env["ir.module.module"].search(
            [("name", "=", "fusion_centralize_billing")]
        )._update_translations(["fr_CA"])
        self.partner.lang = "fr_CA"
        self.on(3, 2)
        (mail,) = self.mails()
        self.assertIn("Petit rappel", mail.subject)
        for words in ("Bonjour", "oublié", "Payer maintenant", self.invoice.name, "access_token="):
            self.assertIn(words, mail.body_html)
        self.assertNotIn("Hello", mail.body_html)

    def test_a_mail_links_to_the_page_where_the_oldest_invoice_is_paid(self) -> None:
        self.on(3, 2)
        (mail,) = self.mails()
        self.assertEqual(mail.state, "outgoing")
        self.assertIn("friendly reminder", mail.subject)
        self.assertIn(f"/my/invoices/{self.invoice.id}", mail.body_html)
        self.assertEqual(mail.recipient_ids, self.partner)
        self.assertIn("mailed to ap@maple.example", str(self.order.message_ids.mapped("body")))

    def test_a_price_list_change_cannot_create_a_state(self) -> None:
        with self.assertRaisesRegex(UserError, "cannot be written"):
            self.order.write({"order_line": [Command.clear()], "x_fc_service_state": "active"})
