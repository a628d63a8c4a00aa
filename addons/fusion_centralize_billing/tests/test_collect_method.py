"""A method is a row: how long it takes, when it is announced, how often it may be tried."""

from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .declines_case import DeclinesCase

PROVIDER = "odoo.addons.payment.models.payment_provider"


@tagged("post_install", "-at_install")
class TestCollectMethod(DeclinesCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        card = cls.env.ref("payment.payment_method_card")
        cls.method = cls.env["payment.method"].create(
            {
                "name": "Moon Debit",
                "code": "moon_debit",
                "image": card.image,
                "support_tokenization": True,
                "provider_ids": [Command.set(cls.provider.ids)],
                "x_fc_notice_days": 3,
                "x_fc_notice_template_id": cls.env.ref(
                    "fusion_centralize_billing.mail_charge_notice"
                ).id,
                "x_fc_settlement_days": 4,
                "x_fc_max_tries": 2,
            }
        )

    def setUp(self) -> None:
        super().setUp()
        self.enterContext(mute_logger(PROVIDER))

    def debit(self) -> None:
        """The invoice goes to an account of the new method instead of the card."""
        self.card.payment_method_id = self.method
        self.invoice.next_charge_date = False
        self.invoice.with_context(billing_date=self.START)._schedule_charge()

    def notices(self):
        domain = [("model", "=", "account.move"), ("res_id", "=", self.invoice.id)]
        return self.env["mail.mail"].search(domain, order="id")

    # ------------------------------------------------------------------ announced
    def test_a_debit_is_announced_and_taken_so_many_days_later(self):
        self.debit()
        self.assertEqual(self.invoice.next_charge_date, date(2026, 3, 4))
        self.assertEqual(self.invoice.x_fc_debit_notice_on, self.START)
        self.assertIn("Moon Debit", self.notices().body_html)
        self.assertIn(self.partner, self.notices().recipient_ids)
        self.invoice.with_context(billing_date=date(2026, 3, 2))._schedule_charge()
        self.assertEqual(self.invoice.next_charge_date, date(2026, 3, 4))
        self.live(1, 2, 3)
        self.assertEqual((len(self.notices()), self.taken()), (1, []))
        self.assertFalse(self.case)
        self.live(4)
        self.assertEqual(self.taken(), [2900])

    def test_nobody_is_debited_who_cannot_be_told(self):
        self.partner.email = False
        self.debit()
        self.assertFalse(self.invoice.next_charge_date)
        self.assertFalse(self.notices())

    def test_a_shadow_service_announces_nothing(self):
        self.service.mode = "shadow"
        self.debit()
        self.assertFalse(self.notices())

    def test_a_notice_needs_its_mail(self):
        with self.assertRaisesRegex(ValidationError, "Moon Debit"):
            self.method.x_fc_notice_template_id = False

    # ------------------------------------------------------------------ under way
    def test_a_debit_under_way_is_not_unpaid_until_its_days_are_over(self):
        self.debit()
        self.says("processing")
        self.live(1, 4)
        self.assertEqual(self.tries().state, "pending")
        self.live(5, 6, 7, 8)
        self.assertFalse(self.case)
        self.assertEqual(self.state, "active")
        self.live(9)
        self.assertEqual(self.case.counted_from, date(2026, 3, 8))
        self.assertEqual(self.state, "past_due")

    def test_a_debit_that_fails_in_the_end_begins_the_calendar_with_its_first_step(self):
        self.debit()
        self.says("processing", "insufficient_funds", "insufficient_funds")
        self.live(4, 6)
        self.tries()._set_error("Insufficient funds.")
        self.live(7)
        self.assertEqual(self.story(), [(7, "mail", "done")])
        self.live(8, 9)
        self.assertEqual(self.days_of_tries(), [4, 9])
        self.assertEqual(len(self.notices()), 1)
        self.live(10, 11)
        self.assertEqual(self.days_of_tries(), [4, 9])  # two tries, says the row
        self.assertIn("as often as the method allows", self.case.action_ids.sorted("id")[-1].note)

    def test_a_suspended_service_waits_for_the_debit_and_is_not_resumed_by_hope(self):
        self.says(*["insufficient_funds"] * 4)
        self.live(1, 2, 4, 6, 11, 12)
        self.assertEqual(self.state, "suspended")
        self.says("processing")
        self.invoice.with_context(billing_date=date(2026, 3, 20))._schedule_charge()
        self.live(20)
        self.assertEqual(self.tries()[-1:].state, "pending")
        self.assertEqual((self.state, self.case.state), ("suspended", "open"))

    def test_what_is_under_way_is_not_cut_off_for_beside_what_is_not(self):
        self.live_with_a_cent_open()
        self.assertEqual(self.enforce._balance_to_cut_for(self.case), 0)
        self.assertEqual(self.case.balance, 29.0)

    def live_with_a_cent_open(self) -> None:
        self.invoice.next_charge_date = False
        self.live(2)
        self.says("processing")
        self.invoice.with_context(billing_date=date(2026, 3, 3))._schedule_charge()
        self.live(3)

    def test_an_answer_that_was_lost_is_not_dunned_for_until_it_should_be_known(self):
        self.stripe.fail("before", "500", "POST payment_intents")
        self.live(1, 2, 3)
        self.assertEqual(self.tries().charge_outcome, "unknown")
        self.assertFalse(self.case)
        self.live(4)
        self.assertEqual(self.case.state, "open")

    def test_what_the_customer_paid_by_a_slow_method_is_waited_for_as_well(self):
        self.invoice.next_charge_date = False
        self.service.test_clock = False
        with freeze_time("2026-03-02 17:00:00"):
            self.env["payment.transaction"].create(
                {
                    "provider_id": self.provider.id,
                    "payment_method_id": self.method.id,
                    "amount": 29,
                    "currency_id": self.currency.id,
                    "partner_id": self.partner.id,
                    "operation": "online_direct",
                    "invoice_ids": [Command.set(self.invoice.ids)],
                    "reference": "by-hand",
                }
            )._set_pending()
        for day, opened in ((3, 0), (6, 0), (7, 1)):
            with freeze_time(f"2026-03-0{day} 17:00:00"):
                self.enforce._run(self.service)
            self.assertEqual(len(self.case), opened)

    # ------------------------------------------------------------------ tried again
    def test_a_method_that_is_not_repeated_asks_the_customer(self):
        self.method.x_fc_retryable = False
        self.policy.payment_mail_template_id = self.env.ref(
            "fusion_centralize_billing.mail_confirm_payment"
        )
        self.debit()
        self.says(*["insufficient_funds"] * 3)
        self.live(4, 5, 7)
        self.assertEqual(self.days_of_tries(), [4])
        self.assertEqual(self.tries().x_fc_asked_for, "payment")
        self.assertIn("not tried again", self.case.action_ids.sorted("id")[-1].note)

    def test_nobody_charges_a_card_beyond_the_networks_cap(self):
        card = self.env.ref("payment.payment_method_card")
        self.assertEqual((card.x_fc_max_tries, card.x_fc_tries_days), (20, 30))
        card.x_fc_max_tries = 3
        self.says(*["insufficient_funds"] * 9)
        for _again in range(5):
            self.invoice.with_context(billing_date=self.START)._schedule_charge()
            self.live(1)
        self.assertEqual(len(self.tries()), 3)
        self.invoice.with_context(billing_date=date(2026, 3, 31))._schedule_charge()
        self.live(31)
        self.assertEqual(len(self.tries()), 4)

    def test_the_canadian_debit_is_delivered_as_data(self):
        debit = self.env.ref("fusion_centralize_billing.payment_method_acss_debit")
        self.assertRecordValues(
            debit,
            [
                {
                    "code": "acss_debit",
                    "x_fc_notice_days": 10,
                    "x_fc_settlement_days": 7,
                    "x_fc_reversible_days": 90,
                    "x_fc_max_tries": 2,
                }
            ],
        )
        brand = self.env["payment.method"].create(
            {"name": "A Brand", "code": "brand", "image": debit.image,
             "primary_payment_method_id": debit.id}
        )  # fmt: skip
        self.assertEqual(brand._x_fc_rules(), debit)
