"""A cut-over is locked until everything is proved, and says what is missing."""

from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .cutover_case import CutoverCase
from .dual_run_case import PERIODS


@tagged("post_install", "-at_install")
class TestCutoverLock(CutoverCase):
    """The button unlocks when it should, and only then."""

    def locked(self, cutover=None) -> str:
        cutover = cutover or self.cutover
        cutover.action_rehearse()
        return "\n".join(filter(None, [cutover.lock, *cutover.mapped("line_ids.obstacle")]))

    def refused(self, words: str) -> None:
        with self.assertRaisesRegex(UserError, words):
            self.cutover.action_cut_over()
        self.assertEqual(set(self.orders.mapped("state")), {"draft"})
        self.assertEqual(self.service.mode, "shadow")

    def test_without_a_rehearsal_nothing_is_cut_over(self):
        self.prove()
        self.refused("Rehearse it first")

    def test_it_is_locked_until_every_period_is_signed(self):
        self.assertIn("0 of 3 clean periods", self.locked())
        self.refused("2 of 2 subscriptions are held")
        self.prove(sign=False)
        self.assertIn("0 of 3 clean periods", self.locked())
        self.rows().action_sign_off()
        self.assertFalse(self.locked())

    def test_two_clean_periods_are_not_three(self):
        self.prove(periods=2)
        self.assertIn("2 of 3 clean periods", self.locked())
        self.service.clean_periods_required = 2
        self.assertFalse(self.locked())

    def test_the_form_asks_for_as_many_periods_as_the_service_unless_told_otherwise(self):
        self.service.clean_periods_required = 5
        self.assertEqual(self.cutover.clean_periods_required, 5)
        with Form(self.env["fusion.billing.cutover"]) as form:
            form.service_id = self.service
            self.assertEqual(form.clean_periods_required, 5)
            form.clean_periods_required = 2
        own = form.record
        own.order_ids = self.orders
        self.prove(periods=2)
        self.assertFalse(self.locked(own))
        self.assertIn("It asks for 2 clean periods where the service asks for 5", own.warning)
        self.assertIn("2 of 3 clean periods", self.locked())

    def test_a_subscription_of_this_period_goes_along_unproved_and_is_named(self):
        self.second.write({"start_date": "2026-06-20", "x_fc_started_at": "2026-06-20 12:00:00"})
        self.prove(self.first)
        self.assertFalse(self.locked())
        self.assertIn("1 have no past period to compare and go unproved", self.cutover.warning)
        self.cutover.clean_periods_required = 0
        self.assertFalse(self.locked())
        self.assertNotIn("unproved", self.cutover.warning, "no proof is asked of anybody")

    def test_other_periods_asked_for_are_another_rehearsal(self):
        self.prove()
        self.assertFalse(self.locked())
        self.cutover.clean_periods_required = 1
        self.refused("Rehearse it first")

    def test_what_was_cut_over_keeps_the_periods_it_was_proved_with(self):
        self.cut_over()
        self.service.clean_periods_required = 7
        self.assertEqual(self.cutover.clean_periods_required, 3)
        with self.assertRaisesRegex(UserError, "make another one"):
            self.cutover.clean_periods_required = 0

    def test_the_service_s_form_has_the_setting_and_refuses_less_than_none(self):
        with Form(self.service) as form:
            self.assertEqual(form.clean_periods_required, 3)
            form.clean_periods_required = 4
        self.assertEqual(self.service.clean_periods_required, 4)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self.service.clean_periods_required = -1
            self.service.flush_recordset()

    def test_one_unexplained_difference_locks_all(self):
        self.prove(self.first)
        self.prove(self.second, sign=False, base="28.00")
        self.assertIn("Unexplained differences: 3", self.locked())
        self.refused("1 of 2 subscriptions are held")

    def test_a_difference_found_after_the_rehearsal_locks_it_again(self):
        self.prove()
        self.assertFalse(self.locked())
        self.rows(self.second)[0].copy({"period_start": "2026-02-01", "period_end": "2026-03-01",
                                        "difference_class": "rate", "state": "open"})  # fmt: skip
        self.refused("held")

    def test_a_price_changed_after_the_rehearsal_asks_for_another(self):
        self.prove()
        self.cutover.action_rehearse()
        self.charge.unit_price = 0.06
        self.refused("rehearse again")

    def test_clean_periods_of_long_ago_do_not_count(self):
        self.prove()
        self.orders.write(
            {"x_fc_current_period_start": "2026-08-01", "x_fc_current_period_end": "2026-09-01"}
        )
        self.service.test_clock = "2026-08-02 12:00:00"
        self.assertIn("end on 2026-06-01: compare those up to 2026-08-01", self.locked())

    def test_an_app_that_billed_ahead_must_be_imported_again(self):
        self.prove()
        told = self.app_invoice(self.first, 2)
        told |= {"external_invoice_id": "ahead", "period_start": "2026-06-01",
                 "period_end": "2026-07-01"}  # fmt: skip
        self.told(told)
        self.assertIn("ahead has billed the period from 2026-07-01", self.locked())

    def test_on_the_day_the_apps_period_ends_it_must_be_imported_again(self):
        self.prove()
        self.service.test_clock = "2026-07-01 12:00:00"
        self.assertIn("ended on 2026-07-01", self.locked())

    def test_a_young_subscription_needs_only_the_periods_it_has_had(self):
        young = self.imported("sub-3")
        young.write({"start_date": PERIODS[-1][0], "x_fc_started_at": False})
        cutover = self.cutover.copy({"order_ids": [Command.set((self.orders | young).ids)]})
        self.prove(periods=3)
        self.assertIn("Unexplained differences: 1", self.locked(cutover))
        self.told(self.app_invoice(young, 2))
        self.compare()
        self.assertIn("0 of 1 clean periods", self.locked(cutover))
        self.rows(young).action_sign_off()
        self.assertFalse(self.locked(cutover))

    def test_a_service_with_something_to_prove_does_not_go_live_at_once(self):
        with self.assertRaisesRegex(UserError, "2 subscriptions of Cloud are billed by the app"):
            self.service.go_live()
        self.service.clean_periods_required = 0
        self.assertEqual(self.service.go_live()["confirmed"], 2)

    def test_only_a_billing_administrator_cuts_over(self):
        user = self.env["res.users"].create(
            {
                "name": "Reader",
                "login": "cutover-reader",
                "group_ids": [Command.link(self.env.ref(
                    "fusion_centralize_billing.group_fusion_billing_user").id)],
            }
        )  # fmt: skip
        for action in ("action_rehearse", "action_cut_over", "action_roll_back"):
            with self.assertRaises(AccessError):
                getattr(self.cutover.with_user(user), action)()
