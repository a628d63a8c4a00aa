"""Credits in the proof of the book: each link broken once."""

from datetime import date

from odoo.tests import tagged

from .usage_case import UsageCase

MARCH = date(2026, 3, 1)


@tagged("post_install", "-at_install", "fc_credit")
class TestCreditInvariants(UsageCase):
    def setUp(self) -> None:
        super().setUp()
        self.order = self.make_order("sub-1")
        self.run_billing(MARCH)
        credit = self.env["fusion.billing.credit"]
        self.line = credit._credit_unused(self.order, date(2026, 3, 21)).invoice_line_ids

    def violations(self) -> list:
        return self.env["fusion.billing.invariants"]._check(self.service)

    def rules(self) -> list[str]:
        return [violation.rule for violation in self.violations()]

    def change(self, assignment: str) -> None:
        """Do in SQL what no code of ours does."""
        self.env.flush_all()
        self.env.cr.execute(
            f"UPDATE account_move_line SET {assignment} WHERE id = %s",  # noqa: S608
            (self.line.id,),
        )
        self.env.invalidate_all()

    def test_a_credit_as_it_was_given_is_right(self) -> None:
        self.assertEqual(self.violations(), [])

    def test_more_credited_than_billed_is_found(self) -> None:
        self.change("price_subtotal = 29.01")
        self.assertIn("credited_is_billed", self.rules())

    def test_another_amount_than_the_trace_says_is_found(self) -> None:
        self.change("price_unit = price_unit + 0.01")
        (violation,) = self.violations()
        self.assertEqual(
            (violation.rule, violation.expected, violation.found),
            ("credit_explains_itself", "amount 10.29", "amount 10.30"),
        )

    def test_a_trace_that_was_edited_is_found(self) -> None:
        self.change("""x_fc_trace = jsonb_set(x_fc_trace, '{first_unused}', '"2026-03-01"')""")
        (violation,) = self.violations()
        self.assertIn("a trace that replays", violation.expected)

    def test_a_credit_of_another_billed_amount_is_found(self) -> None:
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_move_line SET price_subtotal = price_subtotal + 1 WHERE id = %s",
            (self.line.x_fc_credited_line_id.id,),
        )
        self.env.invalidate_all()
        self.assertEqual(self.rules(), ["lines_are_total", "credit_explains_itself"])

    def test_other_taxes_than_those_billed_are_found(self) -> None:
        tax = self.env["account.tax"].create({"name": "5 %", "amount": 5})
        self.env.flush_all()
        self.env.cr.execute(
            "INSERT INTO account_move_line_account_tax_rel VALUES (%s, %s)", (self.line.id, tax.id)
        )
        self.env.invalidate_all()
        self.assertEqual(self.rules(), ["credit_explains_itself"])
