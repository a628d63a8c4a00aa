"""An accountant sends money back from Odoo's own screens, and the ledger is even afterwards."""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from .stripe_case import StripeCase


@tagged("post_install", "-at_install")
class TestRefundScreen(StripeCase):
    def setUp(self) -> None:
        super().setUp()
        self.invoice = self.order().invoice_ids
        self.run_charges()
        self.charge = self.invoice.charge_ids
        self.person = new_test_user(
            self.env,
            "refunding-accountant",
            groups="account.group_account_invoice,account.group_account_user",
        )

    def note(self, amount: float = 100.0):
        """What the Credit Note button makes: the invoice is paid, so the note stays open."""
        wizard = self.env["account.move.reversal"].create(
            {"move_ids": [Command.set(self.invoice.ids)], "journal_id": self.invoice.journal_id.id}
        )
        note = self.env["account.move"].browse(wizard.refund_moves()["res_id"])
        note.invoice_line_ids.price_unit = amount
        note.action_post()
        return note.with_user(self.person)

    def wizard(self, note, **values):
        context = note.action_fc_refund()["context"]
        return self.env["fusion.billing.refund.wizard"].with_user(self.person).with_context(
            **context
        ).create(values)  # fmt: skip

    def send(self) -> None:
        with self.enter_registry_test_mode():
            self.env.ref("fusion_centralize_billing.cron_send_refunds").method_direct_trigger()
        self.env.invalidate_all()

    def returned(self) -> list[int]:
        return [refund["amount"] for refund in self.stripe.ledger.all("refund")]

    def test_the_whole_note_goes_back_and_is_settled(self):
        note = self.note()
        self.assertTrue(note.x_fc_can_refund)
        wizard = self.wizard(note)
        self.assertEqual((wizard.most, wizard.amount), (100, 100))
        wizard.action_refund()
        self.assertEqual(self.returned(), [])
        self.send()
        self.assertEqual((self.returned(), note.amount_residual), ([10000], 0))
        self.assertFalse(note.x_fc_can_refund)
        self.send()
        self.assertEqual(self.returned(), [10000])

    def test_a_part_goes_back_and_the_rest_stays_credit(self):
        note = self.note(60)
        self.wizard(note, amount=25).action_refund()
        self.assertEqual(self.wizard(note).most, 35)
        self.send()
        self.assertEqual((self.returned(), note.amount_residual), ([2500], 35))

    def test_more_than_is_open_or_nothing_is_refused(self):
        note = self.note(60)
        for amount in (60.01, 0, -1):
            with self.assertRaisesRegex(UserError, "can go back"):
                self.wizard(note, amount=amount).action_refund()
        self.assertEqual(note.x_fc_refund_ids, self.env["payment.transaction"])

    def test_an_invoice_paid_by_bank_has_no_card_to_send_to(self):
        self.charge.state = "cancel"
        self.assertFalse(self.note().x_fc_can_refund)

    def test_the_refund_button_of_the_payment_settles_the_note(self):
        self.note(60)
        note = self.note(40)
        payment = self.charge.payment_id
        wizard = Form(
            self.env["payment.refund.wizard"].with_context(
                active_model="account.payment", active_id=payment.id, active_ids=payment.ids
            )
        )
        wizard.amount_to_refund = 40
        wizard.save().action_refund()
        refund = self.charge.child_transaction_ids
        refund._post_process()
        self.assertEqual((self.returned(), note.amount_residual), ([4000], 0))
        self.assertEqual(refund.payment_id.move_id.line_ids.filtered("reconciled").balance, 40)

    def test_who_may_not_post_invoices_may_not_refund(self):
        note = self.note()
        reader = new_test_user(
            self.env, "refund-reader", groups="fusion_centralize_billing.group_fusion_billing_user"
        )
        wizards = self.env["fusion.billing.refund.wizard"].with_user(reader)
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_model"):
            wizards.create({"note_id": note.id})
