"""The daily check: what does not hold is listed once, calls a person once, and closes by itself."""

from datetime import date

from odoo.exceptions import AccessError
from odoo.service.model import call_kw
from odoo.tests import new_test_user, tagged

from .usage_case import UsageCase


@tagged("post_install", "-at_install", "fc_invariants")
class TestInvariantsWatch(UsageCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.order = cls.make_order("sub-1")
        cls.stage = cls.env["fusion.billing.invariants.watch"]
        cls.manager = new_test_user(
            cls.env, "keeper", groups="fusion_centralize_billing.group_fusion_billing_manager",
            company_id=cls.company.id, company_ids=[(6, 0, cls.company.ids)],
        )  # fmt: skip

    def findings(self):
        return self.env["fusion.billing.invariant.finding"].search(
            [("service_id", "=", self.service.id)]
        )

    def activities(self):
        return self.findings().activity_ids

    def test_a_book_that_is_right_lists_nothing(self) -> None:
        self.assertEqual(self.stage._watch(self.service), (0, 0))
        self.assertFalse(self.findings())

    def test_what_does_not_hold_is_listed_once_and_calls_a_person_once(self) -> None:
        broken = self.make_usage(self.order, date(2026, 4, 3), 5)
        self.assertEqual(self.stage._watch(self.service), (1, 0))
        row = self.findings()
        self.assertEqual((row.rule, row.order_id, row.state), ("ledger_is_rollup", self.order,
                                                               "open"))  # fmt: skip
        self.assertEqual(row.meaning, "The day's events are not what was added up")
        self.assertEqual((row.place, row.found), ("2026-04-03 gb", "5.0 / 5.0 / 5.0 / 1"))
        self.assertEqual(len(self.activities()), 1)
        self.assertIn(self.company, self.activities().user_id.company_ids)
        self.assertEqual(self.stage._watch(self.service), (0, 0))
        self.assertEqual((len(self.findings()), len(self.activities())), (1, 1))
        # Gone: the finding closes, and so does what called for it.
        broken.unlink()
        self.assertEqual(self.stage._watch(self.service), (0, 1))
        self.assertEqual((row.state, bool(row.closed_at)), ("closed", True))
        self.assertFalse(self.activities())
        # Back again: the same row opens, and calls again.
        self.make_usage(self.order, date(2026, 4, 3), 5)
        self.assertEqual(self.stage._watch(self.service), (1, 0))
        self.assertEqual((self.findings().state, self.findings().closed_at), ("open", False))
        self.assertEqual(len(self.activities()), 1)

    def test_the_daily_job_and_the_button_check_every_service(self) -> None:
        self.make_usage(self.order, date(2026, 4, 3), 5)
        cron = self.env.ref("fusion_centralize_billing.cron_invariants")
        self.assertEqual((cron.interval_number, cron.interval_type), (1, "days"))
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.assertEqual(len(self.findings()), 1)
        self.findings().unlink()
        # As the list calls it: without a selection.
        findings = self.findings().with_user(self.manager)
        action = call_kw(findings, "action_check_now", [[]], {})
        self.assertEqual(action["res_model"], "fusion.billing.invariant.finding")
        self.assertEqual(len(self.findings()), 1)
        user = new_test_user(
            self.env, "looker", groups="fusion_centralize_billing.group_fusion_billing_user"
        )
        with self.assertRaises(AccessError):
            self.findings().with_user(user).action_check_now()
