"""A subscription whose March invoice is overdue, a policy, and a clock to turn."""

from datetime import date, datetime
from decimal import Decimal

from .common import BillingCase


class DunningCase(BillingCase):
    """`BillingCase` with one confirmed order, invoiced on 1 March 2026, a Sunday, for 29.00.

    ``policy``   a copy of the default one: mails on day 1, retries on 3, 5, 10 and 30, suspends on
                 day 11 and terminates on day 40; below 5.00 nobody is suspended
    """

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        default = cls.env.ref("fusion_centralize_billing.dunning_policy_default")
        cls.policy = default.copy(
            {
                "company_id": cls.company.id,
                "currency_id": cls.currency.id,
                "business_days_only": False,
            }
        )
        cls.service.dunning_policy_id = cls.policy
        cls.partner.email = "ap@maple.example"
        cls.order = cls.make_order("sub-1")
        cls.enforce = cls.env["fusion.billing.enforce"]
        cls.invoice = cls.bill(cls.START)

    @classmethod
    def bill(cls, day: date):
        """The newest invoice after a billing run of that day."""
        cls.service.test_clock = datetime(day.year, day.month, day.day, 17)
        return cls.env["fusion.billing.invoice"]._run(cls.service, day).line_ids.invoice_id[-1:]

    def on(self, month: int, day: int, run: bool = True):
        """Noon of that day of 2026 in Toronto; the job runs."""
        self.service.test_clock = datetime(2026, month, day, 17)
        if run:
            self.enforce._run(self.service)
        return self.case

    def through(self, month: int, *days: int) -> None:
        for day in days:
            self.on(month, day)

    @property
    def case(self):
        return self.env["fusion.billing.dunning.case"].search(
            [("order_id", "=", self.order.id)], order="id desc", limit=1
        )

    @property
    def state(self) -> str:
        return self.order.x_fc_service_state

    def story(self) -> list[tuple]:
        """``[(day of the month it was done, action, outcome)]``."""
        return [
            (action.done_on.day, action.action, action.outcome)
            for action in self.case.action_ids.sorted("id")
        ]

    def mails(self):
        """Mails to the customer about the case, oldest first."""
        return self.env["mail.mail"].search(
            [("model", "=", "fusion.billing.dunning.case"), ("res_id", "in", self.case.ids)],
            order="id",
        )

    def pay(self, amount: str | None = None, invoice=None):
        """A payment of the invoice, in full unless told otherwise."""
        invoice = invoice or self.invoice
        cents = Decimal(amount or str(invoice.amount_residual)) * 100
        return self.env["fusion.billing.payment.api"]._receive(
            invoice.sudo(), int(cents), f"pay-{amount}-{invoice.id}", date(2026, 3, 20)
        )
