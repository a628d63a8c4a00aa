"""What only the clock changes is told once: a trial over, an end near, an invoice overdue."""

import json
from datetime import date, datetime
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import mute_logger

from .api_billed_case import BilledCase

ALERT = "subscription.termination_alert"
OVERDUE = "invoice.payment_overdue"
TRIAL = "subscription.trial_ended"


@tagged("post_install", "-at_install", "fc_notices")
class TestNotices(BilledCase):
    def at(self, *instant: int) -> None:
        """The service's clock says so, and the hourly job comes round twice."""
        self.service.test_clock = datetime(*instant)
        for _again in range(2):
            self.env["fusion.billing.notices"]._tell(self.service)

    def late(self):
        """What was told of the second invoice: the first was late before."""
        return self.told(OVERDUE).filtered(lambda webhook: self.invoice_id in webhook.payload)

    def payload(self, webhook) -> dict:
        envelope = json.loads(webhook.payload)
        self.assertEqual(envelope["webhook_type"], webhook.webhook_type)
        return envelope[webhook.object_type]

    # ------------------------------------------------------------------ trial
    def test_a_trial_that_is_over_is_told_once_from_the_customers_midnight_on(self) -> None:
        self.make_plan(self.service, "try", 10.0, x_fc_trial_days=5)
        self.subscribe("tried", plan_code="try")  # on 10 April: the trial is until the 15th
        self.at(2026, 4, 15, 3, 59, 59)
        self.assertFalse(self.told(TRIAL))
        self.at(2026, 4, 15, 4)
        (webhook,) = self.told(TRIAL)
        subscription = self.payload(webhook)
        self.assertEqual(
            (subscription["external_id"], subscription["trial_ended_at"]),
            ("tried", "2026-04-15T04:00:00Z"),
        )
        self.assertEqual(subscription["customer"]["external_id"], "acme")
        self.at(2026, 6, 1)
        self.assertEqual(self.told(TRIAL), webhook)

    def test_who_left_on_trial_hears_nothing_of_its_end(self) -> None:
        self.make_plan(self.service, "try", 10.0, x_fc_trial_days=5)
        self.subscribe("tried", plan_code="try")
        self.ok("DELETE", "/subscriptions/tried")
        self.at(2026, 4, 20)
        self.assertFalse(self.told(TRIAL))

    # ------------------------------------------------------------------ end
    def test_an_end_is_alerted_45_and_15_days_before(self) -> None:
        ending = {"subscription": {"ending_at": "2026-06-30T12:00:00Z"}}
        self.ok("PUT", "/subscriptions/sub-1", ending)
        self.at(2026, 5, 16, 11, 59)
        self.assertFalse(self.told(ALERT))
        self.at(2026, 5, 16, 12)
        self.assertEqual(self.payload(self.told(ALERT))["ending_at"], "2026-06-30T12:00:00Z")
        self.at(2026, 6, 15, 11, 59)
        self.assertEqual(len(self.told(ALERT)), 1)
        self.at(2026, 6, 15, 12)
        self.assertEqual(len(self.told(ALERT)), 2)
        self.at(2026, 7, 1)
        self.assertEqual(len(self.told(ALERT)), 2)

    def test_an_end_that_moves_is_alerted_anew(self) -> None:
        for place, ending in enumerate(("2026-04-20T12:00:00Z", "2026-04-21T12:00:00Z"), start=1):
            self.ok("PUT", "/subscriptions/sub-1", {"subscription": {"ending_at": ending}})
            self.at(2026, 4, 12)
            self.assertEqual(len(self.told(ALERT)), place)

    # ------------------------------------------------------------------ late
    def test_an_unpaid_invoice_is_overdue_once_the_day_after_it_was_due(self) -> None:
        self.move.invoice_date_due = date(2026, 4, 25)
        self.at(2026, 4, 25, 15)
        self.assertFalse(self.late())
        self.at(2026, 4, 26, 15)
        (webhook,) = self.late()
        invoice = self.payload(webhook)
        self.assertEqual((invoice["lago_id"], invoice["payment_overdue"]), (self.invoice_id, True))
        self.at(2026, 5, 26)
        self.assertEqual(self.late(), webhook)

    def test_what_is_paid_or_voided_is_never_overdue(self) -> None:
        self.ok("POST", f"/invoices/{self.invoice_id}/void")
        self.at(2026, 8, 1)
        self.assertFalse(self.late())

    # ------------------------------------------------------------------ how
    def test_a_rival_that_told_it_meanwhile_leaves_one_row(self) -> None:
        outbox = self.env["fusion.billing.outbox"]
        with patch.object(type(outbox), "_was_told", lambda *_given: False):
            written = [
                outbox._emit_once(self.service, TRIAL, "subscription", "key", lambda: {"n": 1})
                for _time in range(2)
            ]
        self.assertEqual((written, len(self.told(TRIAL))), ([True, False], 1))

    def test_two_services_may_tell_of_the_same_key(self) -> None:
        other, _key = self.make_service("other")
        for service in (self.service, other):
            self.assertTrue(
                self.env["fusion.billing.outbox"]._emit_once(
                    service, TRIAL, "subscription", "key", dict
                )
            )

    def test_the_job_looks_after_live_services_on_the_real_clock_only(self) -> None:
        looked_at = []
        notices = type(self.env["fusion.billing.notices"])
        real, _key = self.make_service("real")
        real.test_clock = False
        shadow, _key = self.make_service("shade", mode="shadow")
        shadow.test_clock = False
        cron = self.env.ref("fusion_centralize_billing.cron_tell_notices")
        with (
            patch.object(notices, "_tell", lambda _self, service: looked_at.append(service.id)),
            self.enter_registry_test_mode(),
            mute_logger("odoo.addons.base.models.ir_cron"),
        ):
            cron.method_direct_trigger()
        self.assertIn(real.id, looked_at)
        self.assertFalse({self.service.id, shadow.id} & set(looked_at))

    def test_a_billing_run_tells_too(self) -> None:
        self.service.test_clock = datetime(2026, 4, 30)
        self.bill(date(2026, 4, 29))
        self.assertEqual(len(self.told(OVERDUE)), 2)
