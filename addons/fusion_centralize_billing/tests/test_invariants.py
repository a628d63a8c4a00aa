"""Invariant 2: the chain from the counter to the receivable, and each link broken once."""

from datetime import date, datetime

from odoo.tests import tagged

from .usage_case import UsageCase

APRIL, MAY = date(2026, 4, 1), date(2026, 5, 1)


@tagged("post_install", "-at_install", "fc_invariants")
class TestInvariants(UsageCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.tax = cls.env["account.tax"].create({"name": "13 %", "amount": 13})
        (cls.base_product | cls.usage_product).taxes_id = cls.tax
        cls.order = cls.make_order("sub-1")

    def setUp(self) -> None:
        super().setUp()
        self.push(
            self.item("a", 1250),
            self.item("b", "7.5", at=datetime(2026, 3, 10, 12)),
            self.item("c", 30, at=datetime(2026, 3, 20)),
        )
        self.april = self.run_billing(APRIL).line_ids.invoice_id.sorted("invoice_date")[1]

    def _violations(self, service=None):
        return self.env["fusion.billing.invariants"]._check(service or self.service)

    def _rules(self) -> list[str]:
        return [violation.rule for violation in self._violations()]

    def _break(self, statement: str, *parameters: object) -> None:
        """Do in SQL what no code of ours does."""
        self.env.flush_all()
        self.env.cr.execute(statement, parameters)
        self.assertEqual(self.env.cr.rowcount, 1)
        self.env.invalidate_all()

    def test_the_book_that_was_billed_is_right(self) -> None:
        self.assertEqual(self._violations(), [])
        self.assertEqual(self.april.amount_untaxed, 29 + 14.38)

    def test_it_stays_right_through_late_usage_corrections_and_the_end(self) -> None:
        self.push(self.item("late", 10), self.item("april", 3000, at=datetime(2026, 4, 5)))
        self.assertEqual(self._violations(), [])
        self.run_billing(MAY)
        self.push(self.item("down", -20), self.item("may", 3, at=datetime(2026, 5, 2)))
        self.env["fusion.billing.invoice"]._bill_final(self.order, date(2026, 5, 11))
        self.assertEqual(self._violations(), [])

    def test_an_event_missing_from_the_rollup_is_found(self) -> None:
        self._break(
            "UPDATE fusion_billing_usage SET total = total - 1 WHERE "
            " subscription_id = %s AND day = '2026-03-19'",
            self.order.id,
        )
        self.assertEqual(self._rules(), ["ledger_is_rollup", "rated_is_billed"])

    def test_a_rollup_without_events_is_found(self) -> None:
        self.make_usage(self.order, date(2026, 4, 3), 5)
        (violation,) = self._violations()
        self.assertEqual(
            (violation.rule, violation.subscription_id, violation.where, violation.found),
            ("ledger_is_rollup", self.order.id, "2026-04-03 gb", "5.0 / 5.0 / 5.0 / 1"),
        )

    def test_usage_that_the_billed_quantity_lacks_is_found(self) -> None:
        self.push(self.item("slipped", 1))
        self.order.x_fc_period_ids.dirty = False
        (violation,) = self._violations()
        self.assertEqual(
            (violation.rule, violation.expected, violation.found),
            ("rated_is_billed", "1288.5 = 14.43", "1287.5 = 14.38"),
        )

    def test_a_billed_amount_that_is_on_no_invoice_is_found(self) -> None:
        self._break(
            "UPDATE account_move_line SET x_fc_line_key = NULL "
            "WHERE move_id = %s AND x_fc_line_key IS NOT NULL",
            self.april.id,
        )
        self.assertEqual(self._rules(), ["billed_is_invoiced"])

    def test_an_invoice_line_that_nothing_claims_is_found(self) -> None:
        self._break("DELETE FROM fusion_billing_period WHERE subscription_id = %s", self.order.id)
        self.assertEqual(self._rules(), ["billed_is_invoiced"])

    def test_a_trace_that_was_edited_is_found(self) -> None:
        self._break(
            "UPDATE account_move_line SET x_fc_trace = "
            "jsonb_set(x_fc_trace, '{charge,properties,unit_price}', '\"0.06\"') "
            "WHERE move_id = %s AND x_fc_line_key IS NOT NULL",
            self.april.id,
        )
        self.assertEqual(self._rules(), ["line_explains_itself"])

    def test_a_line_that_says_another_amount_than_its_trace_is_found(self) -> None:
        self._break(
            "UPDATE account_move_line SET price_subtotal = price_subtotal + 1 "
            "WHERE move_id = %s AND x_fc_line_key IS NOT NULL",
            self.april.id,
        )
        self.assertEqual(
            self._rules(), ["billed_is_invoiced", "line_explains_itself", "lines_are_total"]
        )

    def test_a_tax_that_does_not_add_up_is_found(self) -> None:
        self._break("UPDATE account_move SET amount_tax = 0 WHERE id = %s", self.april.id)
        self.assertEqual(self._rules(), ["lines_are_total"])

    def test_a_receivable_that_is_not_the_total_is_found(self) -> None:
        self._break(
            "UPDATE account_move_line SET amount_currency = amount_currency - 1 "
            "WHERE move_id = %s AND display_type = 'payment_term'",
            self.april.id,
        )
        self.assertEqual(self._rules(), ["total_is_receivable"])

    def test_a_credit_note_of_a_person_is_no_violation(self) -> None:
        credit = self.april._reverse_moves([{"invoice_date": APRIL}])
        credit.action_post()
        self.assertEqual(self._violations(), [])

    def test_another_service_s_book_is_checked_apart(self) -> None:
        other = self.make_service("other")
        self.make_usage(self.order, date(2026, 4, 3), 5)
        self.assertEqual(self._violations(other), [])
        self.assertEqual(len(self.env["fusion.billing.invariants"]._check()), 1)
