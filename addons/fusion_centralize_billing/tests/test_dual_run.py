"""Three shadow periods with planted errors of every class: each found, none invented."""

from odoo.tests import tagged

from .dual_run_case import PERIODS, DualRunCase

# What is planted into the app's invoice of the second period, and what must come of it.
PLANTED = {
    "usage": {"used": "1500"},
    "rate": {"price": "0.06"},
    "quota": {"usage": "70.00"},
    "proration": {"base": "14.50"},
    "rounding": {"usage": "20.01"},
    "coupon": {"discount": "-5.00"},
    "tax": {"tax": "9.99"},
    "currency": {"currency": "EUR"},
    "unexplained": {"used": "1500", "usage": "99.00"},
}


@tagged("post_install", "-at_install")
class TestDualRun(DualRunCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.env.ref("base.EUR").active = True
        cls.orders = {name: cls.subscribe(name) for name in PLANTED}
        cls.clean = cls.subscribe("clean")
        cls.late = cls.subscribe("timing")
        cls.gone = cls.subscribe("missing_there")
        items = []
        for name, order in cls.orders.items():
            items += [
                cls.app_invoice(order, i, **(PLANTED[name] if i == 1 else {})) for i in (0, 1, 2)
            ]
        items += [cls.app_invoice(cls.clean, i) for i in (0, 1, 2)]
        # 50 GB of the first period were billed with the second one.
        items += [cls.app_invoice(cls.late, i, **plant) for i, plant in enumerate(
            ({"used": "1200"}, {"used": "1450"}, {})
        )]  # fmt: skip
        items += [cls.app_invoice(cls.gone, i) for i in (0, 2)]
        unknown = cls.app_invoice(cls.clean, 0)
        items.append({**unknown, "external_invoice_id": "x", "external_subscription_id": "nobody"})
        cls.told(*items)
        cls.before = cls.tables()
        cls.report = cls.stage._run(cls.service, PERIODS[0][0], PERIODS[-1][1])
        cls.after = cls.tables()

    @classmethod
    def tables(cls) -> list:
        """Rows of everything that billing writes, and which transactions wrote them."""
        cls.env.flush_all()
        found = []
        for table in ("account_move", "account_move_line", "sale_order", "fusion_billing_period"):
            cls.env.cr.execute(f"SELECT count(*), max(write_date), max(id) FROM {table}")
            found.append(cls.env.cr.fetchone())
        return found

    def test_each_planted_error_is_found_and_named_and_no_other_is(self):
        for name, order in self.orders.items():
            with self.subTest(planted=name):
                classes = self.rows(order).mapped("difference_class")
                self.assertEqual(classes, ["match", name, "match"])

    def test_tax_that_follows_from_a_line_is_of_its_class_and_other_lines_match(self):
        [row] = self.rows(self.orders["usage"])[1]
        found = {line.kind: line.difference_class for line in row.line_ids}
        self.assertEqual(found, {"base": "match", "usage": "usage", "tax": "usage"})
        line = row.line_ids.filtered(lambda line: line.kind == "usage")
        self.assertEqual((line.app_quantity, line.our_quantity), ("1500", "1400"))
        self.assertEqual(line.evidence, {"app": "1500", "our": "1400"})
        self.assertEqual((row.app_amount, row.our_amount), (54.0, 49.0))
        self.assertEqual((row.app_tax, row.our_tax), (7.02, 6.37))

    def test_what_was_billed_a_period_later_is_timing_in_both(self):
        classes = self.rows(self.late).mapped("difference_class")
        self.assertEqual(classes, ["timing", "timing", "match"])

    def test_what_one_side_alone_billed_is_missing(self):
        classes = self.rows(self.gone).mapped("difference_class")
        self.assertEqual(classes, ["match", "missing_there", "match"])
        nobody = self.rows().filtered(lambda row: not row.subscription_id)
        self.assertEqual(nobody.mapped("difference_class"), ["missing_here"])

    def test_the_clean_one_matches_and_nothing_was_billed(self):
        self.assertEqual(self.rows(self.clean).mapped("difference_class"), ["match"] * 3)
        self.assertEqual(self.before, self.after)
        self.assertEqual(self.report["compared"], 37)

    def test_what_our_run_would_park_is_missing_here(self):
        self.clean.partner_id.state_id = False
        self.told(self.app_invoice(self.clean, 0))
        self.assertGreater(self.compare()["missing_here"], 0)
        mine = self.rows(self.clean)
        self.assertEqual(set(mine.mapped("difference_class")), {"missing_here"})

    def test_comparing_again_writes_nothing(self):
        self.assertEqual(self.compare()["written"], 0)
        self.told(self.app_invoice(self.clean, 0, used="1251"))
        self.assertEqual(self.compare()["written"], 1)
