import logging
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from .common import SubscriptionCase

LOGGER = "odoo.addons.sale_subscription.models.invoice_batch"


@tagged("post_install", "-at_install")
class TestBatchRun(SubscriptionCase):
    """A batch is made and posted in one go, and still asks every hook."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.orders = cls.env["sale.order"].concat(*(cls._order("2026-03-01") for _nr in range(4)))

    def _bill(self, orders):
        return orders.with_context(billing_date="2026-03-01")._create_recurring_invoice()

    def test_a_batch_is_numbered_without_gaps_and_moves_every_date(self):
        moves = self._bill(self.orders)
        numbers = sorted(moves.mapped("sequence_number"))
        self.assertEqual(numbers, list(range(numbers[0], numbers[0] + 4)))
        self.assertEqual(set(moves.mapped("state")), {"posted"})
        self.assertEqual(set(self.orders.mapped("next_invoice_date")), {self._date("2026-04-01")})

    def test_a_batch_that_fails_is_made_one_by_one_without_a_gap_in_the_numbers(self):
        bad = self.orders[1]
        posting = type(self.env["account.move"])._post

        def fails_for_one(moves, soft=True):
            posted = posting(moves, soft)
            if bad in moves.invoice_line_ids.subscription_id:
                raise UserError("The ledger is closed for this customer.")
            return posted

        with patch.object(type(self.env["account.move"]), "_post", fails_for_one):
            moves = self._bill(self.orders)
        numbers = sorted(moves.mapped("sequence_number"))
        self.assertEqual(numbers, list(range(numbers[0], numbers[0] + 3)))
        self.assertFalse(bad.invoice_ids)
        self.assertIn("The ledger is closed", bad.message_ids[0].body)
        self.assertEqual(bad.next_invoice_date, self._date("2026-03-01"))

    def test_a_hook_that_leaves_some_in_draft_is_asked_about_each(self):
        kept = self.orders[:2]
        hook = type(self.env["sale.order"])._process_auto_invoice

        def leave_in_draft(order, invoice):
            if order not in kept:
                hook(order, invoice)

        with (
            patch.object(type(self.env["sale.order"]), "_process_auto_invoice", leave_in_draft),
            self.assertLogs(LOGGER, logging.INFO),
        ):
            moves = self._bill(self.orders)
        draft = moves.filtered(lambda move: move.state == "draft")
        self.assertEqual(draft.invoice_line_ids.subscription_id, kept)
        self.assertEqual(set(kept.mapped("next_invoice_date")), {self._date("2026-03-01")})

    def test_the_hook_after_posting_runs_in_the_caller_s_context(self):
        seen = []
        orders = type(self.env["sale.order"])
        with patch.object(orders, "_post_invoice_hook", lambda records: seen.append(records)):
            self._bill(self.orders.with_context(tracking_disable=False))
        self.assertEqual(seen[0], self.orders)
        self.assertEqual(seen[0].env.context.get("billing_date"), "2026-03-01")
        self.assertFalse(seen[0].env.context.get("tracking_disable"))

    def test_another_module_s_say_in_the_tax_lines_takes_the_plain_path(self):
        lines = type(self.env["account.move.line"])
        compute = lines._compute_account_id
        with (
            patch.object(lines, "_compute_account_id", lambda records: compute(records)),
            self.assertLogs(LOGGER, logging.INFO) as log,
        ):
            moves = self._bill(self.orders)
        self.assertIn("step by step", log.output[0])
        self.assertEqual(set(moves.mapped("state")), {"posted"})

    def test_a_salesperson_without_accounting_rights_can_run_it(self):
        seller = new_test_user(
            self.env, "batch_seller", groups="sales_team.group_sale_salesman_all_leads"
        )
        moves = self._bill(self.orders.with_user(seller))
        self.assertEqual(set(moves.sudo().mapped("state")), {"posted"})
