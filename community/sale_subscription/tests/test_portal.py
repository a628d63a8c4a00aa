import re

from freezegun import freeze_time

from odoo import Command
from odoo.addons.base.tests.common import HttpCaseWithUserPortal
from odoo.tests import tagged

from .common import SubscriptionCase


@tagged("post_install", "-at_install")
class TestPortal(SubscriptionCase, HttpCaseWithUserPortal):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user_portal.write(
            {"company_ids": [Command.set(cls.env.company.ids)], "company_id": cls.env.company.id}
        )
        cls.customer = cls.partner_portal
        cls.closable = cls._plan("Closable plan", user_closable=True)
        cls.reason = cls.env["sale.order.close.reason"].create({"name": "Too expensive"})
        with freeze_time("2026-01-01 12:00:00"):
            cls.order = cls._order("2026-01-01", plan=cls.closable)
            cls.invoice = cls.order._create_recurring_invoice()
        cls.stranger = cls.env["res.partner"].create(
            {"name": "Eve", "country_id": cls.env.ref("base.ca").id}
        )
        cls.foreign = cls._order("2026-01-01", plan=cls.closable, partner_id=cls.stranger.id)
        cls.url = f"/my/subscriptions/{cls.order.id}"
        cls.foreign_url = f"/my/subscriptions/{cls.foreign.id}"

    def _token(self, partner):
        method = self.env.ref("payment.payment_method_unknown")
        provider = self.env["payment.provider"].create(
            {"name": "Test", "company_id": self.env.company.id, "state": "disabled"}
        )
        return self.env["payment.token"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": method.id,
                "payment_details": "4242",
                "partner_id": partner.id,
                "provider_ref": f"pm_{partner.id}",
            }
        )

    def _post(self, url, **data):
        page = self.url_open(self.url)
        found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
        data["csrf_token"] = found.group(1)
        return self.url_open(url, data=data)

    # === SEEING === #

    def test_the_list_shows_ones_own_subscriptions_only(self):
        self.authenticate("portal", "portal")
        page = self.url_open("/my/subscriptions").text
        self.assertIn(self.order.name, page)
        self.assertIn("Closable plan", page)
        self.assertNotIn(self.foreign.name, page)

    def test_the_page_says_plan_date_lines_total_and_invoices(self):
        self.authenticate("portal", "portal")
        page = self.url_open(self.url).text
        for text in ("Closable plan", "every month", "02/01/2026", "Hosting", "31.00"):
            self.assertIn(text, page)
        self.assertIn(self.invoice.name, page)
        self.assertIn("/my/payment_method", page)

    def test_the_invoice_of_an_upsell_is_on_the_page_of_its_contract(self):
        with freeze_time("2026-01-10 12:00:00"):
            upsell = self.env["sale.order"].browse(self.order.prepare_upsell_order()["res_id"])
            upsell.order_line.product_uom_qty = 1
            upsell.action_confirm()
            invoice = upsell._create_invoices()
            invoice.action_post()
        self.authenticate("portal", "portal")
        self.assertIn(invoice.name, self.url_open(self.url).text)

    def test_the_home_counts_the_subscriptions(self):
        self.authenticate("portal", "portal")
        answer = self.make_jsonrpc_request("/my/counters", {"counters": ["subscription_count"]})
        self.assertEqual(answer["subscription_count"], 1)

    def test_another_customers_subscription_is_out_of_reach(self):
        self.authenticate("portal", "portal")
        answer = self.url_open(self.foreign_url)
        self.assertTrue(answer.url.endswith("/my"))
        self.assertNotIn(self.foreign.name, answer.text)

    def test_a_visitor_needs_the_token_of_the_order(self):
        self.authenticate(None, None)
        token = self.order._portal_ensure_token()
        self.assertIn("Hosting", self.url_open(f"{self.url}?access_token={token}").text)
        for other in ("wrong", self.foreign._portal_ensure_token()):
            answer = self.url_open(f"{self.url}?access_token={other}")
            self.assertNotIn("Hosting", answer.text)

    def test_a_quotation_is_no_subscription_yet(self):
        quotation = self._order("2026-01-01", confirm=False)
        self.authenticate("portal", "portal")
        answer = self.url_open(f"/my/subscriptions/{quotation.id}")
        self.assertTrue(answer.url.endswith("/my"))

    # === CLOSING === #

    def test_closing_takes_a_reason_and_leaves_a_note(self):
        self.authenticate("portal", "portal")
        answer = self._post(f"{self.url}/close", close_reason_id=self.reason.id)
        self.assertIn("Your subscription is closed", answer.text)
        self.assertEqual(self.order.subscription_state, "6_churn")
        self.assertEqual(self.order.close_reason_id, self.reason)
        note = self.order.message_ids.filtered(lambda message: "portal" in (message.body or ""))
        self.assertIn("Too expensive", note.body)
        self.assertEqual(note.author_id, self.partner_portal)

    def test_nothing_is_closed_without_a_reason_from_the_list(self):
        self.authenticate("portal", "portal")
        for reason in ("", "0", "because"):
            self._post(f"{self.url}/close", close_reason_id=reason)
        self.assertEqual(self.order.subscription_state, "3_progress")

    def test_nothing_is_closed_when_the_plan_does_not_let_customers(self):
        self.closable.user_closable = False
        self.authenticate("portal", "portal")
        self._token(self.partner_portal)  # so that the page has a form at all
        self.assertNotIn("close_subscription", self.url_open(self.url).text)
        self._post(f"{self.url}/close", close_reason_id=self.reason.id)
        self.assertEqual(self.order.subscription_state, "3_progress")

    def test_nobody_closes_for_another_customer(self):
        self.authenticate("portal", "portal")
        self._post(f"{self.foreign_url}/close", close_reason_id=self.reason.id)
        self.assertEqual(self.foreign.subscription_state, "3_progress")

    def test_an_employee_who_sees_the_page_does_not_act_as_the_customer(self):
        self.authenticate(self.env.user.login, self.env.user.login)
        page = self.url_open(self.url).text
        self.assertIn("Hosting", page)
        self.assertNotIn(f"{self.url}/close", page)

    def test_a_form_from_another_site_is_refused(self):
        self.authenticate("portal", "portal")
        data = {"close_reason_id": self.reason.id}
        with self.assertLogs("odoo.http", "WARNING"):
            answer = self.url_open(f"{self.url}/close", data=data)
        self.assertEqual(answer.status_code, 400)
        self.assertEqual(self.order.subscription_state, "3_progress")

    # === PAYING === #

    def test_a_customer_chooses_a_card_of_their_own(self):
        token = self._token(self.partner_portal)
        self.authenticate("portal", "portal")
        self.assertIn("4242", self.url_open(self.url).text)
        self._post(f"{self.url}/payment_method", token_id=token.id)
        self.assertEqual(self.order.payment_token_id, token)

    def test_somebody_elses_card_is_not_offered_and_not_taken(self):
        other = self._token(self.stranger)
        self.authenticate("portal", "portal")
        self._post(f"{self.url}/payment_method", token_id=other.id)
        self.assertFalse(self.order.payment_token_id)

    def test_the_card_of_another_customers_subscription_stays(self):
        token = self._token(self.partner_portal)
        self.authenticate("portal", "portal")
        self._post(f"{self.foreign_url}/payment_method", token_id=token.id)
        self.assertFalse(self.foreign.payment_token_id)
