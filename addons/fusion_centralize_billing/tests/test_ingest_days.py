"""Usage counts on the subscription's own local day, half hours and summer time included."""

from datetime import date, datetime

from odoo.tests import tagged

from .usage_case import UsageCase


@tagged("post_install", "-at_install", "fc_ingest")
class TestIngestDays(UsageCase):
    def _day(self, tz: str, at: datetime) -> date:
        sub = f"{tz}-{at}"
        order = self.make_order(sub, x_fc_tz=tz, start_date=date(2025, 1, 1))
        self.push(self.item("a", at=at, sub=sub))
        return next(iter(self.rollup(order)))

    def test_the_month_ends_at_the_local_midnight_of_each_province(self) -> None:
        # Standard time: Newfoundland is UTC-3:30, Ontario UTC-5, British Columbia UTC-8.
        cases = [
            ("America/St_Johns", datetime(2026, 3, 1, 3, 29, 59), date(2026, 2, 28)),
            ("America/St_Johns", datetime(2026, 3, 1, 3, 30), date(2026, 3, 1)),
            ("America/Toronto", datetime(2026, 3, 1, 4, 59, 59), date(2026, 2, 28)),
            ("America/Toronto", datetime(2026, 3, 1, 5), date(2026, 3, 1)),
            ("America/Vancouver", datetime(2026, 3, 1, 7, 59, 59), date(2026, 2, 28)),
            ("America/Vancouver", datetime(2026, 3, 1, 8), date(2026, 3, 1)),
        ]
        for tz, at, day in cases:
            self.assertEqual(self._day(tz, at), day, f"{tz} {at}")

    def test_the_end_of_march_is_an_hour_earlier_in_utc_once_summer_time_began(self) -> None:
        # Clocks go forward on 8 March 2026: Newfoundland UTC-2:30, Ontario UTC-4.
        cases = [
            ("America/St_Johns", datetime(2026, 4, 1, 2, 29, 59), date(2026, 3, 31)),
            ("America/St_Johns", datetime(2026, 4, 1, 2, 30), date(2026, 4, 1)),
            ("America/Toronto", datetime(2026, 4, 1, 3, 59, 59), date(2026, 3, 31)),
            ("America/Toronto", datetime(2026, 4, 1, 4), date(2026, 4, 1)),
        ]
        for tz, at, day in cases:
            self.assertEqual(self._day(tz, at), day, f"{tz} {at}")

    def test_the_day_of_23_hours_is_one_day(self) -> None:
        order = self.make_order("sub-1", x_fc_tz="America/Toronto")
        self.push(
            self.item("first", 1, at=datetime(2026, 3, 8, 5)),
            self.item("last", 1, at=datetime(2026, 3, 9, 3, 59, 59)),
            self.item("next", 1, at=datetime(2026, 3, 9, 4)),
        )
        totals = {day: figures["total"] for day, figures in self.rollup(order).items()}
        self.assertEqual(totals, {date(2026, 3, 8): 2, date(2026, 3, 9): 1})

    def test_without_an_own_timezone_the_service_decides(self) -> None:
        order = self.make_order("sub-1", x_fc_tz=False)
        self.push(self.item("a", at=datetime(2026, 3, 11, 3)))
        self.assertEqual(list(self.rollup(order)), [date(2026, 3, 10)])
