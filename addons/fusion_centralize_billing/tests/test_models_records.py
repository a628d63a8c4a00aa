"""Ledger, outbox, reconciliation, explanations: what people may do with them."""

from datetime import UTC, date, datetime
from decimal import Decimal

import psycopg2
from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..engine.period import Period
from ..engine.rate import rate
from ..engine.usage_item import IngestItem
from .common import BillingCase


@tagged("post_install", "-at_install")
class TestRecords(BillingCase):
    def _event(self):
        item = IngestItem("t-1", "sub-1", "gb", datetime(2026, 3, 2, 12, tzinfo=UTC))
        (disposition,) = self.env["fusion.billing.ingest"]._ingest(self.service, [item])
        return self.env["fusion.billing.usage.event"].browse(disposition.event_id)

    def _webhook(self, **values):
        return self.env["fusion.billing.webhook"].create(
            {
                "service_id": self.service.id,
                "event_uuid": "5f0c7d3e-0000-4000-8000-000000000001",
                "webhook_type": "invoice.created",
                "object_type": "invoice",
                "payload": '{"invoice":{"number":"INV/1"}}',
                **values,
            }
        )

    def test_the_ledger_cannot_be_changed_or_deleted(self):
        event = self._event()

        with self.assertRaises(UserError):
            event.value = 5
        with self.assertRaises(UserError):
            event.unlink()
        with self.assertRaises(UserError):
            event.create({"transaction_id": "t-2"})

    def test_a_running_subscription_id_is_unique_and_free_again_once_it_ended(self):
        first = self.make_order("sub-1", confirm=False)
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.UniqueViolation),
            self.env.cr.savepoint(),
        ):
            self.make_order("sub-1", confirm=False)

        first.x_fc_terminated_at = self.NOW
        first.flush_recordset()

        self.assertTrue(self.make_order("sub-1", confirm=False).exists())

    def test_a_period_is_claimed_once_and_must_have_a_length(self):
        order = self.make_order("sub-1", confirm=False)
        periods = self.env["fusion.billing.period"]
        values = {
            "service_id": self.service.id,
            "subscription_id": order.id,
            "start": date(2026, 3, 1),
            "end": date(2026, 4, 1),
        }
        periods.create(values)
        for wrong, error in (
            (values, psycopg2.errors.UniqueViolation),
            ({**values, "start": date(2026, 4, 1)}, psycopg2.errors.CheckViolation),
        ):
            with (
                self.subTest(error=error),
                mute_logger("odoo.sql_db"),
                self.assertRaises(error),
                self.env.cr.savepoint(),
            ):
                periods.create(wrong)

    @freeze_time("2026-03-20 08:00:00")
    def test_a_replayed_webhook_keeps_its_bytes_and_its_id(self):
        webhook = self._webhook(routed=True)
        endpoint = self.env["fusion.billing.webhook.endpoint"].create(
            {"service_id": self.service.id, "url": "https://new.example.com"}
        )
        delivery = self.env["fusion.billing.webhook.delivery"].create(
            {
                "webhook_id": webhook.id,
                "endpoint_id": endpoint.id,
                "service_id": self.service.id,
                "state": "failed",
                "attempts": 12,
                "url": "https://old.example.com",
                "last_error": "timeout",
            }
        )
        payload, event = webhook.payload, webhook.event_uuid

        webhook.action_replay()

        self.assertEqual((webhook.payload, webhook.event_uuid), (payload, event))
        self.assertRecordValues(
            delivery,
            [
                {
                    "state": "pending",
                    "attempts": 0,
                    "url": False,
                    "last_error": False,
                    "next_attempt_at": datetime(2026, 3, 20, 8),
                }
            ],
        )
        with self.assertRaises(UserError):
            webhook.action_replay()

    def test_the_payload_is_shown_indented_and_broken_json_as_it_is(self):
        webhook = self._webhook()
        self.assertIn('\n  "invoice": {', webhook.payload_pretty)
        webhook.payload = "not json"
        self.assertEqual(webhook.payload_pretty, "not json")

    @freeze_time("2026-04-02 15:00:00")
    def test_a_difference_is_signed_only_with_an_explanation(self):
        row = self.env["fusion.billing.reconciliation"].create(
            {
                "service_id": self.service.id,
                "link_id": self.link.id,
                "partner_id": self.partner.id,
                "period_start": date(2026, 3, 1),
                "period_end": date(2026, 4, 1),
                "currency_id": self.currency.id,
                "app_amount": 41.5,
                "our_amount": 41.49,
                "difference_class": "amount",
            }
        )
        self.assertEqual(row.difference, -0.01)
        with self.assertRaisesRegex(UserError, "Maple"):
            row.action_sign_off()

        row.note = "The app rounds each day."
        row.action_sign_off()

        self.assertRecordValues(
            row,
            [
                {
                    "state": "signed_off",
                    "signed_by_id": self.env.uid,
                    "signed_at": datetime(2026, 4, 2, 15),
                }
            ],
        )

    def test_an_invoice_explains_its_usage_lines_and_escapes_what_apps_wrote(self):
        self.charge.name = "Bandwidth <b>"
        march = Period(date(2026, 3, 1), date(2026, 4, 1))
        line = rate(self.charge._to_engine(), Decimal(1250), march)
        move = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.partner.id,
                "x_fc_service_id": self.service.id,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "product_id": self.usage_product.id,
                            "quantity": 250,
                            "price_unit": 0.05,
                            "x_fc_trace": line.derivation,
                        }
                    )
                ],
            }
        )

        text = move.invoice_line_ids.x_fc_explanation
        html = str(move.x_fc_explanation)

        self.assertIn("Quantity measured: 1,250 GB", text)
        self.assertIn("250", html)
        self.assertIn("Bandwidth &lt;b&gt;", html)
        self.assertNotIn("Bandwidth <b>", html)

    def test_an_invoice_without_usage_says_so(self):
        move = self.env["account.move"].create(
            {"move_type": "out_invoice", "partner_id": self.partner.id}
        )
        self.assertIn("No usage line", str(move.x_fc_explanation))

    def test_the_order_form_shows_the_running_period_and_its_cost(self):
        order = self.make_order("sub-1")
        self.make_usage(order, date(2026, 3, 2), 1250)

        html = str(order.x_fc_usage_summary)

        self.assertRegex(order.x_fc_period_display, "2026.*2026")
        self.assertIn("1,250", html)
        self.assertIn("12.50", html)
