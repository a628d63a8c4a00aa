"""A service whose app bills two subscriptions, and a cut-over of both."""

from datetime import date

from odoo import Command

from .dual_run_case import PERIODS, DualRunCase

CUT = date(2026, 7, 1)  # where the period ends that the app has billed


class CutoverCase(DualRunCase):
    """Two subscriptions in shadow; the app bills on the first of each month."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.first, cls.second = cls.orders = cls.imported("sub-1") | cls.imported("sub-2")
        cls.cutover = cls.env["fusion.billing.cutover"].create(
            {"service_id": cls.service.id, "order_ids": [Command.set(cls.orders.ids)]}
        )

    @classmethod
    def imported(cls, external_id: str):
        order = cls.subscribe(external_id)
        order.write({"x_fc_current_period_start": PERIODS[-1][1], "x_fc_current_period_end": CUT})
        return order

    def prove(self, orders=None, *, periods: int = 3, sign: bool = True, **plant) -> None:
        """The app's invoices of the newest periods, compared and signed."""
        for order in self.orders if orders is None else orders:
            for index in range(3 - periods, 3):
                self.told(self.app_invoice(order, index, **plant))
            self.stage._run(self.service, PERIODS[3 - periods][0], PERIODS[-1][1])
            if sign:
                own = self.rows(order)
                for row in own.filtered(lambda row: row.difference_class != "match"):
                    row.note = "Agreed with the app's team"
                own.action_sign_off()

    def cut_over(self):
        self.prove()
        self.cutover.action_rehearse()
        self.cutover.action_cut_over()
        return self.cutover

    def bill(self, day: date = CUT):
        self.service.test_clock = f"{day} 12:00:00"
        return self.env["fusion.billing.invoice"]._run(self.service, day)

    def webhooks(self, kind: str):
        return self.env["fusion.billing.webhook"].search(
            [("service_id", "=", self.service.id), ("webhook_type", "=", kind)]
        )
