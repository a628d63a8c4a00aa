"""GET /customers/{id}/portal_url: a link that signs in, for twelve hours, one customer only."""

from datetime import timedelta
from unittest.mock import patch
from urllib.parse import urlsplit

from odoo.tests import tagged

from .api_common import ApiCase

MODULE = "odoo.addons.fusion_centralize_billing"


@tagged("post_install", "-at_install")
class TestApiPortalUrl(ApiCase):
    def setUp(self) -> None:
        super().setUp()
        self.customer()
        self.partner = self.service.link_ids.partner_id

    def path(self, external_id: str = "acme") -> str:
        status, body = self.call("GET", f"/customers/{external_id}/portal_url")
        self.assertEqual(status, 200, body)
        self.assertEqual(list(body["customer"]), ["portal_url"])
        return urlsplit(body["customer"]["portal_url"]).path

    def visit(self, path: str):
        self.env.flush_all()
        answer = self.url_open(path)
        self.env.invalidate_all()
        return answer

    def signed_in(self) -> bool:
        return urlsplit(self.visit("/my/home").url).path.endswith("/my/home")

    def test_the_link_signs_in_to_the_customers_own_pages(self) -> None:
        path = self.path()
        self.assertFalse(self.partner.user_ids, "a link that nobody follows makes nobody")
        self.assertFalse(self.signed_in())
        answer = self.visit(path)
        self.assertEqual(answer.status_code, 200)
        # With a prefix where the visitor's language is not the site's first.
        self.assertTrue(urlsplit(answer.url).path.rstrip("/").endswith("/my"), answer.url)
        self.assertEqual(answer.history[0].headers["Referrer-Policy"], "no-referrer")
        self.assertTrue(self.signed_in())
        [user] = self.partner.user_ids
        self.assertTrue(user._is_portal() and user.share)
        self.assertEqual(user.login, "billing@acme.example")
        self.visit(path)
        self.assertEqual(self.partner.user_ids, user)

    def test_a_link_expires(self) -> None:
        with patch(f"{MODULE}.pipeline.portal_url.LIFETIME", timedelta(seconds=-1)):
            path = self.path()
        self.assertEqual(urlsplit(self.visit(path).url).path, "/web/login")
        self.assertFalse(self.signed_in())
        self.assertFalse(self.partner.user_ids)

    def test_a_session_ends_with_its_time(self) -> None:
        path = self.path()
        with patch(f"{MODULE}.controllers.portal_url.LIFETIME", timedelta(seconds=-1)):
            self.visit(path)
        self.assertTrue(self.partner.user_ids)
        self.assertFalse(self.signed_in())

    def test_a_link_that_was_touched_opens_nothing(self) -> None:
        path = self.path()
        prefix, _slash, token = path.rpartition("/")
        changed = token[:-2] + ("AA" if token[-2:] != "AA" else "BB")
        for forged in (changed, token[:-8], "x", "AQ", token.replace("A", "é", 1)):
            answer = self.visit(f"{prefix}/{forged}")
            self.assertEqual(urlsplit(answer.url).path, "/web/login", forged)
        self.assertFalse(self.partner.user_ids)

    def test_nobody_is_signed_in_as_an_employee(self) -> None:
        path = self.path()
        internal = self.env["res.users"].create({"login": "staff", "partner_id": self.partner.id})
        self.assertTrue(internal._is_internal())
        answer = self.call("GET", "/customers/acme/portal_url")
        self.assert_invalid(answer, base=["customer_is_an_employee"])
        self.assertEqual(urlsplit(self.visit(path).url).path, "/web/login")

    def test_an_app_does_not_reach_an_account_by_sending_its_address(self) -> None:
        other, key = self.make_service("other")
        body = {"customer": {"external_id": "x", "email": "billing@acme.example"}}
        self.assertEqual(self.call("POST", "/customers", body, key=key)[0], 200)
        self.assertEqual(other.link_ids.partner_id, self.partner)
        theirs = self.call("GET", "/customers/x/portal_url", key=key)
        self.assert_invalid(theirs, base=["customer_must_be_confirmed"])
        ours = self.call("GET", "/customers/acme/portal_url")
        self.assert_invalid(ours, base=["customer_must_be_confirmed"])
        self.service.link_ids.action_confirm()
        self.path()

    def test_revoked_access_and_a_deleted_customer_stay_out(self) -> None:
        path = self.path()
        self.visit(path)
        self.partner.user_ids.active = False
        answer = self.call("GET", "/customers/acme/portal_url")
        self.assert_invalid(answer, base=["portal_access_was_revoked"])
        self.env["res.users"].with_context(active_test=False).search(
            [("partner_id", "=", self.partner.id)]
        ).active = True
        self.call("DELETE", "/customers/acme")
        self.assertEqual(urlsplit(self.visit(path).url).path, "/web/login")

    def test_another_services_customer_is_404_like_nothing(self) -> None:
        _other, key = self.make_service("other")
        mine = self.call("GET", "/customers/acme/portal_url", key=key)
        self.assert_not_found(mine, "customer_not_found")
