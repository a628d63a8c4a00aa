"""A customer with a saved card at the double, a policy, and a clock to turn."""

from datetime import datetime

from .dunning_case import DunningCase
from .stripe_case import WithStripe


class DeclinesCase(WithStripe, DunningCase):
    """`DunningCase` whose invoice of 1 March goes to the saved card ``self.card``."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.start_stripe()
        cls.cron = cls.env.ref("sale_subscription.ir_cron_charge_saved_cards")

    def setUp(self) -> None:
        super().setUp()
        self.card = self.token()
        self.order.payment_token_id = self.card
        self.invoice.with_context(billing_date=self.START)._schedule_charge()

    def says(self, *outcomes: str) -> None:
        """What the bank answers to the next charges of the card."""
        self.stripe.script(self.card.stripe_payment_method, *outcomes)

    def live(self, *days: int, month: int = 3, hour: int = 17) -> None:
        """Do on each of these days what the jobs of a real clock would."""
        for day in days:
            self.service.test_clock = datetime(2026, month, day, hour)
            self.service.action_enforce()
            with self.enter_registry_test_mode():
                self.cron.method_direct_trigger()

    def tries(self):
        return self.invoice.charge_ids.sorted("id")

    def days_of_tries(self) -> list[int]:
        return [attempt.charge_date.day for attempt in self.tries()]
