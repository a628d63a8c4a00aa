import logging
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..models import pattern_store
from .pattern_case import DAY, RUN, PatternCase

STORE = "odoo.addons.sale_subscription.models.pattern_store"


@tagged("post_install", "-at_install")
class TestPatternRun(PatternCase):
    """When invoices are written after a pattern, and when they are made the normal way."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.orders = cls._book([(49.0, 1, 0, cls.hst)], count=4)

    def assert_billed_normally(self, orders=None, **context):
        """All of them are billed, and nothing is said about patterns but why not."""
        orders = self.orders if orders is None else orders
        with patch.object(pattern_store.Book, "insert", side_effect=AssertionError) as insert:
            moves = self._bill(orders, **context)
        insert.assert_not_called()
        self.assertEqual(set(moves.mapped("state")), {"posted"})
        self.assertEqual(len(moves), len(orders))
        self.assert_gapless(moves)
        return moves

    def _pattern(self):
        return self.patterns.search([("company_id", "=", self.env.company.id)])

    # === PROVEN SHAPES === #

    def test_a_shape_that_was_never_compared_is_billed_the_normal_way(self):
        self.assert_billed_normally()

    def test_a_company_that_has_not_asked_for_it_is_billed_the_normal_way(self):
        self._compare()
        self.env.company.subscription_pattern_posting = False
        self.assert_billed_normally()

    def test_another_shape_than_the_proven_one_is_billed_the_normal_way(self):
        self._compare()
        discounted = self._book([(49.0, 1, 10, self.hst)])
        self.assert_billed_normally(discounted)

    def test_the_comparison_keeps_nothing_but_its_verdict(self):
        ranks = self.customers.mapped("customer_rank")
        report = self._compare()
        pattern = self._pattern()
        self.assertEqual(pattern.state, "valid")
        self.assertIn("Pattern HST", pattern.description)
        self.assertIn(str(pattern.rows_compared), report[0])
        self.assertFalse(self.orders.invoice_ids)
        self.assertEqual(set(self.orders.mapped("next_invoice_date")), {self._date(DAY)})
        self.assertEqual(self.customers.mapped("customer_rank"), ranks)
        self._compare()
        self.assertEqual(self._pattern(), pattern)

    def test_a_difference_is_told_and_its_shape_not_approved(self):
        others = self._book([(49.0, 1, 10, self.hst)])
        rows = pattern_store.Book.add

        def one_wrong_row(book, pattern, dues):
            rows(book, pattern, dues)
            if dues[0].id in others.ids:
                book.heads[-1]["invoice_origin"] = "elsewhere"

        with patch.object(pattern_store.Book, "add", one_wrong_row):
            report = self._compare()
        self.assertEqual([line.split(" ")[0] for line in report[:2]].count("Approved"), 1)
        self.assertIn("invoice_origin: ", report[-1])
        self.assertIn("'elsewhere' after the pattern", report[-1])
        self.assertNotIn("discounted", self._pattern().description)

    def test_another_version_of_a_module_makes_every_approval_void(self):
        self._compare()
        module = self.env["ir.module.module"].search([("name", "=", "sale")])
        module.latest_version = "19.0.9.9"
        self.env.flush_all()
        self._pattern().invalidate_recordset()
        self.assertEqual(self._pattern().state, "void")
        self.assert_billed_normally()

    def test_another_column_of_the_invoice_makes_every_approval_void(self):
        self._compare()
        self.env.cr.execute("ALTER TABLE account_move ADD COLUMN x_of_another_module varchar")
        self.assert_billed_normally()

    def test_only_a_manager_of_sales_runs_the_comparison(self):
        seller = new_test_user(self.env, "pattern_seller", "sales_team.group_sale_salesman")
        with self.assertRaises(AccessError):
            self.patterns.with_user(seller).action_compare()
        shown = self.patterns.action_compare()["params"]["message"]
        self.assertIn("Approved", shown)

    # === WHAT IS LEFT TO THE NORMAL PATH === #

    def test_another_module_s_say_in_posting_is_named_in_the_log(self):
        self._compare()
        moves = type(self.env["account.move"])
        post = moves._post
        with (
            patch.object(moves, "_post", lambda records, soft=True: post(records, soft)),
            self.assertLogs(RUN, logging.INFO) as log,
        ):
            self.assert_billed_normally()
        self.assertIn("a patch: account.move._post", log.output[0])

    def test_a_column_that_nobody_knows_keeps_orders_apart(self):
        self._compare()
        for number, order in enumerate(self.orders):
            order.origin = False
            order.reference = f"{number}"
        self.assert_billed_normally()

    def test_a_journal_secured_by_a_hash_is_billed_the_normal_way(self):
        self._compare()
        self.company_data["default_journal_sale"].restrict_mode_hash_table = True
        with self.assertLogs(RUN, logging.INFO) as log:
            self.assert_billed_normally()
        self.assertIn("secured by a hash", " ".join(log.output))

    def test_a_locked_day_is_billed_the_normal_way(self):
        self._compare()
        self.env.company.fiscalyear_lock_date = "2026-03-31"
        with self.assertLogs(RUN, logging.INFO) as log:
            self.assert_billed_normally()
        self.assertIn("Nothing is written after", " ".join(log.output))

    def test_a_part_of_a_period_and_a_credited_line_are_billed_the_normal_way(self):
        self._compare()
        self.orders[:2].end_date = "2026-03-31"
        self.orders[0].order_line.product_id.allow_prorated_price = True
        self.orders[2].order_line.price_unit = -1.0
        self.orders[3].order_line.product_uom_qty = 2.0
        self.orders[2].order_line.copy({"order_id": self.orders[2].id, "price_unit": 60.0})
        self.assert_billed_normally()

    def test_a_foreign_currency_is_billed_the_normal_way(self):
        currency = self.setup_other_currency("EUR", rates=[("2026-01-01", 0.6543)])
        pricelist = self.env["product.pricelist"].create(
            {"name": "EUR", "currency_id": currency.id}
        )
        orders = self._book([(49.0, 1, 0, self.hst)], pricelist_id=pricelist.id)
        self.orders.action_cancel()
        self.assertIn("Nothing to compare", self._compare()[0])
        self.assert_billed_normally(orders)

    # === AND IF IT FAILS === #

    def test_a_seller_without_accounting_rights_can_run_it(self):
        self._compare()
        seller = new_test_user(self.env, "pattern_lead", "sales_team.group_sale_salesman_all_leads")
        moves = self._bill_by_pattern(self.orders.with_user(seller), 3).sudo()
        self.assertEqual(moves.create_uid, seller)

    def test_an_invoice_out_of_balance_takes_the_batch_back_to_the_normal_path(self):
        self._compare()
        rows = pattern_store.Book.add

        def out_of_balance(book, pattern, dues):
            rows(book, pattern, dues)
            book.items[-1].update(balance="1.00", debit="1.00")

        with (
            patch.object(pattern_store.Book, "add", out_of_balance),
            self.assertLogs(STORE, logging.WARNING) as log,
        ):
            moves = self._bill(self.orders)
        self.assertIn("do not add up", log.output[0])
        self.assertEqual(len(moves), 4)
        self.assertEqual(set(moves.mapped("state")), {"posted"})
        self.assert_gapless(moves)
        for move in moves:
            self.assertEqual(sum(move.line_ids.mapped("balance")), 0.0)

    def test_a_period_claimed_by_another_run_is_not_billed_again(self):
        self._compare()
        last = self.orders[-1]
        insert = pattern_store.Book._insert_values

        def another_was_first(book, table, columns, rows):
            if table == "sale_subscription_claim":
                rows = [*rows, (last.id, rows[0][1], rows[0][2])]
            return insert(book, table, columns, rows)

        with (
            patch.object(pattern_store.Book, "_insert_values", another_was_first),
            mute_logger("odoo.sql_db"),
        ):
            moves = self._bill(self.orders)
        self.assertEqual(len(moves.invoice_line_ids.subscription_id), 4)
        self.assert_gapless(moves)

    def test_numbers_go_on_without_a_gap_after_a_pattern_and_the_other_way_round(self):
        self._compare()
        others = self._book([(49.0, 1, 10, self.hst)])
        made = self._bill_by_pattern(self.orders[:2], 1)
        made |= self._bill(others)
        made |= self._bill(self.orders[2:] | self._book([(49.0, 1, 10, self.hst)]))
        self.assert_gapless(made)
        self.assertFalse(any(made.mapped("made_sequence_gap")))
