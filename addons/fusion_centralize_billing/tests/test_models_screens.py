"""What an administrator does on the screens, with that person's own rights."""

from datetime import date

from odoo.exceptions import UserError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools.misc import file_open

from .common import BillingCase


@tagged("post_install", "-at_install")
class TestScreens(BillingCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.manager = new_test_user(
            cls.env,
            "fb-manager",
            groups="fusion_centralize_billing.group_fusion_billing_manager",
        )

    def test_a_manager_bills_from_the_service_form(self):
        order = self.make_order("sub-1")

        action = self.service.with_user(self.manager).action_billing_run()
        draft = self.env["fusion.billing.run"].with_user(self.manager).browse(action["res_id"])
        self.assertRecordValues(draft, [{"state": "draft", "as_of": date(2026, 3, 15)}])
        done = draft.browse(draft.action_run()["res_id"])

        self.assertRecordValues(done, [{"state": "done", "invoiced_count": 1, "parked_count": 0}])
        self.assertEqual(done.line_ids.order_id, order)
        invoice = done.line_ids.invoice_id
        self.assertRecordValues(
            invoice,
            [{"state": "posted", "amount_untaxed": 29.0, "x_fc_service_id": self.service.id}],
        )
        self.assertEqual(done.action_view_invoices()["domain"], [("id", "in", invoice.ids)])
        with self.assertRaises(UserError):
            done.action_run()

    def test_a_manager_sets_up_a_service_with_its_catalogue_on_the_forms(self):
        with Form(self.env["fusion.billing.service"].with_user(self.manager)) as form:
            form.name = "Maps"
            form.code = "maps"
        service = form.record
        with Form(self.env["fusion.billing.metric"].with_user(self.manager)) as form:
            form.service_id = service
            form.name = "Requests"
            form.code = "requests"
            form.aggregation = "count"
        metric = form.record
        with Form(self.env["fusion.billing.charge"].with_user(self.manager)) as form:
            form.service_id = service
            form.plan_code = "starter"
            form.metric_id = metric
            form.code = "requests"
            form.name = "Requests"
            form.model = "graduated"
            for up_to, price in ((1000, 0.0), (0, 0.0008)):
                with form.tier_ids.new() as tier:
                    tier.up_to = up_to
                    tier.unit_price = price

        self.assertRecordValues(service, [{"mode": "shadow", "company_id": self.company.id}])
        self.assertEqual(form.record._to_engine().model, "graduated")

    def test_every_form_opens_for_a_viewer(self):
        viewer = new_test_user(
            self.env, "fb-viewer", groups="fusion_centralize_billing.group_fusion_billing_user"
        )
        order = self.make_order("sub-1")
        records = (self.service, self.metric, self.charge, self.plan, self.link, order)
        for record in records:
            with self.subTest(model=record._name):
                Form(record.with_user(viewer))

    def test_going_live_tells_what_was_confirmed_and_what_is_held(self):
        shadow = self.make_service("dark", mode="shadow", clean_periods_required=0)
        plan = self.make_plan("basic", 10.0, service=shadow)
        good = self.make_link("dark-1", self.partner, service=shadow)
        nowhere = self.env["res.partner"].create({"name": "Nowhere Inc."})
        bad = self.make_link("dark-2", nowhere, service=shadow)
        period = {
            "x_fc_current_period_start": date(2026, 3, 1),
            "x_fc_current_period_end": date(2026, 4, 1),
        }
        self.make_order("sub-1", link=good, plan=plan, confirm=False, **period)
        self.make_order("sub-2", link=bad, plan=plan, confirm=False, **period)

        answer = shadow.with_user(self.manager).action_go_live()["params"]

        self.assertEqual(answer["type"], "warning")
        self.assertIn("1 subscriptions confirmed", answer["message"])
        self.assertIn("1 held back", answer["message"])
        self.assertIn("sub-2: ", answer["message"])
        self.assertEqual(shadow.mode, "live")

    def test_a_neutralized_copy_calls_no_app_and_accepts_no_key(self):
        self.service.webhook_url = "https://app.example.com/hook"
        plaintext = self.service.generate_key("app")
        self.env.flush_all()

        with file_open("fusion_centralize_billing/data/neutralize.sql") as script:
            self.env.cr.execute(script.read())
        self.env.invalidate_all()

        self.assertFalse(self.service.webhook_url)
        self.assertFalse(self.env["fusion.billing.api.key"]._authenticate(plaintext))
