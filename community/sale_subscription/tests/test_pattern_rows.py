from odoo import Command
from odoo.tests import tagged

from .pattern_case import DAY, PatternCase


@tagged("post_install", "-at_install")
class TestPatternRows(PatternCase):
    """One book billed by the normal path and after a pattern: every column is the same."""

    def assert_same_rows(self, lines, written=2, **values):
        """Bill two equal books, one each way, and compare them. Then let the comparison run,
        which looks at every table, say the same of a third one."""
        normal, ours, third = (self._book(lines, **values) for _way in range(3))
        for book in (ours, third):
            for order, like in zip(book, normal, strict=True):
                order.client_order_ref = like.client_order_ref
        theirs = self._bill(normal, mode=False)
        third.next_invoice_date = "2026-04-15"  # not due yet
        report = self._compare()
        self.assertEqual([line.split(" ")[0] for line in report], ["Approved"], report)
        made = self._bill_by_pattern(ours, written)
        self.assertEqual(self._rows(made), self._rows(theirs))
        self.assert_gapless(theirs | made)
        for move in made:
            self.assertEqual((move.payment_reference, move.state), (move.name, "posted"))
            self.assertFalse(move.made_sequence_gap)
            self.assertEqual(move.invoice_origin, move.line_ids.sale_line_ids.order_id.name)
        return made

    def test_one_line_with_one_tax(self):
        made = self.assert_same_rows([(49.0, 1, 0, self.hst)])
        self.assertEqual(sorted(made.mapped("amount_total")), [55.37, 56.69, 63.73])

    def test_five_lines_with_gst_and_qst_hst_and_none(self):
        none = self.env["account.tax"]
        self.assert_same_rows(
            [
                (49.0, 1, 0, self.gst | self.qst),
                (12.5, 3, 0, self.hst),
                (7.25, 1, 0, none),
                (99.99, 2, 0, self.gst | self.qst),
                (3.1, 1, 0, self.hst),
            ]
        )

    def test_a_group_of_taxes_with_discounts_and_prices_that_have_to_be_rounded(self):
        quebec = self._tax(
            "Quebec",
            0.0,
            amount_type="group",
            children_tax_ids=[Command.set((self.gst | self.qst).ids)],
        )
        self.assert_same_rows([(0.333, 1.37, 0, quebec), (19.99, 0.333, 12.5, self.hst)] * 2)

    def test_taxes_rounded_on_the_whole_invoice(self):
        self.env.company.tax_calculation_rounding_method = "round_globally"
        self.assert_same_rows([(1.11, 1, 0, self.gst | self.qst)] * 5)

    def test_a_tax_that_is_included_in_the_price(self):
        self.assert_same_rows([(49.99, 3, 0, self.included), (10.01, 1, 5, self.included)])

    def test_a_line_that_is_free_beside_one_that_is_not(self):
        prices = [0.0, 0.0, 0.0]
        self.assert_same_rows(
            [(49.0, 1, 0, self.hst), (0.0, 2, 0, self.hst)], written=2, prices=prices
        )

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
        self.assert_same_rows([(33.33, 1, 0, self.hst)], payment_term_id=terms.id)

    def test_a_fiscal_position_that_maps_accounts(self):
        income = self.company_data["default_account_revenue"]
        elsewhere = income.copy({"code": "499999"})
        mapping = {"account_src_id": income.id, "account_dest_id": elsewhere.id}
        position = self.env["account.fiscal.position"].create(
            {"name": "Elsewhere", "account_ids": [Command.create(mapping)]}
        )
        self.assert_same_rows([(49.0, 1, 0, self.hst)], fiscal_position_id=position.id)

    def test_in_arrears_with_a_note_and_the_customers_own_reference(self):
        plan = self._plan("Afterwards", bill_end_period=True)
        orders = [self._book([(49.0, 1, 0, self.hst)], plan=plan) for _way in range(2)]
        for book in orders:
            for order in book:
                order.write(
                    {
                        "start_date": "2026-02-15",
                        "next_invoice_date": DAY,
                        "note": "<p>Thank you</p>",
                        "client_order_ref": f"PO {order.partner_id.name}",
                    }
                )
        theirs = self._bill(orders[0], mode=False)
        self.assertEqual([line.split(" ")[0] for line in self._compare()], ["Approved"])
        made = self._bill_by_pattern(orders[1], 2)
        self.assertEqual(self._rows(made), self._rows(theirs))
        self.assertEqual(set(made.mapped("ref")), set(theirs.mapped("ref")))

    def test_sections_and_notes(self):
        texts = [
            Command.create({"display_type": "line_section", "name": "Base", "sequence": 1}),
            Command.create({"display_type": "line_note", "name": "As agreed", "sequence": 99}),
        ]
        books = [self._book([(49.0, 1, 0, self.hst)] * 2) for _way in range(2)]
        for order in books[0] | books[1]:
            order.order_line = texts
        theirs = self._bill(books[0], mode=False)
        self.assertEqual([line.split(" ")[0] for line in self._compare()], ["Approved"])
        made = self._bill_by_pattern(books[1], 2)
        self.assertEqual(self._rows(made), self._rows(theirs))
        kinds = made[-1].invoice_line_ids.sorted("id").mapped("display_type")
        self.assertEqual(kinds, ["line_section", "product", "product", "line_note"])

    def test_a_customer_invoiced_at_another_address_and_an_old_customer(self):
        company = self.customers[1]
        company.is_company = True
        office = self.env["res.partner"].create(
            {"name": "Office", "parent_id": company.id, "type": "invoice", "customer_rank": 3}
        )
        books = [self._book([(49.0, 1, 0, self.hst)], count=4) for _way in range(2)]
        for book in books:
            book[2:].partner_invoice_id = office
        theirs = self._bill(books[0], mode=False)
        self._compare()
        made = self._bill_by_pattern(books[1], 1)
        self.assertEqual(self._rows(made), self._rows(theirs))
        self.assertEqual(made[-1].commercial_partner_id, company)

    def test_a_plan_that_mails_its_invoices(self):
        template = self.env.ref("account.email_template_edi_invoice")
        plan = self._plan("Mailed", invoice_mail_template_id=template.id)
        made = self.assert_same_rows([(49.0, 1, 0, self.hst)], plan=plan)
        self.assertEqual([move.sending_data["author_user_id"] for move in made], [self.env.uid] * 3)

    def test_two_journals_are_numbered_each_by_itself(self):
        journal = self.company_data["default_journal_sale"].copy({"code": "USAGE"})
        lines = [(49.0, 1, 0, self.hst)]
        books = [self._book(lines) | self._book(lines, journal_id=journal.id) for _way in range(2)]
        theirs = self._bill(books[0], mode=False)
        self.assertEqual([line.split(" ")[0] for line in self._compare()], ["Approved"] * 2)
        made = self._bill_by_pattern(books[1], 4)
        for moves in (theirs | made).grouped("journal_id").values():
            self.assertEqual(len(moves), 6)
            self.assert_gapless(moves)

    def test_the_second_period_of_the_same_orders(self):
        books = [self._book([(49.0, 2, 10, self.hst), (5.0, 1, 0, self.gst)]) for _way in range(2)]
        theirs = self._bill(books[0], mode=False)
        self._compare()
        made = self._bill_by_pattern(books[1], 2)
        later = {"billing_date": "2026-04-15"}
        theirs = self._bill(books[0], mode=False, **later)
        made = self._bill(books[1], **later)
        self.assertEqual(self._rows(made), self._rows(theirs))
        self.assertEqual(set(books[1].mapped("next_invoice_date")), {self._date("2026-05-15")})
