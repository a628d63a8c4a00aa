"""Money back to the card that paid: by credit note, void or termination; once, to the cent."""

import json

from odoo import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .api_billed_case import BilledCase
from .stripe_case import WEBHOOK_SECRET, WithStripe

PROVIDER = "odoo.addons.payment.models.payment_provider"


@tagged("post_install", "-at_install")
class TestApiRefunds(WithStripe, BilledCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.start_stripe()

    def setUp(self) -> None:
        super().setUp()
        # 36.76, by card, at the double.
        self.card = self.pay_by_card(self.move)

    def pay_by_card(self, move):
        self.partner = move.partner_id
        tx = self.env["payment.transaction"].create(
            {
                "provider_id": self.provider.id,
                "payment_method_id": self.env.ref("payment.payment_method_card").id,
                "token_id": self.token().id,
                "operation": "offline",
                "amount": move.amount_residual,
                "currency_id": move.currency_id.id,
                "partner_id": move.partner_id.id,
                "reference": move.name,
                "invoice_ids": [Command.set(move.ids)],
            }
        )
        tx._charge_with_token()
        tx._post_process()
        self.assertEqual(move.amount_residual, 0)
        return tx

    def ask(self, amount: int = 1000, **values):
        note = {
            "invoice_id": self.invoice_id,
            "items": [{"fee_id": self.fee_id, "amount_cents": amount}],
            "reason": "other",
            **values,
        }
        return self.call("POST", "/credit_notes", {"credit_note": note})

    def note_of(self, answer):
        status, body = answer
        self.assertEqual(status, 200, body)
        return body["credit_note"]

    def shown(self, note):
        return self.ok("GET", f"/credit_notes/{note['lago_id']}")["credit_note"]

    def send(self) -> None:
        cron = self.env.ref("fusion_centralize_billing.cron_send_refunds")
        cron.method_direct_trigger()
        self.env.invalidate_all()

    def returned(self) -> list[int]:
        return [refund["amount"] for refund in self.stripe.ledger.all("refund")]

    def test_a_refund_is_sent_after_the_note_and_settles_it(self) -> None:
        note = self.note_of(self.ask(refund_amount_cents=1130))
        self.assertEqual(
            [note[key] for key in ("refund_status", "refund_amount_cents", "credit_amount_cents")],
            ["pending", 1130, 0],
        )
        self.assertEqual((note["credit_status"], note["balance_amount_cents"]), (None, 0))
        self.assertEqual(self.returned(), [])
        self.send()
        self.assertEqual(self.returned(), [1130])
        self.assertEqual(self.shown(note)["refund_status"], "succeeded")
        self.assertEqual(self.notes.amount_residual, 0)
        self.assertIn(self.notes.payment_state, ("paid", "in_payment"))
        self.assertEqual(self.notes.x_fc_refund_ids.payment_id.payment_type, "outbound")
        self.send()
        self.assertEqual(self.returned(), [1130])
        by_status = {
            status: self.ok("GET", f"/credit_notes?refund_status[]={status}")["meta"]["total_count"]
            for status in ("pending", "succeeded", "failed")
        }
        self.assertEqual(by_status, {"pending": 0, "succeeded": 1, "failed": 0})

    def test_a_part_goes_back_and_a_part_is_credit(self) -> None:
        note = self.note_of(self.ask(refund_amount_cents=500, credit_amount_cents=630))
        self.assertEqual((note["credit_status"], note["balance_amount_cents"]), ("available", 630))
        self.send()
        note = self.shown(note)
        self.assertEqual((note["balance_amount_cents"], note["refund_amount_cents"]), (630, 500))
        self.assertEqual(self.notes.amount_residual, 6.30)

    def test_no_more_goes_back_than_the_card_paid(self) -> None:
        self.note_of(self.ask(refund_amount_cents=1130))
        self.move.x_fc_metadata = []
        estimate = self.ok(
            "POST",
            "/credit_notes/estimate",
            {
                "credit_note": {
                    "invoice_id": self.invoice_id,
                    "items": [{"fee_id": self.usage_id, "amount_cents": 1253}],
                }
            },
        )["estimated_credit_note"]
        self.assertEqual(estimate["max_refundable_amount_cents"], 1416)
        more = self.ask(refund_amount_cents=3000)
        self.assert_invalid(more, refund_amount_cents=["higher_than_remaining_invoice_amount"])

    def test_what_came_by_bank_is_not_sent_to_a_card(self) -> None:
        self.pay(self.first)
        lines = self.first.invoice_line_ids
        fee_id = self.env["fusion.billing.serialize"]._id("fee", lines[:1])
        answer = self.ask(
            invoice_id=self.first_id,
            items=[{"fee_id": fee_id, "amount_cents": 1000}],
            refund_amount_cents=1130,
        )
        self.assert_invalid(answer, refund_amount_cents=["not_supported"])

    def test_an_answer_that_is_lost_is_asked_for_again_and_paid_once(self) -> None:
        note = self.note_of(self.ask(refund_amount_cents=1130))
        self.stripe.fail("after", "drop", "POST refunds")
        with mute_logger(PROVIDER, "odoo.addons.fusion_centralize_billing.pipeline.refund"):
            self.send()
        self.assertEqual(self.shown(note)["refund_status"], "pending")
        self.send()
        self.assertEqual(self.returned(), [1130])
        self.assertEqual(self.shown(note)["refund_status"], "succeeded")

    @mute_logger(PROVIDER)
    def test_a_refusal_leaves_the_credit_and_tells_the_app(self) -> None:
        note = self.note_of(self.ask(refund_amount_cents=1130))
        # A person gave the money back at the provider meanwhile.
        self.card._refund(self.card.amount)
        self.send()
        note = self.shown(note)
        self.assertEqual((note["refund_status"], note["credit_status"]), ("failed", "available"))
        self.assertEqual((note["credit_amount_cents"], note["balance_amount_cents"]), (1130, 1130))
        told = self.told("credit_note.refund_failure")
        self.assertEqual(len(told), 1)
        self.assertIn(note["lago_id"], told.payload)

    def test_a_refund_that_comes_back_days_later_opens_the_note_again(self) -> None:
        note = self.note_of(self.ask(refund_amount_cents=1130))
        self.send()
        self.assertEqual(self.notes.amount_residual, 0)
        self.stripe.fail_refund(self.stripe.ledger.all("refund")[0]["id"])
        self.assertEqual(self.hear(self.stripe.ledger.events[-1]), 200)
        self.assertEqual(self.notes.amount_residual, 11.30)
        note = self.shown(note)
        self.assertEqual((note["refund_status"], note["balance_amount_cents"]), ("failed", 1130))
        self.assertEqual(len(self.told("credit_note.refund_failure")), 1)

    def hear(self, event: dict) -> int:
        """Deliver an event of the double as Stripe does; the HTTP status Odoo answers."""
        from tools.stripe_double.webhooks import signature

        body = json.dumps(event).encode()
        at = int(self.env.cr.now().timestamp())
        answer = self.url_open(
            "/payment/stripe/webhook",
            data=body,
            headers={
                "Content-Type": "application/json",
                "Stripe-Signature": signature(body, WEBHOOK_SECRET, at),
            },
        )
        self.env.invalidate_all()
        return answer.status_code

    def test_a_note_whose_money_goes_back_is_not_voided(self) -> None:
        note = self.note_of(self.ask(refund_amount_cents=1130))
        answer = self.call("PUT", f"/credit_notes/{note['lago_id']}/void")
        self.assert_not_allowed(answer, "invalid_type_or_status")

    def test_a_void_gives_back_what_was_paid(self) -> None:
        body = {"generate_credit_note": True, "refund_amount": 3000, "credit_amount": 676}
        self.ok("POST", f"/invoices/{self.invoice_id}/void", body)
        self.send()
        self.assertEqual(self.returned(), [3000])
        self.assertEqual(self.notes.amount_residual, 6.76)

    def test_more_than_was_paid_is_not_given_back_by_a_void(self) -> None:
        answer = self.call("POST", f"/invoices/{self.invoice_id}/void", {"refund_amount": 3677})
        self.assert_invalid(answer, refund_amount=["higher_than_remaining_invoice_amount"])

    def test_what_is_the_customers_credit_already_does_not_go_back_as_well(self) -> None:
        self.note_of(self.ask(credit_amount_cents=1130))
        void = f"/invoices/{self.invoice_id}/void"
        answer = self.call("POST", void, {"refund_amount": 2547})
        self.assert_invalid(answer, refund_amount=["higher_than_remaining_invoice_amount"])
        self.ok("POST", void, {"refund_amount": 2546})
        self.send()
        self.assertEqual(self.returned(), [2546])
        self.assertEqual(sum(self.notes.mapped("amount_residual")), 11.3)

    def test_unused_days_go_back_to_the_card_at_the_end(self) -> None:
        self.ok("DELETE", "/subscriptions/sub-1?on_termination_credit_note=refund")
        self.send()
        # 29 of 30 days of 20.00 are 19.33, and HST of 2.51.
        self.assertEqual(self.returned(), [2184])
        self.assertEqual(self.notes.amount_residual, 0)
