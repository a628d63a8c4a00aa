"""Cut over, billed, charged and rolled back at the same moment, on connections of their own."""

from psycopg2.errors import SerializationFailure

from odoo.exceptions import LockError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .cutover_rivals_case import CUT, CutoverRivalsCase

SWITCHED, GIVEN_BACK = "subscription.cut_over", "subscription.cut_over_rolled_back"


@tagged("post_install", "-at_install")
class TestCutoverRivals(CutoverRivalsCase):
    def assert_switched_once(self) -> None:
        with self.registry.cursor() as cr:
            orders = self.orders(cr)
            self.assertEqual(set(orders.mapped("state")), {"sale"})
            self.assertEqual(set(orders.mapped("next_invoice_date")), {CUT})
            self.assertEqual(self.told(cr, SWITCHED), 2)
            self.assertEqual(orders.x_fc_service_id.handover_count, 1)
            self.assertEqual(orders.x_fc_cutover_id.mapped("state"), ["done"])

    def test_of_two_managers_who_press_at_once_one_cuts_over_and_the_other_finds_it_done(self):
        cutover = self.cutover()
        with self.registry.cursor() as first, self.registry.cursor() as second:
            second.execute("SELECT 1")  # its snapshot is older than the first's commit
            self.press(first, cutover, "cut_over")
            with self.assertRaises(LockError):
                self.press(second, cutover, "cut_over")
            first.commit()
            with self.assertRaises(SerializationFailure), mute_logger("odoo.sql_db"):
                self.press(second, cutover, "cut_over")
            second.rollback()
            self.press(second, cutover, "cut_over")
            second.commit()
        self.assert_switched_once()

    def test_a_crowd_that_presses_cuts_over_once(self):
        cutover = self.cutover()

        def crowd(_seed: int) -> None:
            self.until_done(lambda cr: self.press(cr, cutover, "cut_over"))

        with mute_logger("odoo.sql_db"):
            self.race(4, crowd)
        self.assert_switched_once()

    def test_two_cut_overs_of_the_same_subscriptions_take_each_once(self):
        both, one = self.cutover(), self.cutover(count=1)
        with self.registry.cursor() as first, self.registry.cursor() as second:
            second.execute("SELECT 1")
            self.press(first, both, "cut_over")
            first.commit()
            with self.assertRaises(SerializationFailure), mute_logger("odoo.sql_db"):
                self.press(second, one, "cut_over")
            second.rollback()
            with self.assertRaisesRegex(UserError, "1 of 1 subscriptions are held"):
                self.press(second, one, "cut_over")
            second.rollback()
        self.assert_switched_once()

    def test_what_another_cut_over_took_is_held_by_name(self):
        self.cutover(state="done")
        late = self.cutover(count=1)
        with self.registry.cursor() as cr:
            line = self.env_of(cr)["fusion.billing.cutover"].browse(late).line_ids
            self.assertRegex(line.obstacle, r"CUT/\d+ has cut it over")

    # ------------------------------------------------------------- the invoicing job
    def invoices(self) -> list[list]:
        """The days of each subscription's posted invoices that still stand."""
        with self.registry.cursor() as cr:
            return [
                order.invoice_ids.filtered(
                    lambda move: move.state == "posted" and move.payment_state == "not_paid"
                ).mapped("invoice_date")
                for order in self.orders(cr)
            ]

    def test_the_job_that_runs_meanwhile_bills_nothing_before_and_once_after(self):
        cutover = self.cutover()
        with self.registry.cursor() as manager, self.registry.cursor() as job:
            self.press(manager, cutover, "cut_over")
            self.assertFalse(self.bill(job).line_ids)
            manager.commit()
            self.assertFalse(self.bill(job).line_ids)
            job.commit()
            self.assertEqual(len(self.bill(job).line_ids), 2)
            job.commit()
            self.assertFalse(self.bill(job).line_ids)
        self.assertEqual(self.invoices(), [[CUT], [CUT]])

    def test_a_second_cohort_joins_while_the_first_is_billed(self):
        self.cutover(count=1, state="done")
        rest = self.cutover(count=0)
        with self.registry.cursor() as cr:
            found = self.env_of(cr)["fusion.billing.cutover"].browse(rest)
            found.order_ids = self.orders(cr)[1]
            found.action_rehearse()
        with self.registry.cursor() as manager, self.registry.cursor() as job:
            self.bill(job)
            self.press(manager, rest, "cut_over")
            manager.commit()
            job.commit()
            self.assertEqual(self.invoices(), [[CUT], []])
            self.bill(job)
            job.commit()
        self.assertEqual(self.invoices(), [[CUT], [CUT]])

    def test_jobs_and_managers_in_any_order_bill_each_once(self):
        cutover = self.cutover()
        acts = [
            lambda cr: self.press(cr, cutover, "cut_over"),
            self.bill,
            self.bill,
            lambda cr: self.press(cr, cutover, "cut_over"),
        ]
        with mute_logger("odoo.sql_db"):
            self.race(4, lambda seed: self.until_done(acts[seed]))
            self.until_done(self.bill)
        self.assertEqual(self.invoices(), [[CUT], [CUT]])

    def test_a_roll_back_while_the_job_bills_leaves_no_invoice_behind(self):
        cutover = self.cutover(state="done")
        with self.registry.cursor() as manager, self.registry.cursor() as job:
            manager.execute("SELECT 1")
            self.bill(job)
            with self.assertRaises(LockError):
                self.press(manager, cutover, "roll_back")
            job.commit()
            with self.assertRaises(SerializationFailure), mute_logger("odoo.sql_db"):
                self.press(manager, cutover, "roll_back")
            manager.rollback()
            self.press(manager, cutover, "roll_back")
            self.assertFalse(self.bill(job).line_ids)
            manager.commit()
            job.rollback()
            self.assertFalse(self.bill(job).line_ids)
        self.assertEqual(self.invoices(), [[], []])

    # ------------------------------------------------------------- the first charge
    def billed(self) -> int:
        """A cut-over whose first invoices are posted and not charged."""
        cutover = self.cutover(state="done")
        self.save_card()
        with self.registry.cursor() as cr:
            self.bill(cr)
        return cutover

    def assert_charged_or_given_back(self, charged: bool) -> None:
        with self.registry.cursor() as cr:
            moves = self.orders(cr).invoice_ids | self.env_of(cr)["account.move"].search(
                [("x_fc_service_id", "=", self.service_id)]
            )
            self.assertEqual(bool(moves.charge_ids), charged)
            expected = {"sale"} if charged else {"draft"}
            self.assertEqual(set(self.orders(cr).mapped("state")), expected)
            self.assertEqual(self.told(cr, GIVEN_BACK), 0 if charged else 2)

    def test_a_charge_that_began_after_the_roll_back_did_stops_it(self):
        cutover = self.billed()
        with self.registry.cursor() as manager, self.registry.cursor() as job:
            manager.execute("SELECT 1")  # nobody is charged in its snapshot
            self.assertTrue(self.charge(job))
            job.commit()
            with self.assertRaisesRegex(UserError, "invoiced or charged at this moment"):
                self.press(manager, cutover, "roll_back")
            manager.rollback()
            with self.assertRaisesRegex(UserError, "was charged or paid"):
                self.press(manager, cutover, "roll_back")
        self.assert_charged_or_given_back(charged=True)

    def test_a_charge_that_is_being_written_stops_the_roll_back(self):
        cutover = self.billed()
        with self.registry.cursor() as manager, self.registry.cursor() as job:
            self.assertTrue(self.charge(job))
            with self.assertRaises(LockError):
                self.press(manager, cutover, "roll_back")
            job.commit()
            manager.rollback()
            with self.assertRaisesRegex(UserError, "charged"):
                self.press(manager, cutover, "roll_back")
        self.assert_charged_or_given_back(charged=True)

    def test_a_charge_that_comes_after_the_roll_back_is_not_taken(self):
        cutover = self.billed()
        with self.registry.cursor() as manager, self.registry.cursor() as job:
            job.execute("SELECT 1")  # the invoice is open in its snapshot
            self.press(manager, cutover, "roll_back")
            manager.commit()
            with self.assertRaises(SerializationFailure), mute_logger("odoo.sql_db"):
                self.charge(job)
        self.assert_charged_or_given_back(charged=False)

    def test_whoever_is_first_nobody_is_both_charged_and_given_back(self):
        cutover = self.billed()
        outcome: list[str] = []

        def charge(cr) -> None:
            if self.orders(cr)[0].state == "sale":
                self.charge(cr)

        def give_back(cr) -> None:
            try:
                self.press(cr, cutover, "roll_back")
            except LockError:
                raise
            except UserError as error:
                outcome.append(str(error))
                cr.rollback()

        with mute_logger("odoo.sql_db"):
            self.race(2, lambda seed: self.until_done((charge, give_back)[seed]))
        self.assert_charged_or_given_back(charged=bool(outcome))
