"""Ten weeks of one customer of every kind of end; a quarter of 300 is `bench/quarter.py`."""

from unittest.mock import patch

from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from .quarter import oracle
from .quarter.checks import broken
from .quarter.company import Quarter, StripeDouble
from .quarter.scripts import SHORT, some

PROVIDER = "odoo.addons.payment.models.payment_provider"
DAYS = 66


@tagged("post_install", "-at_install", "fc_simulation")
class TestQuarter(TransactionCase):
    @mute_logger(PROVIDER)
    def test_every_kind_of_customer_ends_as_the_policy_says_and_no_cent_is_lost(self) -> None:
        # Card charges are made durable first; here the whole quarter is one transaction.
        with StripeDouble() as stripe, patch.object(self.env.cr, "commit", self.env.flush_all):
            quarter = Quarter(self.env, stripe, some(), DAYS)
            quarter.live()
            self.assertEqual(list(broken(quarter)), [])
            self.see_it_find(quarter)
        seen = {state for customer in quarter.customers for state in customer.states.values()}
        self.assertEqual(seen, {"active", "past_due", "suspended", "terminated"})
        self.assertEqual([customer.kind for customer in quarter.customers], list(SHORT))

    def see_it_find(self, quarter: Quarter) -> None:
        """The checks are no ornament: another policy, or a cent, is found."""
        with patch.object(oracle, "SUSPENSION", 12):
            self.assertRegex("\n".join(broken(quarter)), r"suspended and not past_due")
        (first, *_others) = quarter.stripe.intents(status="succeeded")
        first["amount_received"] += 1
        self.assertRegex("\n".join(broken(quarter)), r"Stripe kept \d+, the book has")
