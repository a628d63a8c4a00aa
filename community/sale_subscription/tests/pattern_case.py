"""Shared case of the tests of pattern posting: books of orders, billed one way or the other."""

from odoo import Command

from .common import SubscriptionCase

DAY = "2026-03-15"
RUN = "odoo.addons.sale_subscription.models.pattern_run"
# Keys, numbers and times: two invoices never share them. What they must be is asserted apart.
OWN = {
    "access_token",
    "create_date",
    "date_order",
    "id",
    "invoice_line_id",
    "invoice_origin",
    "account_move_line_id",
    "move_id",
    "move_name",
    "name",
    "order_id",
    "order_line_id",
    "payment_reference",
    "ref",
    "sequence",
    "sequence_number",
    "subscription_id",
    "write_date",
}


class PatternCase(SubscriptionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.subscription_pattern_posting = True
        cls.patterns = cls.env["sale.subscription.pattern"].with_context(billing_date=DAY)
        cls.hst = cls._tax("HST", 13.0)
        cls.gst = cls._tax("GST", 5.0)
        cls.qst = cls._tax("QST", 9.975)
        cls.included = cls._tax("Included", 20.0, price_include_override="tax_included")
        cls.customers = cls.env["res.partner"].create(
            [
                {"name": f"Customer {number}", "country_id": cls.env.ref("base.ca").id}
                for number in range(6)
            ]
        )

    @classmethod
    def _tax(cls, name, amount, **values):
        return cls.env["account.tax"].create(
            {"name": f"Pattern {name}", "amount": amount, **values}
        )

    @classmethod
    def _book(cls, lines, count=3, prices=None, **values):
        """Due orders of one shape, each of another customer and with other prices.

        :param lines: ``[(price, quantity, discount, taxes)]``
        :param prices: what is added to the price of each order's lines
        """
        orders = cls.env["sale.order"]
        for number in range(count):
            own = {"partner_id": cls.customers[number].id, **values}
            order = cls._order(DAY, lines=[(cls.hosting, 1)] * len(lines), **own)
            more = (prices or [0.0, 1.17, 7.4, 0.03, 12.0, 100.1])[number]
            for line, (price, quantity, discount, taxes) in zip(
                order.order_line, lines, strict=True
            ):
                line.write(
                    {
                        "price_unit": price + more,
                        "product_uom_qty": quantity,
                        "discount": discount,
                        "tax_ids": [Command.set(taxes.ids)],
                    }
                )
            orders |= order
        return orders

    def _compare(self, limit=200):
        """The report of a comparison run, as lines."""
        return self.patterns._compare_pattern_posting(limit).split("\n")

    def _bill(self, orders, mode=None, **context):
        self.env.flush_all()
        self.env.invalidate_all()
        context = {"billing_date": DAY, **context}
        if mode is not None:
            context["pattern_posting"] = mode
        return orders.with_context(**context)._create_recurring_invoice(batch_size=50)

    def _bill_by_pattern(self, orders, count):
        """Bill them, and see in the log that so many were written after a pattern."""
        with self.assertLogs(RUN, "DEBUG") as log:
            moves = self._bill(orders)
        self.assertIn(f"{count} invoices after", " ".join(log.output))
        return moves

    def _rows(self, moves):
        """What there is of the invoices and their orders, by the order's place in the book."""
        self.env.flush_all()
        return [self._rows_of(move) for move in moves.sorted(lambda move: move.partner_id.id)]

    def _rows_of(self, move):
        orders = move.line_ids.sale_line_ids.order_id
        lines = move.line_ids.sorted("id")
        first = lines[0].sequence
        return {
            "move": self._select("account_move", "id", move.ids),
            "lines": self._select("account_move_line", "move_id", move.ids),
            "names": self._names(move),
            "taxes": [line.tax_ids for line in lines],
            "tags": [line.tax_tag_ids for line in lines],
            "sale lines": [line.sale_line_ids.name for line in lines],
            "sequences": [line.sequence - first for line in move.invoice_line_ids.sorted("id")],
            "orders": self._select("sale_order", "id", orders.ids),
            "order lines": self._select("sale_order_line", "order_id", orders.ids),
            "claims": self._select("sale_subscription_claim", "move_id", move.ids),
        }

    def _names(self, move):
        return [
            (line.name or "").replace(move.ref, "REF").replace(move.name, "NAME")
            for line in move.line_ids.sorted("id")
        ]

    def _select(self, table, column, ids):
        self.env.cr.execute(
            f"SELECT to_jsonb(t) FROM {table} t WHERE {column} = ANY(%s) ORDER BY id", [ids]
        )
        return [
            {key: value for key, value in row.items() if key not in OWN}
            for (row,) in self.env.cr.fetchall()
        ]

    def assert_gapless(self, moves):
        numbers = sorted(moves.mapped("sequence_number"))
        self.assertEqual(numbers, list(range(numbers[0], numbers[0] + len(moves))))
