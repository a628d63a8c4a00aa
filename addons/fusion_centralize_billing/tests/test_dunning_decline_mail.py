"""What the customer reads when a charge fails: what only they can mend, once, in their language."""

from odoo.tests import tagged
from odoo.tools import mute_logger

from .declines_case import DeclinesCase

PROVIDER = "odoo.addons.payment.models.payment_provider"
MODULE = "fusion_centralize_billing"


@tagged("post_install", "-at_install")
class TestDunningDeclineMail(DeclinesCase):
    def setUp(self) -> None:
        super().setUp()
        self.enterContext(mute_logger(PROVIDER))
        self.policy.write(
            {
                "payment_mail_template_id": self.env.ref(f"{MODULE}.mail_confirm_payment").id,
                "card_mail_template_id": self.env.ref(f"{MODULE}.mail_new_card").id,
            }
        )

    def asked(self):
        """Mails to the customer about the invoice itself."""
        domain = [("model", "=", "account.move"), ("res_id", "=", self.invoice.id)]
        return self.env["mail.mail"].search(domain, order="id")

    def test_a_bank_that_wants_the_customer_gets_them_a_payment_link(self):
        self.says("authentication_required")
        self.live(1)
        self.assertIn("Please confirm", self.asked().subject)
        self.assertIn(self.invoice.access_token, self.asked().body_html)
        self.assertEqual(self.asked().state, "outgoing")
        self.assertEqual(self.tries().x_fc_asked_for, "payment")
        self.live(2, 4)
        self.assertEqual(len(self.asked()), 1)
        self.assertIn("your bank wants you to confirm", self.mails()[-1:].body_html)

    def test_a_dead_card_asks_for_another_once_however_often_it_is_tried(self):
        self.says(*["expired_card"] * 3)
        self.live(1)
        self.assertIn("Please add a new card", self.asked().subject)
        self.assertIn(self.invoice.access_token, self.asked().body_html)
        self.invoice.with_context(billing_date=self.START)._schedule_charge()
        self.live(1, 2, 4)
        self.assertEqual(len(self.tries()), 2)
        self.assertEqual(len(self.asked()), 1)
        self.assertIn("can no longer be used", self.mails()[-1:].body_html)
        self.assertNotIn("trying it again", self.mails()[-1:].body_html)

    def test_a_stolen_card_is_a_card_like_any_other_to_its_reader(self):
        self.says("stolen_card")
        self.live(1)
        self.assertEqual(len(self.asked()), 1)
        self.assertNotIn("stolen", self.asked().body_html.lower())

    def test_what_passes_by_itself_is_left_to_the_calendar(self):
        self.says(*["insufficient_funds"] * 3)
        self.live(1, 2, 4)
        self.assertFalse(self.asked())
        self.assertIn("trying it again", self.mails()[-1:].body_html)

    def test_french_customers_read_french(self):
        self.env["res.lang"]._activate_lang("fr_CA")
        module = self.env["ir.module.module"].search([("name", "=", MODULE)])
        module._update_translations(["fr_CA"])
        self.partner.lang = "fr_CA"
        self.says("expired_card")
        self.live(1)
        self.assertIn("Ajoutez une nouvelle carte", self.asked().subject)
        self.assertIn("Bonjour", self.asked().body_html)
        self.assertNotIn("Hello", self.asked().body_html)

    def test_nobody_is_written_to_in_shadow_in_a_dispute_or_against_a_persons_word(self):
        self.says("expired_card")
        self.live(1)
        attempt = self.tries()
        self.assertEqual(attempt._x_fc_policy(), self.policy)
        for record, name, value in (
            (self.service, "mode", "shadow"),
            (self.invoice, "x_fc_no_dunning", True),
            (self.order, "x_fc_dunning_exempt", True),
            (self.order, "x_fc_dunning_hold_until", "2026-03-09"),
        ):
            with self.subTest(name=name):
                before, record[name] = record[name], value
                self.assertFalse(attempt._x_fc_policy())
                record[name] = before

    def test_a_card_saved_while_paying_the_invoice_pays_the_next_ones(self):
        self.says("expired_card")
        self.live(1)
        token = self.token("5555555555554444")
        paying = self.env["payment.transaction"].create(
            {
                "provider_id": self.provider.id,
                "payment_method_id": token.payment_method_id.id,
                "token_id": token.id,
                "amount": 29,
                "currency_id": self.currency.id,
                "partner_id": self.partner.id,
                "operation": "online_direct",
                "invoice_ids": [(6, 0, self.invoice.ids)],
                "reference": "paid-by-link",
            }
        )
        paying._set_done()
        paying._post_process()
        self.assertEqual(self.order.payment_token_id, token)
        self.assertEqual(len(self.tries()), 1)
        self.assertIn(self.invoice.payment_state, ("paid", "in_payment"))
