"""A subscription paid in advance ends within its period: the unused days come back."""

from datetime import date, datetime
from decimal import Decimal
from unittest.mock import patch

from psycopg2.errors import UniqueViolation

from odoo import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .usage_case import UsageCase

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)
# Noon in Toronto on 20 March: 20 of 31 days are used.
END = datetime(2026, 3, 20, 16)


@tagged("post_install", "-at_install", "fc_credit")
class TestCreditAtTheEnd(UsageCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.tax = cls.env["account.tax"].create({"name": "13 %", "amount": 13})
        cls.base_product.taxes_id = cls.tax
        cls.order = cls.make_order("sub-1")

    def setUp(self) -> None:
        super().setUp()
        self.invoice = self.run_billing(MARCH).line_ids.invoice_id

    def end(self, credit_note: str = "credit", order=None):
        self.env["fusion.billing.subscribe"]._terminate(order or self.order, END, credit_note)
        return self.notes()

    def notes(self):
        return self.invoice.reversal_move_ids

    def violations(self) -> list:
        return self.env["fusion.billing.invariants"]._check(self.service)

    def pay(self, invoice) -> None:
        wizard = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        )
        wizard.create({"payment_date": MARCH})._create_payments()

    def test_the_unused_days_are_credited_with_their_taxes(self) -> None:
        note = self.end()
        # 29.00 × 20/31 = 18.709… is the fee of the days used: 18.71. The rest comes back.
        self.assertRecordValues(
            note,
            [
                {
                    "move_type": "out_refund",
                    "state": "posted",
                    "amount_untaxed": 10.29,
                    "amount_tax": 1.34,
                    "amount_residual": 11.63,
                    "invoice_date": date(2026, 3, 20),
                    "journal_id": self.invoice.journal_id.id,
                    "x_fc_service_id": self.service.id,
                    "reversed_entry_id": self.invoice.id,
                }
            ],
        )
        self.assertEqual(self.violations(), [])

    def test_the_credit_line_says_what_it_gives_back(self) -> None:
        note = self.end()
        billed = self.invoice.invoice_line_ids
        self.assertRecordValues(
            note.invoice_line_ids,
            [
                {
                    "tax_ids": self.tax.ids,
                    "account_id": billed.account_id.id,
                    "subscription_id": self.order.id,
                    "sale_line_ids": self.order.order_line.ids,
                    "deferred_start_date": date(2026, 3, 21),
                    "deferred_end_date": date(2026, 3, 31),
                    "x_fc_period_start": date(2026, 3, 21),
                    "x_fc_period_end": APRIL,
                    "x_fc_credited_line_id": billed.id,
                    "x_fc_line_key": "credit/2026-03-21/0",
                }
            ],
        )
        self.assertEqual(note.invoice_line_ids.x_fc_trace["kept"], "18.71")
        self.assertEqual(
            note.invoice_line_ids.name, "Base fee\nCredit (21 Mar 2026 to 31 Mar 2026)"
        )

    def test_a_calendar_period_is_credited_and_closed_alike(self) -> None:
        values = {"start_date": date(2026, 3, 12), "x_fc_billing_time": "calendar"}
        order = self.make_order("sub-2", **values)
        invoice = self.run_billing(date(2026, 3, 12)).line_ids.invoice_id
        self.end(order=order)
        # 29.00 × 20/31 = 18.71 from the 12th on; 9 of those 20 days are used: 8.42.
        self.assertEqual(invoice.amount_untaxed, 18.71)
        self.assertEqual(invoice.reversal_move_ids.amount_untaxed, 10.29)
        self.assertEqual(order.subscription_state, "6_churn")
        self.assertEqual(self.violations(), [])

    def test_the_invoice_stays_owed_and_the_credit_stays_open(self) -> None:
        note = self.end("credit")
        self.assertEqual((self.invoice.amount_residual, note.amount_residual), (32.77, 11.63))

    def test_offset_lowers_what_is_owed(self) -> None:
        note = self.end("offset")
        self.assertEqual((self.invoice.amount_residual, note.amount_residual), (21.14, 0.0))
        self.assertEqual(self.invoice.payment_state, "partial")

    def test_offset_of_a_paid_invoice_leaves_the_credit_to_the_customer(self) -> None:
        self.pay(self.invoice)
        note = self.end("offset")
        self.assertIn(self.invoice.payment_state, ("paid", "in_payment"))
        self.assertEqual(note.amount_residual, 11.63)

    def test_skip_credits_nothing(self) -> None:
        self.assertFalse(self.end("skip"))
        self.assertEqual(self.order.x_fc_termination_credit, "skip")

    def test_the_last_day_of_a_period_leaves_nothing_to_credit(self) -> None:
        self.env["fusion.billing.subscribe"]._terminate(self.order, datetime(2026, 4, 1, 3))
        self.assertEqual(self.order.end_date, date(2026, 3, 31))
        self.assertFalse(self.notes())

    def test_in_arrears_nothing_was_billed_ahead(self) -> None:
        plan = self.make_plan("late", 29.0, bill_end_period=True)
        order = self.make_order("sub-2", plan=plan)
        self.end(order=order)
        moves = order.invoice_ids
        self.assertEqual(moves.mapped("move_type"), ["out_invoice"])
        self.assertEqual(moves.amount_untaxed, 18.71)

    def test_a_period_due_and_not_invoiced_is_billed_for_its_days_alone(self) -> None:
        order = self.make_order("sub-2")
        self.end(order=order)
        self.assertRecordValues(
            order.invoice_ids, [{"move_type": "out_invoice", "amount_untaxed": 18.71}]
        )

    def test_usage_is_invoiced_and_only_the_fee_credited(self) -> None:
        self.push(self.item("a", 1400))
        note = self.end()
        self.assertEqual(note.amount_untaxed, 10.29)
        self.assertEqual(self.order.x_fc_period_ids.invoice_id.amount_untaxed, 20.0)
        self.assertEqual(self.violations(), [])

    def test_what_a_person_credited_before_is_not_credited_again(self) -> None:
        person = self.invoice._reverse_moves([{"invoice_date": MARCH}])
        person.action_post()
        self.end()
        self.assertEqual(self.notes(), person)

    def test_half_credited_by_a_person_leaves_half_of_the_unused_days(self) -> None:
        person = self.invoice._reverse_moves([{"invoice_date": MARCH}])
        person.invoice_line_ids.quantity = 0.5
        person.action_post()
        note = self.end() - person
        # 14.50 are left of 29.00; 20 of 31 days of it are 9.354…, so 9.35 stay.
        self.assertEqual(note.amount_untaxed, 5.15)

    def test_ending_again_credits_nothing_more(self) -> None:
        note = self.end()
        credit = self.env["fusion.billing.credit"]
        self.assertFalse(credit._credit_unused(self.order, date(2026, 3, 21)))
        self.assertEqual(self.notes(), note)

    @mute_logger("odoo.sql_db")
    def test_the_database_refuses_a_second_credit_of_the_same_days(self) -> None:
        line = self.end().invoice_line_ids
        stage = type(self.env["fusion.billing.credit"])
        # As if a rival had not seen the first one.
        blind = patch.object(stage, "_credits_of", lambda self, line: line.browse())
        with blind, self.assertRaises(UniqueViolation), self.env.cr.savepoint():
            self.env["fusion.billing.credit"]._credit_unused(self.order, date(2026, 3, 21))
        self.assertEqual(self.invoice.reversal_move_ids.invoice_line_ids, line)

    def test_a_cancelled_credit_note_may_be_given_anew(self) -> None:
        note = self.end()
        note.button_draft()
        note.button_cancel()
        credit = self.env["fusion.billing.credit"]
        again = credit._credit_unused(self.order, date(2026, 3, 21))
        self.assertEqual(again.amount_untaxed, 10.29)

    def test_a_price_with_taxes_in_it_is_credited_with_them(self) -> None:
        included = self.env["account.tax"].create(
            {"name": "13 % in", "amount": 13, "price_include_override": "tax_included"}
        )
        order = self.make_order("sub-2")
        order.order_line.tax_ids = [Command.set(included.ids)]
        invoice = self.run_billing(MARCH).line_ids.invoice_id
        self.assertEqual(invoice.amount_total, 29.0)
        self.end(order=order)
        self.assertEqual(invoice.reversal_move_ids.amount_total, 10.29)

    def test_an_end_agreed_on_bills_and_credits_by_itself(self) -> None:
        self.order.x_fc_ending_at = END
        self.service.test_clock = datetime(2026, 3, 25, 12)
        self.run_billing(date(2026, 3, 25))
        self.assertEqual(self.notes().amount_untaxed, 10.29)
        self.run_billing(date(2026, 3, 25))
        self.assertEqual(len(self.notes()), 1)

    def test_the_app_hears_of_a_credit_note_and_of_no_invoice(self) -> None:
        self.end()
        told = self.service.webhook_ids.sorted("id").mapped("webhook_type")
        expected = ["invoice.created", "credit_note.created", "subscription.terminated"]
        self.assertEqual(told, expected)

    def test_the_credit_explains_itself(self) -> None:
        (line,) = self.end().invoice_line_ids
        self.assertIn("20 of 31 days used", line.x_fc_explanation)
        self.assertEqual(Decimal(line.x_fc_trace["amount"]), Decimal("10.29"))
