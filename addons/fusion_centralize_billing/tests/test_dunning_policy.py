"""A policy in the words of an operator, and what it does day by day."""

from datetime import date

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .dunning_case import DunningCase


@tagged("post_install", "-at_install")
class TestDunningPolicy(DunningCase):
    def test_the_policy_reads_as_a_calendar(self) -> None:
        text = str(self.policy.calendar)
        self.assertIn(
            "<strong>Day 3</strong>: retry the card and mail “Payment did not go through”",
            text,
        )
        self.assertIn("<strong>Day 11</strong>: suspend the service and mail", text)
        self.assertIn(f"Below {self.currency.format(5)} nobody is suspended", text)
        self.assertIn("No fee is billed for a period that begins during a suspension.", text)
        self.policy.bill_while_suspended = True
        self.assertIn("Fees go on being billed", str(self.policy.calendar))

    def test_terminate_is_the_last_step(self) -> None:
        later = {"day": 50, "action": "retry"}
        with self.assertRaisesRegex(ValidationError, "last step"):
            self.policy.step_ids = [Command.create(later)]

    def test_a_mail_needs_a_template_about_a_case(self) -> None:
        with self.assertRaisesRegex(ValidationError, "Choose the mail"):
            self.env["fusion.billing.dunning.step"].create(
                {"policy_id": self.policy.id, "day": 2, "action": "mail"}
            )
        other = self.env["mail.template"].create(
            {"name": "Other", "model_id": self.env["ir.model"]._get_id("res.partner")}
        )
        with self.assertRaisesRegex(ValidationError, "no mail about a dunning case"):
            self.policy.step_ids[0].mail_template_id = other

    def test_nothing_is_overdue_on_the_due_date_itself(self) -> None:
        self.on(3, 1)
        self.assertFalse(self.case)
        self.assertEqual(self.state, "active")

    def test_the_quarter_of_a_customer_who_never_pays(self) -> None:
        for month, last in ((3, 31), (4, 15)):
            self.through(month, *range(1, last + 1))
        self.assertEqual(
            [(a.done_on, a.action) for a in self.case.action_ids.sorted("id")],
            [
                (date(2026, 3, 2), "mail"),
                (date(2026, 3, 4), "retry"),
                (date(2026, 3, 6), "retry"),
                (date(2026, 3, 11), "retry"),
                (date(2026, 3, 12), "suspend"),
                (date(2026, 3, 31), "retry"),
                (date(2026, 4, 10), "terminate"),
            ],
        )
        self.assertEqual(self.state, "terminated")
        self.assertTrue(self.order.x_fc_terminated_at)
        self.assertEqual(self.case.state, "terminated")
        self.assertEqual(self.case.opened_on, date(2026, 3, 1))
        self.assertEqual(len(self.mails()), 6)

    def test_each_step_is_done_once_however_often_the_job_runs(self) -> None:
        for _again in range(3):
            self.on(3, 2)
        self.assertEqual(self.story(), [(2, "mail", "done")])
        self.assertEqual(len(self.mails()), 1)
        self.assertEqual(self.state, "past_due")
        self.assertEqual(self.order.x_fc_past_due_since, date(2026, 3, 1))

    def test_a_case_and_a_step_are_one_by_the_database(self) -> None:
        self.on(3, 2)
        with mute_logger("odoo.sql_db"), self.assertRaises(Exception) as raised:
            self.case.copy()
        self.assertEqual(type(raised.exception).__name__, "UniqueViolation")

    def test_closed_days_of_the_customers_province_move_mails_and_suspensions(self) -> None:
        self.policy.business_days_only = True
        self.order.partner_id.state_id = self.env.ref("base.state_ca_on")
        # Day 1 is Monday 2 March; day 40 would be Friday 10 April. The second invoice: due on
        # Wednesday 1 April; its Good Friday is 3 April.
        self.on(3, 2)
        self.pay()
        later = self.bill(date(2026, 4, 1))
        self.assertEqual(later.invoice_date_due, date(2026, 4, 1))
        for day in range(2, 15):
            self.on(4, day)
        done = {(action.day, action.action): action.done_on.day for action in self.case.action_ids}
        self.assertEqual(done[1, "mail"], 2)
        self.assertEqual(done[3, "retry"], 6)  # Saturday 4 April, with a mail: Monday
        self.assertEqual(done[11, "suspend"], 14)  # the warning went out on Monday 13 April
        self.assertEqual(done[10, "retry"], 13)

    def test_a_holiday_counts_where_the_customer_is(self) -> None:
        self.policy.business_days_only = True
        # Saint-Jean-Baptiste: a holiday in Québec on 24 June, and none in Ontario.
        is_open = self.enforce._is_open
        case = self.env["fusion.billing.dunning.case"].new(
            {
                "order_id": self.order.id,
                "policy_id": self.policy.id,
                "service_id": self.service.id,
            }
        )
        self.assertTrue(is_open(case)(date(2026, 6, 24)))
        self.partner.state_id = self.env.ref("base.state_ca_qc")
        self.assertFalse(is_open(case)(date(2026, 6, 24)))
        self.assertTrue(is_open(case)(date(2026, 6, 25)))

    def test_the_policy_put_in_force_over_an_old_debt_begins_gently(self) -> None:
        self.on(3, 30)
        self.assertEqual(self.story(), [(30, "mail", "done")])
        self.assertEqual(self.case.counted_from, date(2026, 3, 29))
        self.assertEqual(self.case.opened_on, date(2026, 3, 1))
        self.assertEqual(self.state, "past_due")

    def test_a_job_that_was_down_writes_one_letter_and_suspends_the_day_after(self) -> None:
        self.on(3, 2)
        self.on(3, 25)
        self.assertEqual(
            self.story()[1:],
            [(25, "retry", "overtaken"), (25, "retry", "overtaken"), (25, "retry", "done")],
        )
        self.assertEqual(self.state, "past_due")
        self.on(3, 26)
        self.assertEqual(self.state, "suspended")

    def test_a_customer_without_an_address_is_noted_and_suspended_all_the_same(self) -> None:
        self.partner.email = False
        self.through(3, 2, 4, 6, 11, 12)
        self.assertEqual(self.story()[0], (2, "mail", "failed"))
        self.assertIn("has no e-mail address", self.case.action_ids.sorted("id")[0].note)
        self.assertEqual(self.state, "suspended")
        self.assertFalse(self.mails())

    def test_the_next_step_is_told_in_words(self) -> None:
        self.on(3, 2)
        self.assertRegex(self.case.next_step, r"2026.*: retry the card and mail “")
        self.order.x_fc_dunning_hold_until = date(2026, 12, 24)
        self.case.invalidate_recordset()
        self.assertIn("12", self.case.next_step)
