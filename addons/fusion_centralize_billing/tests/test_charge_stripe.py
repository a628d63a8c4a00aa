"""Saved cards at Stripe: what a decline says, and answers that get lost."""

from odoo.tests import tagged
from odoo.tools import mute_logger

from .stripe_case import StripeCase

PROVIDER = "odoo.addons.payment.models.payment_provider"


@tagged("post_install", "-at_install")
class TestChargeStripe(StripeCase):
    def test_a_saved_card_is_charged_and_the_invoice_paid(self):
        order = self.order()
        self.run_charges()
        charge = order.invoice_ids.charge_ids
        self.assertEqual(self.taken(), [10000])
        self.assertRecordValues(charge, [{"state": "done", "charge_outcome": "paid"}])
        self.assertEqual(charge.provider_reference, self.stripe.intents()[0]["id"])
        self.assertIn(order.invoice_ids.payment_state, ("paid", "in_payment"))

    @mute_logger(PROVIDER)
    def test_a_decline_keeps_its_codes_and_the_id_of_the_intent(self):
        order = self.order("4000000000009995")
        self.run_charges()
        charge = order.invoice_ids.charge_ids
        self.assertRecordValues(
            charge,
            [
                {
                    "state": "error",
                    "charge_outcome": "declined",
                    "charge_code": "card_declined",
                    "charge_decline_code": "insufficient_funds",
                    "provider_reference": self.stripe.intents()[0]["id"],
                }
            ],
        )
        self.assertEqual(order.invoice_ids.payment_state, "not_paid")
        self.assertFalse(order.payment_exception)

    @mute_logger(PROVIDER)
    def test_a_retry_is_a_new_request_and_one_invoice(self):
        order = self.order()
        self.stripe.script(order.payment_token_id.stripe_payment_method, "insufficient_funds")
        self.run_charges()
        self.run_charges()
        self.assertEqual(self.taken(), [])
        self.run_charges("2026-03-02")
        self.assertEqual(self.taken(), [10000])
        self.assertEqual(order.invoice_ids.amount_residual, 0)
        self.assertEqual(order.invoice_count, 1)

    @mute_logger(PROVIDER)
    def test_a_lost_answer_is_resolved_by_asking_and_charged_once(self):
        for when, kind in (
            ("after", "drop"),
            ("after", "500"),
            ("before", "drop"),
            ("before", "429"),
        ):
            with self.subTest(when=when, kind=kind):
                self.stripe.reset()
                order = self.order()
                self.stripe.fail(when, kind, "POST payment_intents")
                self.run_charges()
                self.assertEqual(order.invoice_ids.charge_ids.charge_outcome, "unknown")
                self.assertTrue(order.payment_exception)
                self.run_charges("2026-03-01", "13:00:00")
                self.assertEqual(self.taken(), [10000])
                self.assertEqual(order.invoice_ids.charge_ids.charge_outcome, "paid")
                self.assertEqual(order.invoice_ids.amount_residual, 0)
                self.assertFalse(order.payment_exception)

    @mute_logger(PROVIDER)
    def test_a_server_error_that_is_replayed_is_given_up_and_charged_anew(self):
        order = self.order()
        self.stripe.fail("before", "500", "POST payment_intents")
        self.run_charges()
        self.run_charges("2026-03-01", "13:00:00")
        self.assertEqual(self.taken(), [])
        self.assertTrue(order.payment_exception)
        self.run_charges("2026-03-02", "13:00:00")
        self.assertEqual(self.taken(), [10000])
        outcomes = order.invoice_ids.charge_ids.sorted("id").mapped("charge_outcome")
        self.assertEqual(outcomes, ["void", "paid"])
        self.assertFalse(order.payment_exception)

    @mute_logger(PROVIDER)
    def test_a_charge_that_appears_hours_after_its_server_error_is_found_and_not_repeated(self):
        order = self.order()
        self.stripe.fail("before", "500", "POST payment_intents")
        self.run_charges()
        self.run_charges("2026-03-01", "13:00:00")
        charge = order.invoice_ids.charge_ids
        self.assertEqual(charge.charge_outcome, "unknown")
        self.assertEqual(self.stripe.intents(), [])
        # Stripe mends itself: nobody asked it to in between.
        self.provider._send_api_request(
            "POST",
            "payment_intents",
            data={
                "amount": 10000,
                "currency": charge.currency_id.name.lower(),
                "customer": charge.token_id.provider_ref,
                "payment_method": charge.token_id.stripe_payment_method,
                "description": charge.reference,
                "confirm": True,
                "off_session": True,
            },
        )
        self.run_charges("2026-03-01", "18:00:00")
        self.run_charges("2026-03-02", "13:00:00")
        self.assertEqual(charge.charge_outcome, "paid")
        self.assertEqual(self.taken(), [10000])
        self.assertEqual(order.invoice_ids.charge_ids, charge)

    @mute_logger(PROVIDER)
    def test_while_stripe_cannot_be_asked_nothing_is_charged(self):
        order = self.order()
        self.stripe.fail("after", "drop", "POST payment_intents")
        self.run_charges()
        for hour in ("13", "14"):
            self.stripe.fail("before", "drop", "GET payment_intents")
            self.run_charges("2026-03-01", f"{hour}:00:00")
        self.assertEqual(order.invoice_ids.charge_ids.charge_outcome, "unknown")
        self.assertTrue(order.payment_exception)
        self.assertEqual(len(self.stripe.intents()), 1)

    @mute_logger(PROVIDER)
    def test_a_person_who_unticks_too_early_does_not_cause_a_second_charge(self):
        order = self.order()
        self.stripe.fail("after", "drop", "POST payment_intents")
        self.run_charges()
        order.payment_exception = False
        self.run_charges("2026-03-01", "13:00:00")
        self.assertEqual(self.taken(), [10000])
        self.assertEqual(len(order.invoice_ids.charge_ids), 1)

    @mute_logger(PROVIDER)
    def test_a_decline_whose_answer_was_lost_is_found_with_its_codes(self):
        order = self.order("4000000000009979")
        self.stripe.fail("after", "drop", "POST payment_intents")
        self.run_charges()
        self.run_charges("2026-03-01", "13:00:00")
        self.assertRecordValues(
            order.invoice_ids.charge_ids,
            [{"charge_outcome": "declined", "charge_decline_code": "stolen_card"}],
        )
        self.assertFalse(order.payment_exception)

    def test_a_bank_that_wants_the_customer_has_declined(self):
        order = self.order()
        self.stripe.script(order.payment_token_id.stripe_payment_method, "requires_action")
        self.run_charges()
        self.assertTrue(order.payment_exception)
        self.run_charges("2026-03-01", "13:00:00")
        self.assertRecordValues(
            order.invoice_ids.charge_ids,
            [{"charge_outcome": "declined", "charge_decline_code": "authentication_required"}],
        )

    def test_a_charge_under_way_at_the_bank_is_waited_for(self):
        order = self.order()
        self.stripe.script(order.payment_token_id.stripe_payment_method, "processing")
        self.run_charges()
        charge = order.invoice_ids.charge_ids
        self.run_charges("2026-03-01", "13:00:00")
        self.assertRecordValues(charge, [{"state": "pending", "charge_outcome": "open"}])
        self.stripe.ledger.objects[charge.provider_reference]["status"] = "succeeded"
        self.run_charges("2026-03-01", "14:00:00")
        self.assertEqual(charge.charge_outcome, "paid")
        self.assertEqual(order.invoice_ids.amount_residual, 0)

    @mute_logger(PROVIDER)
    def test_an_amount_that_stripe_tells_otherwise_is_for_a_person(self):
        order = self.order()
        self.stripe.fail("after", "drop", "POST payment_intents")
        self.run_charges()
        self.stripe.intents()[0]["amount"] = 4200
        self.run_charges("2026-03-01", "13:00:00")
        self.assertEqual(order.invoice_ids.charge_ids.charge_outcome, "mismatch")
        self.assertTrue(order.payment_exception)

    @mute_logger(PROVIDER)
    def test_a_key_that_stripe_does_not_know_is_no_decline(self):
        order = self.order()
        self.provider.stripe_secret_key = "another"
        self.run_charges()
        charge = order.invoice_ids.charge_ids
        self.assertRecordValues(charge, [{"charge_outcome": "refused", "charge_code": False}])
        self.assertFalse(order.payment_exception)

    def test_a_service_on_a_test_clock_charges_in_runs_of_its_own_only(self):
        order = self.order()
        order.invoice_ids.x_fc_service_id = self.service
        self.run_charges()
        self.assertEqual(self.stripe.intents(), [])
        self.service.test_clock = False
        self.run_charges()
        self.assertEqual(self.taken(), [10000])
        self.assertIn(order.invoice_ids.payment_state, ("in_payment", "paid"))

    def test_a_shadow_service_charges_nobody(self):
        shadow = self.make_service("shade", mode="shadow", test_clock=False)
        order = self.order()
        order.invoice_ids.x_fc_service_id = shadow
        self.run_charges()
        moves = self.env["account.move"].with_context(billing_date="2026-03-01")
        self.assertNotIn(order.invoice_ids, moves.search(moves._get_charge_domain()))
        self.assertEqual(self.stripe.intents(), [])
