"""A cut-over: rehearsed without a trace, done whole, taken back in time."""

import json
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .cutover_case import CUT, CutoverCase
from .dual_run_case import PERIODS


@tagged("post_install", "-at_install")
class TestCutover(CutoverCase):
    """What a cut-over does, what it leaves, and the way back."""

    def counted(self) -> dict[str, int]:
        names = ("sale.order", "account.move", "fusion.billing.webhook", "payment.token")
        return {name: self.env[name].search_count([]) for name in names}

    def test_a_rehearsal_shows_the_first_invoices_and_writes_nothing(self):
        self.prove()
        self.make_usage(self.first, PERIODS[-1][1], 1600.0)
        before = self.counted()
        self.cutover.action_rehearse()
        self.assertEqual(self.counted(), before)
        self.assertEqual((self.service.mode, self.charge.plan_id.id), ("shadow", False))
        self.assertEqual(set(self.orders.mapped("state")), {"draft"})
        line = self.cutover.line_ids.filtered(lambda line: line.order_id == self.first)
        # 29.00 and 600 GB beyond the quota at 0.05, with 13 %
        self.assertEqual((line.first_invoice_on, line.untaxed, line.tax), (CUT, 59.0, 7.67))
        self.assertIn("30.00", line.first_invoice_text)

    def test_the_first_live_invoice_is_the_one_that_was_rehearsed(self):
        self.make_usage(self.first, PERIODS[-1][1], 1600.0)
        self.cut_over()
        self.assertEqual(self.cutover.state, "done")
        self.assertEqual(set(self.orders.mapped("state")), {"sale"})
        self.assertEqual(set(self.orders.mapped("next_invoice_date")), {CUT})
        self.assertEqual(set(self.orders.mapped("x_fc_billed_from")), {CUT})
        self.assertFalse(any(self.orders.mapped("x_fc_shadow")))
        self.assertFalse(self.orders.invoice_ids)
        self.bill()
        for line in self.cutover.line_ids:
            invoice = line.order_id.invoice_ids
            self.assertEqual(
                (invoice.amount_untaxed, invoice.amount_tax, invoice.invoice_date),
                (line.untaxed, line.tax, line.first_invoice_on),
            )

    def test_the_app_hears_of_each_subscription_and_from_which_day(self):
        self.cut_over()
        told = self.webhooks("subscription.cut_over")
        self.assertEqual(len(told), 2)
        bodies = [json.loads(webhook.payload)["subscription"] for webhook in told]
        self.assertEqual({body["external_id"] for body in bodies}, {"sub-1", "sub-2"})
        said = [(body["billed_from"], body["handover_number"]) for body in bodies]
        self.assertEqual(said, [("2026-07-01", 1)] * 2)

    def test_each_way_there_and_back_has_the_next_number(self):
        self.cut_over()
        self.cutover.action_roll_back()
        again = self.cutover.copy({"order_ids": [Command.set(self.orders.ids)]})
        again.action_rehearse()
        again.action_cut_over()
        told = self.webhooks("subscription.cut_over") | self.webhooks(
            "subscription.cut_over_rolled_back"
        )
        numbers = [
            (json.loads(webhook.payload)["subscription"]["handover_number"], webhook.webhook_type)
            for webhook in told.sorted("id")
        ]
        ways = ["subscription.cut_over", "subscription.cut_over_rolled_back"]
        expected = [(1, ways[0]), (2, ways[1]), (3, ways[0])]
        self.assertEqual(list(dict.fromkeys(numbers)), expected)

    def test_pressed_twice_it_is_done_once(self):
        self.cut_over()
        digest = self.cutover.receipt_hash
        self.cutover.action_cut_over()
        self.assertEqual(len(self.webhooks("subscription.cut_over")), 2)
        self.assertEqual(self.cutover.receipt_hash, digest)

    def test_one_that_cannot_be_confirmed_leaves_all_where_they_were(self):
        self.prove()
        self.cutover.action_rehearse()
        confirm = type(self.orders).action_confirm

        def refuse_one(orders):
            if self.second in orders:
                raise UserError("no")
            return confirm(orders)

        with (
            patch.object(type(self.orders), "action_confirm", refuse_one),
            self.assertRaisesRegex(UserError, "Nothing was cut over"),
            self.env.cr.savepoint(),
        ):
            self.cutover.action_cut_over()
        self.env.invalidate_all()
        self.assertEqual(set(self.orders.mapped("state")), {"draft"})
        self.assertEqual((self.service.mode, self.cutover.state), ("shadow", "rehearsed"))

    def test_a_cohort_is_switched_while_the_others_stay_in_shadow(self):
        self.prove()
        self.cutover.order_ids = self.first
        self.cutover.action_rehearse()
        self.cutover.action_cut_over()
        self.assertEqual((self.first.state, self.second.state), ("sale", "draft"))
        with self.assertRaisesRegex(UserError, "its app still bills it"):
            self.second.action_confirm()
        self.bill()
        self.assertEqual((len(self.first.invoice_ids), len(self.second.invoice_ids)), (1, 0))
        # The other one is still compared by preview, and can follow.
        self.told(self.app_invoice(self.second, 2))
        self.compare()
        self.assertEqual(self.rows(self.second)[-1].difference_class, "match")

    def test_what_the_app_bills_after_the_cut_over_is_not_billed_again(self):
        self.cut_over()
        told = self.app_invoice(self.first, 2)
        told |= {"external_invoice_id": "double", "period_start": "2026-06-01",
                 "period_end": "2026-07-01"}  # fmt: skip
        self.told(told)
        run = self.bill()
        line = run.line_ids.filtered(lambda line: line.order_id == self.first)
        self.assertEqual(line.state, "parked")
        self.assertIn("The app billed invoice double", line.reason)
        self.assertEqual((len(self.first.invoice_ids), len(self.second.invoice_ids)), (0, 1))
        self.env["fusion.billing.app.invoice"].search(
            [("external_invoice_id", "=", "double")]
        ).unlink()
        self.bill()
        self.assertEqual(len(self.first.invoice_ids), 1)

    def test_rolled_back_it_is_as_before_and_can_be_done_again(self):
        self.cut_over()
        self.bill()
        invoices = self.orders.invoice_ids
        self.cutover.action_roll_back()
        self.assertEqual(self.cutover.state, "rolled_back")
        self.assertEqual(set(self.orders.mapped("state")), {"draft"})
        self.assertTrue(all(self.orders.mapped("x_fc_shadow")))
        self.assertEqual((self.service.mode, self.charge.plan_id.id), ("shadow", False))
        self.assertEqual(set(invoices.mapped("amount_residual")), {0.0})
        self.assertEqual(len(self.webhooks("subscription.cut_over_rolled_back")), 2)
        self.service.test_clock = f"{self.NOW}"
        again = self.cutover.copy({"order_ids": [Command.set(self.orders.ids)]})
        again.action_rehearse()
        again.action_cut_over()
        self.assertEqual(set(self.orders.mapped("state")), {"sale"})
        run = self.bill()
        self.assertEqual(run.line_ids.mapped("state"), ["invoiced"] * 2)
        open_now = self.orders.invoice_ids.filtered("amount_residual")
        self.assertEqual(len(open_now), 2)

    def test_an_invoice_of_nothing_is_no_payment(self):
        self.first.order_line.price_unit = 0.0
        for index in range(3):
            free = {"base": "0.00", "used": "100", "usage": "0.00"}
            self.told(self.app_invoice(self.first, index, **free))
        self.first.x_fc_usage_ids.unlink()
        self.stage._run(self.service, PERIODS[0][0], PERIODS[-1][1])
        self.rows(self.first).write({"note": "Free"})
        self.rows(self.first).action_sign_off()
        self.cutover.order_ids = self.first
        self.cutover.action_rehearse()
        self.cutover.action_cut_over()
        self.bill()
        self.assertEqual(self.first.invoice_ids.payment_state, "paid")
        self.cutover.action_roll_back()
        self.assertEqual(self.first.state, "draft")

    def test_after_the_first_payment_there_is_no_way_back(self):
        self.cut_over()
        self.bill()
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=self.first.invoice_ids.ids
        ).create({}).action_create_payments()
        with self.assertRaisesRegex(UserError, "cannot be rolled back any more"):
            self.cutover.action_roll_back()
        self.assertEqual(self.cutover.state, "done")

    def test_the_receipt_names_each_subscription_and_its_hash_shows_a_change(self):
        self.cut_over()
        html = (
            self.env["ir.actions.report"]
            ._render_qweb_html("fusion_centralize_billing.report_cutover", self.cutover.ids)[0]
            .decode()
        )
        for words in ("sub-1", "sub-2", "Cut-over receipt", self.cutover.receipt_hash):
            self.assertIn(words, html)
        stage = self.env["fusion.billing.cutover.stage"]
        self.assertEqual(stage._hash(self.cutover), self.cutover.receipt_hash)
        self.cutover.line_ids[0].untaxed += 0.01
        self.assertNotEqual(stage._hash(self.cutover), self.cutover.receipt_hash)
