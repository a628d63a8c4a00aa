from fractions import Fraction

from freezegun import freeze_time

from .common import SubscriptionCase


@freeze_time("2026-01-01 12:00:00")
class TestProration(SubscriptionCase):
    """A prorated line is rounded once, on its amount, whatever its quantity and discount."""

    def _line(self, price, quantity=1, discount=0.0):
        order = self._order("2026-01-01", lines=[(self.hosting, quantity)], confirm=False)
        order.order_line.write({"price_unit": price, "discount": discount})
        return order.order_line

    def _prorated(self, price, ratio, quantity=1, discount=0.0):
        line = self._line(price, quantity, discount)
        values = {"price_unit": price, "quantity": float(quantity), "discount": discount}
        return line._get_prorated_price(values, ratio)

    def test_one_unit_is_written_in_cents(self):
        self.assertEqual(self._prorated(49.99, Fraction(17, 31)), 27.41)

    def test_half_a_cent_goes_up(self):
        self.assertEqual(self._prorated(49.99, Fraction(1, 2)), 25.0)

    def test_many_units_keep_the_digits_their_amount_needs(self):
        price = self._prorated(0.07, Fraction(17, 31), quantity=1000)
        self.assertEqual(price, 0.03839)  # 0.038387… × 1000 = 38.387…, so 38.39

    def test_a_discount_is_part_of_the_amount(self):
        # 100.00 × 1/3 less 10 % is 30.00; 33.33 would make it 29.997 before rounding.
        price = self._prorated(100.0, Fraction(1, 3), discount=10.0)
        self.assertEqual(price, 33.333333333333)

    def test_the_unrounded_line_is_the_rounded_one(self):
        # 2 × 39.99 × 1/2 = 39.99: two units of 19.995, and not of 19.993 or 20.00.
        self.assertEqual(self._prorated(39.99, Fraction(1, 2), quantity=2), 19.995)

    def test_a_negative_line_mirrors_a_positive_one(self):
        self.assertEqual(self._prorated(-49.99, Fraction(1, 2)), -25.0)

    def test_the_invoice_shows_the_once_rounded_amount(self):
        cases = [(49.99, 1, 0.0, 27.41), (0.07, 1000, 0.0, 38.39), (19.99, 3, 12.5, 28.78)]
        plan = self._plan("Aligned", billing_first_day=True)
        for price, quantity, discount, expected in cases:
            order = self._order("2026-01-15", plan=plan, lines=[(self.hosting, quantity)])
            order.order_line.write({"price_unit": price, "discount": discount})
            invoice = order.with_context(billing_date="2026-01-15")._create_recurring_invoice()
            with self.subTest(price=price, quantity=quantity, discount=discount):
                self.assertEqual(invoice.amount_untaxed, expected)
