"""Subscriptions whose card is charged at a Stripe on this machine: the real provider, real HTTP."""

import sys
from pathlib import Path

from freezegun import freeze_time

from odoo import Command

from ..models.payment_provider import PARAMETER
from .common import BillingCase

# The double is a tool of the repository, which tests are run from; it is no part of the addon.
sys.path.append(str(Path(__file__).resolve().parents[3]))
from tools.stripe_double import StripeDouble  # noqa: E402

WEBHOOK_SECRET = "whsec_of_the_tests"


class WithStripe:
    """``stripe`` is the double, ``provider`` Odoo's own, ``token()`` a card of ``partner``."""

    @classmethod
    def start_stripe(cls) -> None:
        cls.stripe = StripeDouble().start()
        cls.addClassCleanup(cls.stripe.stop)
        cls.env["ir.config_parameter"].set_param(PARAMETER, cls.stripe.url)
        cls.provider = cls.env["payment.provider"].search(
            [("code", "=", "stripe"), ("company_id", "=", cls.env.company.id)], limit=1
        )
        cls.provider.write(
            {
                "state": "test",
                "stripe_secret_key": "sk_test_double",
                "stripe_publishable_key": "pk_test_double",
                "stripe_webhook_secret": WEBHOOK_SECRET,
            }
        )

    def setUp(self) -> None:
        # Rolled-back tests use the same references, so the same idempotency keys, again.
        self.stripe.reset()
        super().setUp()

    def token(self, number: str = "4242424242424242"):
        customer, method = self.stripe.card(number)
        return self.env["payment.token"].create(
            {
                "provider_id": self.provider.id,
                "payment_method_id": self.env.ref("payment.payment_method_card").id,
                "payment_details": number[-4:],
                "provider_ref": customer,
                "stripe_payment_method": method,
                "partner_id": self.partner.id,
            }
        )

    def taken(self) -> list[int]:
        """The amounts that Stripe took, in cents."""
        return [intent["amount"] for intent in self.stripe.intents(status="succeeded")]


class StripeCase(WithStripe, BillingCase):
    """``cron`` is the job that charges, ``order()`` an invoiced contract of 100.00."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.start_stripe()
        cls.cron = cls.env.ref("sale_subscription.ir_cron_charge_saved_cards")
        cls.base_product.list_price = 100.0

    def order(self, number: str = "4242424242424242", **values):
        """A monthly contract from 1 March 2026 on, with its first invoice, not yet charged."""
        with freeze_time("2026-03-01 12:00:00"):
            order = self.env["sale.order"].create(
                {
                    "partner_id": self.partner.id,
                    "plan_id": self.env["sale.subscription.plan"].create({"name": "Monthly"}).id,
                    "start_date": "2026-03-01",
                    "require_payment": False,
                    "payment_token_id": self.token(number).id,
                    "order_line": [
                        Command.create({"product_id": self.base_product.id, "price_unit": 100.0})
                    ],
                    **values,
                }
            )
            order.action_confirm()
            order._create_recurring_invoice()
        return order

    def run_charges(self, day: str = "2026-03-01", time: str = "12:00:00") -> None:
        """One run of the job, as the scheduler makes it."""
        with freeze_time(f"{day} {time}"), self.enter_registry_test_mode():
            self.cron.method_direct_trigger()
