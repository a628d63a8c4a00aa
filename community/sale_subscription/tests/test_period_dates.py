import doctest
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from odoo.tests import BaseCase, tagged

from ..models import period


@tagged("post_install", "-at_install")
class TestPeriodDates(BaseCase):
    def test_the_examples_in_the_module_are_true(self):
        results = doctest.testmod(period)
        self.assertGreater(results.attempted, 4)
        self.assertEqual(results.failed, 0)

    def test_any_day_of_six_years_lies_between_its_two_boundaries(self):
        steps = [
            relativedelta(weeks=1),
            relativedelta(weeks=3),
            relativedelta(months=1),
            relativedelta(months=5),
            relativedelta(years=1),
        ]
        for anchor in (date(2024, 1, 31), date(2024, 2, 29), date(2023, 3, 30)):
            for step in steps:
                for offset in range(-400, 1800, 5):
                    self._check_day(anchor, step, anchor + timedelta(days=offset))

    def _check_day(self, anchor, step, day):
        before = period.boundary_before(anchor, step, day)
        after = period.boundary_after(anchor, step, day)
        self.assertLess(before, day)
        self.assertLess(day, after)
        self.assertTrue(period.is_boundary(anchor, step, before))
        self.assertTrue(period.is_boundary(anchor, step, after))
        if not period.is_boundary(anchor, step, day):
            self.assertEqual(period.boundary_after(anchor, step, before), after)
