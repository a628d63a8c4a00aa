from unittest.mock import patch

from odoo import Command
from odoo.tests import tagged

from .common import SubscriptionCase

# Keys, numbers and times: two invoices never share them. What they must be is asserted apart.
OWN = {
    "access_token",
    "create_date",
    "id",
    "invoice_origin",
    "message_main_attachment_id",
    "move_id",
    "move_name",
    "name",
    "payment_reference",
    "ref",
    "sequence_number",
    "subscription_id",
    "write_date",
}
INVOICE_DAY = "2026-03-15"


@tagged("post_install", "-at_install")
class TestBatchRows(SubscriptionCase):
    """One book billed by plain Odoo and by the run: every column of every row is the same."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.hst = cls._tax(13.0)
        cls.quebec = cls._tax(0.0, children=cls._tax(5.0) | cls._tax(9.975))
        cls.zero = cls._tax(0.0)
        cls.included = cls._tax(20.0, price_include_override="tax_included")

    @classmethod
    def _tax(cls, amount, children=None, **values):
        if children:
            values = {"amount_type": "group", "children_tax_ids": [Command.set(children.ids)]}
        number = cls.env["account.tax"].search_count([("name", "like", "Batch ")])
        return cls.env["account.tax"].create(
            {"name": f"Batch {number} {amount}", "amount": amount, **values}
        )

    def assert_same_rows(self, lines, by_batch=True, **values):
        """Bill two equal orders, one each way.

        :param lines: ``[(price, quantity, discount, taxes)]``
        :param by_batch: whether the run makes this shape itself, or leaves it to Odoo
        """
        orders = [self._book(lines, values) for _way in range(2)]
        with self._plain():
            plain = self._bill(orders[0])
        with self.assertLogs("odoo.addons.sale_subscription", "DEBUG") as log:
            ours = self._bill(orders[1])
        said = " ".join(log.output)
        self.assertEqual("1 complete" in said, by_batch, said)
        self.assertEqual("step by step" in said, not by_batch, said)
        self.assertEqual((plain.state, ours.state), ("posted", "posted"))
        self.assertEqual(self._rows(ours), self._rows(plain))
        self.assertEqual(ours.sequence_number, plain.sequence_number + 1)
        self.assertEqual(ours.payment_reference, ours.name)
        self.assertEqual(orders[1].next_invoice_date, orders[0].next_invoice_date)
        return ours

    def _book(self, lines, values):
        order = self._order(INVOICE_DAY, lines=[(self.hosting, 1)] * len(lines), **values)
        for line, (price, quantity, discount, taxes) in zip(order.order_line, lines, strict=True):
            line.write(
                {
                    "price_unit": price,
                    "product_uom_qty": quantity,
                    "discount": discount,
                    "tax_ids": [Command.set(taxes.ids)],
                }
            )
        return order

    def _plain(self):
        """Odoo's own create, then `action_post`, one invoice after the other."""
        run = type(self.env["sale.order"])
        return patch.object(
            run,
            "_complete_invoices",
            lambda orders, vals_list: ({}, dict(enumerate(vals_list))),
        )

    def _bill(self, order):
        return order.with_context(billing_date=INVOICE_DAY)._create_recurring_invoice()

    def _rows(self, move):
        self.env.flush_all()
        return {
            "move": self._select("account_move", "id", move.ids),
            "lines": self._select("account_move_line", "move_id", move.ids),
            "names": [
                (line.name or "").replace(f"{move.ref} - {move.name}", "REF - NAME")
                for line in move.line_ids.sorted("id")
            ],
            "taxes": [line.tax_ids for line in move.line_ids.sorted("id")],
            "tags": [line.tax_tag_ids for line in move.line_ids.sorted("id")],
            "sale lines": [line.sale_line_ids.name for line in move.line_ids.sorted("id")],
        }

    def _select(self, table, column, ids):
        self.env.cr.execute(f"SELECT * FROM {table} WHERE {column} = ANY(%s) ORDER BY id", [ids])
        return [
            {key: value for key, value in row.items() if key not in OWN}
            for row in self.env.cr.dictfetchall()
        ]

    # === SHAPES === #

    def test_one_line_with_one_tax(self):
        move = self.assert_same_rows([(49.0, 1, 0, self.hst)])
        self.assertEqual(move.amount_total, 55.37)

    def test_five_lines_with_a_group_of_taxes_one_tax_a_zero_tax_and_none(self):
        none = self.env["account.tax"]
        self.assert_same_rows(
            [
                (49.0, 1, 0, self.quebec),
                (12.5, 3, 0, self.hst),
                (7.25, 1, 0, self.zero),
                (99.99, 2, 0, self.quebec | self.hst),
                (3.1, 1, 0, none),
            ]
        )

    def test_quantities_and_prices_that_have_to_be_rounded(self):
        lines = [(0.333, 1.37, 0, self.hst), (19.99, 0.333, 12.5, self.quebec)]
        self.assert_same_rows(lines * 3)

    def test_a_tax_that_is_included_in_the_price(self):
        self.assert_same_rows([(49.99, 3, 0, self.included), (10.01, 1, 5, self.included)])

    def test_taxes_rounded_on_the_whole_invoice(self):
        self.env.company.tax_calculation_rounding_method = "round_globally"
        self.assert_same_rows([(1.11, 1, 0, self.quebec)] * 5)

    def test_a_discount_of_everything(self):
        move = self.assert_same_rows([(49.0, 1, 100, self.hst)])
        self.assertEqual((move.amount_total, move.payment_state), (0.0, "paid"))

    def test_a_credit_on_one_of_the_lines(self):
        self.assert_same_rows([(49.0, 1, 0, self.hst), (-20.0, 1, 0, self.hst)])

    def test_a_foreign_currency(self):
        currency = self.setup_other_currency("EUR", rates=[("2026-01-01", 0.6543)])
        pricelist = self.env["product.pricelist"].create(
            {"name": "EUR", "currency_id": currency.id}
        )
        lines = [(49.0, 1, 0, self.quebec), (7.77, 3, 0, self.hst)]
        move = self.assert_same_rows(lines, pricelist_id=pricelist.id)
        self.assertEqual(move.currency_id, currency)

    def test_two_instalments(self):
        half = {"value": "percent", "value_amount": 50.0}
        terms = self.env["account.payment.term"].create(
            {
                "name": "Half and half",
                "line_ids": [
                    Command.create({**half, "nb_days": 10}),
                    Command.create({**half, "nb_days": 40}),
                ],
            }
        )
        move = self.assert_same_rows([(33.33, 1, 0, self.hst)], payment_term_id=terms.id)
        due = move.line_ids.filtered(lambda line: line.display_type == "payment_term")
        self.assertEqual(
            [str(day) for day in due.mapped("date_maturity")], ["2026-03-25", "2026-04-24"]
        )

    def test_a_fiscal_position_that_maps_accounts(self):
        income = self.company_data["default_account_revenue"]
        position = self.env["account.fiscal.position"].create(
            {
                "name": "Elsewhere",
                "account_ids": [
                    Command.create(
                        {
                            "account_src_id": income.id,
                            "account_dest_id": income.copy({"code": "499999"}).id,
                        }
                    )
                ],
            }
        )
        self.assert_same_rows([(49.0, 1, 0, self.hst)], fiscal_position_id=position.id)

    def test_sections_and_notes_between_the_lines(self):
        text = [
            {"display_type": "line_section", "name": "Hosting", "sequence": 5},
            {"display_type": "line_note", "name": "Billed in advance.", "sequence": 15},
        ]
        orders = [self._book([(49.0, 1, 0, self.hst)], {}) for _way in range(2)]
        for order in orders:
            order.order_line = [Command.create(line) for line in text]
        self.env.invalidate_all()  # the lines in their order
        with self._plain():
            plain = self._bill(orders[0])
        ours = self._bill(orders[1])
        self.assertEqual(self._rows(ours), self._rows(plain))
        self.assertIn("line_section", ours.line_ids.mapped("display_type"))

    # === SEVERAL IN ONE BATCH === #

    def _both_ways(self, books):
        """Two equal books, one billed by plain Odoo and one by the run, each in one batch."""
        orders = [self.env["sale.order"].concat(*(self._book(*b) for b in books)) for _way in "ab"]
        with self._plain():
            plain = self._bill(orders[0])
        return plain, self._bill(orders[1])

    def assert_equal_moves(self, ours, plain):
        for our, other in zip(ours, plain, strict=True):
            self.assertEqual(self._rows(our), self._rows(other))

    def test_equal_lines_of_other_customers_keep_their_customer_and_account(self):
        receivable = self.company_data["default_account_receivable"]
        other = self.customer.copy(
            {"property_account_receivable_id": receivable.copy({"code": "199997"}).id}
        )
        lines = [(0.333, 1.37, 0, self.hst), (19.99, 3, 12.5, self.quebec)]
        doubled = [(0.333, 2.74, 0, self.hst), (19.99, 3, 12.5, self.quebec)]
        swapped = [(0.333, 1.37, 0, self.quebec), (19.99, 3, 12.5, self.hst)]
        plain, ours = self._both_ways(
            [
                (lines, {}),
                (lines, {"partner_id": other.id}),
                (doubled, {}),
                (swapped, {"partner_id": other.id}),
            ]
        )
        self.assert_equal_moves(ours, plain)
        self.assertEqual(ours.mapped("partner_id"), self.customer | other)
        self.assertEqual(len(set(ours.mapped("amount_total"))), 3)

    def test_what_another_module_computes_of_a_line_is_asked_of_it(self):
        lines = type(self.env["account.move.line"])
        compute, asked = lines._compute_totals, set()

        def remember(records):
            asked.update(records.move_id.ids)
            compute(records)

        with patch.object(lines, "_compute_totals", remember):
            plain, ours = self._both_ways([([(49.0, 1, 0, self.hst)], {})])
            self.assert_equal_moves(ours, plain)
        self.assertLessEqual(set(ours.ids), asked)

    def test_another_module_s_tax_engine_is_asked_for_each_invoice(self):
        taxes = type(self.env["account.tax"])
        prepare, asked = taxes._prepare_tax_lines, []

        def remember(records, base_lines, *args, **kwargs):
            asked.append(base_lines[0]["partner_id"])
            return prepare(records, base_lines, *args, **kwargs)

        other = self.customer.copy()
        books = [([(49.0, 1, 0, self.hst)], {"partner_id": p.id}) for p in self.customer | other]
        orders = self.env["sale.order"].concat(*(self._book(*book) for book in books))
        with patch.object(taxes, "_prepare_tax_lines", remember):
            self._bill(orders)
        self.assertEqual(asked, [self.customer, other])

    # === SHAPES LEFT TO ODOO === #

    def test_a_discount_for_early_payment_is_left_to_odoo(self):
        terms = self.env["account.payment.term"].create(
            {"name": "2/10", "early_discount": True, "discount_days": 10}
        )
        self.assert_same_rows([(49.0, 1, 0, self.hst)], by_batch=False, payment_term_id=terms.id)

    def test_a_tax_due_on_payment_is_left_to_odoo(self):
        account = self.company_data["default_account_revenue"].copy({"code": "299998"})
        account.reconcile = True
        self.env.company.tax_exigibility = True
        tax = self._tax(
            7.0, tax_exigibility="on_payment", cash_basis_transition_account_id=account.id
        )
        self.assert_same_rows([(49.0, 1, 0, tax)], by_batch=False)
