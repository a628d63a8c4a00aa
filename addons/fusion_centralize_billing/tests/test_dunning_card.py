"""One calendar for the card: the policy's, where it has one; and what each code says about it."""

from odoo.tests import tagged
from odoo.tools import mute_logger

from .declines_case import DeclinesCase

PROVIDER = "odoo.addons.payment.models.payment_provider"


@tagged("post_install", "-at_install")
class TestDunningCard(DeclinesCase):
    def setUp(self) -> None:
        super().setUp()
        self.enterContext(mute_logger(PROVIDER))

    # ------------------------------------------------------------------ one calendar
    def test_the_policy_alone_says_when_the_card_is_tried_again(self):
        self.says(*["insufficient_funds"] * 20)
        self.live(*range(1, 14))
        self.assertEqual(self.days_of_tries(), [1, 4, 6, 11])
        self.assertEqual(self.state, "suspended")
        said = " ".join(self.order.message_ids.mapped("body"))
        self.assertIn("The dunning policy says when it is tried again.", said)
        self.assertNotIn("not tried again by itself", said)

    def test_a_policy_without_retries_leaves_the_cards_own_days(self):
        self.policy.step_ids.filtered(lambda step: step.action == "retry").unlink()
        self.says(*["insufficient_funds"] * 20)
        self.live(*range(1, 11))
        self.assertEqual(self.days_of_tries(), [1, 2, 5, 10])

    def test_without_a_policy_or_where_it_does_not_apply_the_days_are_the_cards_own(self):
        self.says(*["insufficient_funds"] * 20)
        self.order.x_fc_dunning_exempt = True
        self.live(1, 2)
        self.service.dunning_policy_id = False
        self.live(3, 4, 5)
        self.assertEqual(self.days_of_tries(), [1, 2, 5])

    def test_a_new_card_is_not_charged_for_what_was_disputed_or_given_up(self):
        for name, value in (("x_fc_no_dunning", True), ("x_fc_dispute_lost_at", "2026-03-02")):
            with self.subTest(name):
                self.says("expired_card")
                self.live(1)
                tried = len(self.tries())
                self.invoice[name] = value
                self.order.payment_token_id = self.token()
                self.invoice.next_charge_date = "2026-03-01"  # whoever had put it there
                self.live(2, 3)
                self.assertEqual(len(self.tries()), tried)
                self.invoice[name] = False

    # ------------------------------------------------------------------ what was said
    def test_an_attempt_keeps_every_code_its_class_and_its_intent(self):
        self.says("insufficient_funds/do_not_try_again")
        self.live(1)
        self.assertRecordValues(
            self.tries(),
            [
                {
                    "charge_code": "card_declined",
                    "charge_decline_code": "insufficient_funds",
                    "charge_advice_code": "do_not_try_again",
                    "x_fc_decline_class": "new_card",
                    "provider_reference": self.stripe.intents()[0]["id"],
                }
            ],
        )
        values = self.tries()._get_stripe_error_values(
            {"code": "card_declined", "network_decline_code": "51", "network_advice_code": "03"}
        )
        self.assertEqual(
            (values["charge_network_decline_code"], values["charge_network_advice_code"]),
            ("51", "03"),
        )

    def test_a_retry_asks_the_advice_and_not_the_code_alone(self):
        self.says("insufficient_funds/do_not_try_again")
        self.live(1, 2, 4)
        self.assertEqual(self.days_of_tries(), [1])
        told = self.env["fusion.billing.story"].search(
            [("kind", "=", "charge"), ("move_id", "=", self.invoice.id)]
        )
        self.assertIn("do_not_try_again · needs another card", told.detail)
        self.assertIn("a new one is needed", self.case.action_ids.sorted("id")[-1].note)

    # ------------------------------------------------------------------ a fault of the moment
    def test_a_fault_of_the_moment_is_tried_again_after_an_hour(self):
        self.says("processing_error", "succeeded")
        self.live(1, hour=15)
        self.assertEqual(self.tries().x_fc_decline_class, "soft")
        self.live(1, hour=15)
        self.assertEqual(len(self.tries()), 1)
        self.live(1, hour=16)
        self.assertEqual(self.tries().mapped("charge_outcome"), ["declined", "paid"])
        self.assertFalse(self.case)

    def test_a_fault_that_stays_is_a_soft_decline_of_the_policy(self):
        self.says("processing_error", "try_again_later", *["insufficient_funds"] * 9)
        self.live(1, hour=15)
        self.live(1, hour=16)
        self.live(1, hour=18)
        self.live(2, 3, 4)
        self.assertEqual(self.days_of_tries(), [1, 1, 4])
