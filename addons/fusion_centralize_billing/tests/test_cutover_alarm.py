"""An app that bills what was cut over: a person is called at once, and once."""

from datetime import date

from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from .cutover_case import CUT, CutoverCase

ACTIVITY = "fusion_centralize_billing.activity_app_bills"
JUNE, JULY, AUGUST = "2026-06-01", "2026-07-01", "2026-08-01"


@tagged("post_install", "-at_install", "fc_invariants")
class TestCutoverAlarm(CutoverCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.manager = new_test_user(
            cls.env, "cutover-keeper",
            groups="fusion_centralize_billing.group_fusion_billing_manager",
            company_id=cls.company.id, company_ids=[(6, 0, cls.company.ids)],
        )  # fmt: skip
        cls.service.responsible_id = cls.manager

    def billed(self, name: str = "double", order=None, start: str = JUNE, end: str = JULY) -> dict:
        """An invoice of the app, by default one that falls due on the day we bill from."""
        told = self.app_invoice(order or self.first, 2)
        return told | {"external_invoice_id": name, "period_start": start, "period_end": end}

    def calls(self):
        return self.service.activity_search([ACTIVITY])

    def violations(self):
        return [
            found
            for found in self.env["fusion.billing.invariants"]._check(self.service)
            if found.rule == "billed_by_one"
        ]

    def renew(self):
        """The first one goes on in an order of its own from 1 August on."""
        dated = self.first.with_context(billing_date=CUT)
        renewal = self.first.browse(dated.prepare_renewal_order()["res_id"])
        renewal.start_date = date(2026, 8, 1)
        renewal.action_confirm()
        self.assertTrue(self.first.x_fc_terminated_at)
        return renewal

    def app_rows(self):
        return self.env["fusion.billing.app.invoice"].search([("after_cutover", "=", True)])

    def test_the_responsible_person_is_called_once_however_often_it_is_told(self):
        self.cut_over()
        self.assertFalse(self.calls())
        self.told(self.billed())
        call = self.calls()
        self.assertEqual((len(call), call.user_id), (1, self.manager))
        self.assertIn("double of sub-1, due 2026-07-01", call.note)
        self.told(self.billed())
        self.told(self.billed() | {"currency": "CAD", "lines": [{"kind": "base", "amount": "1"}]})
        self.assertEqual(self.calls(), call)
        # Done by hand: the same invoice calls nobody again, the next one does.
        call.action_feedback()
        self.told(self.billed() | {"lines": [{"kind": "base", "amount": "2"}]})
        self.assertFalse(self.calls())
        self.told(self.billed("next", start=JULY, end=AUGUST))
        self.assertEqual(len(self.calls()), 1)

    def test_all_that_it_bills_is_one_call(self):
        self.cut_over()
        self.told(self.billed(), self.billed("other", self.second))
        self.told(*(self.billed(f"more-{index}", start=JULY, end=AUGUST) for index in range(12)))
        self.assertEqual(len(self.calls()), 1)
        self.assertIn("billed 14 invoices", self.calls().note)
        self.assertIn("and 4 more", self.calls().note)

    def test_what_it_bills_until_the_cut_over_calls_nobody(self):
        self.cut_over()
        self.told(self.billed("its own", start="2026-05-31", end="2026-06-30"))
        self.assertFalse(self.calls())
        self.assertFalse(self.app_rows())

    def test_every_door_calls(self):
        self.cut_over()
        for source in ("api", "csv", "database", "stripe"):
            self.calls().action_feedback()
            told = [self.billed(source, start=JULY, end=AUGUST)]
            self.env["fusion.billing.app.record"]._record(self.service, told, source)
            self.assertEqual(len(self.calls()), 1, source)

    def test_a_renewal_does_not_hide_that_it_was_cut_over(self):
        self.cut_over()
        self.bill()
        renewal = self.renew()
        self.told(self.billed("after", start=JULY, end=AUGUST))
        self.assertEqual(len(self.calls()), 1)
        run = self.bill(date(2026, 8, 1))
        line = run.line_ids.filtered(lambda line: line.order_id == renewal)
        self.assertEqual(line.state, "parked")
        self.assertIn("The app billed invoice after", line.reason)
        self.assertFalse(renewal.invoice_ids)

    def test_what_was_renewed_since_is_not_given_back(self):
        self.cut_over()
        self.bill()
        self.renew()
        with self.assertRaisesRegex(UserError, "was renewed or changed its plan since"):
            self.cutover.action_roll_back()
        self.assertEqual(self.cutover.state, "done")

    def test_once_it_is_deleted_the_call_is_over_and_ours_is_billed(self):
        self.cut_over()
        self.told(self.billed(), self.billed("other", self.second))
        self.bill()
        self.assertFalse(self.orders.invoice_ids)
        rows = self.app_rows().with_user(self.manager)
        rows[0].unlink()
        self.assertIn("billed 1 invoices", self.calls().note)
        rows.exists().unlink()
        self.assertFalse(self.calls())
        self.bill()
        self.assertEqual(len(self.orders.invoice_ids), 2)

    def test_given_back_the_app_bills_rightly(self):
        self.cut_over()
        self.told(self.billed())
        self.cutover.action_roll_back()
        self.assertFalse(self.calls())
        self.assertFalse(self.app_rows())

    # ------------------------------------------------------------- the daily check
    def test_a_period_billed_by_both_is_found_and_gone_when_one_is_void(self):
        self.cut_over()
        self.bill()
        self.assertEqual(self.violations(), [])
        self.told(self.billed("late word"))
        (found,) = self.violations()
        invoice = self.first.invoice_ids
        self.assertEqual(found.subscription_id, self.first.id)
        self.assertEqual((found.where, found.expected), ("2026-06-01 late word", "one invoice"))
        self.assertEqual(found.found, f"late word and {invoice.name}")
        watch = self.env["fusion.billing.invariants.watch"]
        watch._watch(self.service)
        finding = self.env["fusion.billing.invariant.finding"].search(
            [("service_id", "=", self.service.id), ("rule", "=", "billed_by_one")]
        )
        self.assertEqual(finding.meaning, "The app and we billed the same period")
        self.assertEqual((finding.order_id, finding.state), (self.first, "open"))
        self.env["fusion.billing.invoice.actions"].sudo()._void(invoice, {})
        self.assertEqual(self.violations(), [])
        watch._watch(self.service)
        self.assertEqual(finding.state, "closed")

    def test_what_the_app_billed_before_and_we_after_is_no_overlap(self):
        self.cut_over()
        self.told(self.billed("last of its own", start="2026-05-01", end="2026-06-01"))
        self.bill(CUT)
        self.assertTrue(self.orders.invoice_ids)
        self.assertEqual(self.violations(), [])
