"""What an app hears when its catalogue changes, a payment fails, a PDF is made, a start is off."""

import json
from unittest.mock import patch

from odoo import Command
from odoo.tests import tagged

from .api_billed_case import BilledCase
from .test_api_catalogue_plans import TEAM

FAILURE = "invoice.payment_failure"
STATUS = "invoice.payment_status_updated"


@tagged("post_install", "-at_install", "fc_notices")
class TestTold(BilledCase):
    def heard(self, webhook_type: str, object_type: str) -> dict:
        """What the only webhook of this type holds."""
        (webhook,) = self.told(webhook_type)
        self.assertEqual(webhook.object_type, object_type)
        return json.loads(webhook.payload)[object_type]

    # ------------------------------------------------------------------ catalogue
    def test_plans_are_told_when_made_changed_and_taken_away(self) -> None:
        made = self.ok("POST", "/plans", {"plan": TEAM})["plan"]
        self.assertEqual(self.heard("plan.created", "plan"), made)
        changed = self.ok("PUT", "/plans/team", {"plan": {"amount_cents": 5999}})["plan"]
        self.assertEqual(self.heard("plan.updated", "plan"), changed)
        self.ok("DELETE", "/plans/team")
        self.assertEqual(self.heard("plan.deleted", "plan")["lago_id"], made["lago_id"])

    def test_a_plan_that_is_refused_is_not_told(self) -> None:
        status, _body = self.call("POST", "/plans", {"plan": TEAM | {"code": "pro"}})
        self.assertEqual((status, len(self.told("plan.created"))), (422, 0))

    def test_metrics_are_told_when_made_changed_and_taken_away(self) -> None:
        metric = {"name": "Storage", "code": "storage", "aggregation_type": "count_agg"}
        path = "/billable_metrics"
        made = self.ok("POST", path, {"billable_metric": metric})["billable_metric"]
        self.assertEqual(self.heard("billable_metric.created", "billable_metric"), made)
        self.ok("PUT", f"{path}/storage", {"billable_metric": {"name": "Disk"}})
        self.assertEqual(self.heard("billable_metric.updated", "billable_metric")["name"], "Disk")
        self.ok("DELETE", f"{path}/storage")
        self.assertEqual(
            self.heard("billable_metric.deleted", "billable_metric")["lago_id"], made["lago_id"]
        )

    def test_a_charge_that_changes_changes_its_plan(self) -> None:
        self.ok("PUT", "/plans/pro/charges/bandwidth-over", {"charge": {"prorated": False}})
        self.assertEqual(self.heard("plan.updated", "plan")["code"], "pro")

    # ------------------------------------------------------------------ subscription
    def test_a_start_that_is_called_off_is_told(self) -> None:
        self.subscribe("later", subscription_at="2026-05-01T12:00:00Z")
        self.ok("DELETE", "/subscriptions/later?status=pending")
        self.assertEqual(self.heard("subscription.canceled", "subscription")["status"], "canceled")

    # ------------------------------------------------------------------ payment
    def pay_by_card(self, reference: str = "try-1"):
        method = self.env.ref("payment.payment_method_unknown")
        provider = self.env["payment.provider"].create(
            {"name": "Bank", "code": "none", "state": "test",
             "payment_method_ids": [Command.set(method.ids)]}
        )  # fmt: skip
        method.active = True
        return self.env["payment.transaction"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": method.id,
                "amount": self.move.amount_residual,
                "currency_id": self.move.currency_id.id,
                "partner_id": self.move.partner_id.id,
                "reference": reference,
                "invoice_ids": [Command.set(self.move.ids)],
            }
        )

    def test_a_payment_that_fails_is_told_with_the_providers_reason(self) -> None:
        self.pay_by_card()._set_error("Insufficient funds.")
        self.assertEqual(
            self.heard(FAILURE, "payment_provider_invoice_payment_error"),
            {
                "lago_invoice_id": self.invoice_id,
                "lago_customer_id": self.env["fusion.billing.serialize"]._id(
                    "customer", self.service.subscription_ids.x_fc_link_id
                ),
                "external_customer_id": "acme",
                "provider_customer_id": None,
                "payment_provider": "none",
                "payment_provider_code": "none",
                "provider_error": {"message": "Insufficient funds.", "error_code": None},
            },
        )

    def test_a_charge_whose_outcome_nobody_knows_is_no_failure(self) -> None:
        charge = self.pay_by_card()
        charge.write({"charge_invoice_id": self.move.id, "charge_outcome": "unknown"})
        charge._set_error("The outcome of this charge is unknown.")
        self.assertFalse(self.told(FAILURE))

    def invoices_with(self, status: str) -> list[str]:
        listed = self.ok("GET", f"/invoices?payment_status={status}")["invoices"]
        fees = self.ok("GET", f"/fees?payment_status={status}")["fees"]
        of_fees = {fee["lago_invoice_id"] for fee in fees}
        self.assertEqual(of_fees, {invoice["lago_id"] for invoice in listed})
        return [invoice["lago_id"] for invoice in listed]

    def test_an_invoice_has_failed_until_the_money_comes(self) -> None:
        self.pay_by_card()._set_error("Insufficient funds.")
        self.assertEqual(self.invoices_with("failed"), [self.invoice_id])
        self.assertEqual(self.invoices_with("pending"), [self.first_id])
        self.assertEqual(self.heard(STATUS, "invoice")["payment_status"], "failed")
        self.pay()
        self.assertEqual(self.invoices_with("failed"), [])
        self.assertEqual(self.invoices_with("succeeded"), [self.invoice_id])
        told = [json.loads(own.payload)["invoice"]["payment_status"] for own in self.told(STATUS)]
        self.assertEqual(told, ["failed", "succeeded"])
        # The cheque bounces: that is an open invoice again, and no failed try.
        self.move.line_ids.remove_move_reconcile()
        self.assertEqual(self.invoices_with("failed"), [])

    def test_a_second_try_that_is_done_is_no_failure_any_more(self) -> None:
        self.pay_by_card()._set_error("Insufficient funds.")
        self.pay_by_card("try-2")._set_done()
        self.assertEqual(self.invoices_with("failed"), [])

    def test_a_try_that_fails_after_the_money_came_changes_nothing(self) -> None:
        late = self.pay_by_card()
        self.pay()
        late._set_error("Insufficient funds.")
        self.assertEqual(self.invoices_with("succeeded"), [self.invoice_id])
        self.assertEqual(len(self.told(STATUS)), 1)

    def test_a_failed_payment_of_somebody_elses_invoice_is_nobodys_news(self) -> None:
        payment = self.pay_by_card()
        payment.invoice_ids = self.move.copy()
        payment.invoice_ids.x_fc_service_id = False
        payment._set_error("No.")
        self.assertFalse(self.told(FAILURE))

    # ------------------------------------------------------------------ documents
    def test_a_pdf_is_told_once_when_it_is_made(self) -> None:
        report = type(self.env["ir.actions.report"])
        path = f"/invoices/{self.invoice_id}/download"
        with patch.object(report, "get_wkhtmltopdf_state", lambda self: "ok"):
            self.ok("POST", path)
            self.ok("POST", path)
        invoice = self.heard("invoice.generated", "invoice")
        self.assertEqual(
            (invoice["lago_id"], invoice["customer"]["external_id"]), (self.invoice_id, "acme")
        )
        self.assertIn("/api/billing/v1/files/", invoice["file_url"])
        self.assertNotIn("fees", invoice)

    def test_the_pdf_of_a_credit_note_is_told_too(self) -> None:
        self.ok("POST", f"/invoices/{self.invoice_id}/void")
        note_id = self.env["fusion.billing.serialize"]._id("credit_note", self.notes)
        report = type(self.env["ir.actions.report"])
        with patch.object(report, "get_wkhtmltopdf_state", lambda self: "ok"):
            self.ok("POST", f"/credit_notes/{note_id}/download")
        note = self.heard("credit_note.generated", "credit_note")
        self.assertEqual(note["lago_id"], note_id)
        self.assertIn("/api/billing/v1/files/", note["file_url"])
