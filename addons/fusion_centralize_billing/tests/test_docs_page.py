"""The page of the API: everything of the document, nothing from elsewhere."""

from unittest.mock import patch

from lxml import html

from odoo.tests import tagged

from ..controllers import docs
from ..controllers.docs_page import pieces, rows
from .api_common import BASE, ApiCase


@tagged("post_install", "-at_install")
class TestDocsPage(ApiCase):
    def setUp(self) -> None:
        super().setUp()
        self.answer = self.url_open(f"{BASE}/docs")
        self.assertEqual(self.answer.status_code, 200)
        self.page = html.fromstring(self.answer.content)

    def test_every_endpoint_is_on_the_page_once_and_in_the_list_beside_it(self) -> None:
        paths = self.url_open(f"{BASE}/openapi.json").json()["paths"]
        ids = {operation["operationId"] for each in paths.values() for operation in each.values()}
        shown = self.page.xpath("//article/@id")
        self.assertEqual(set(shown), ids)
        self.assertEqual(len(shown), len(ids))
        linked = {href.lstrip("#") for href in self.page.xpath("//nav/details/a/@href")}
        self.assertEqual(linked, ids)

    def test_it_has_no_script_and_loads_nothing_from_elsewhere(self) -> None:
        self.assertEqual(self.page.xpath("//script"), [])
        for address in self.page.xpath("//link/@href | //img/@src"):
            self.assertTrue(address.startswith("/fusion_centralize_billing/static/"), address)
            self.assertEqual(self.url_open(address).status_code, 200)
        self.assertIn("default-src 'none'", self.answer.headers["Content-Security-Policy"])
        self.assertNotIn("session_id", self.answer.cookies)

    def test_an_endpoint_shows_its_parameters_its_body_a_request_and_an_answer(self) -> None:
        [article] = self.page.xpath("//article[@id='create_subscription']")
        text = article.text_content()
        for part in ("POST", "/subscriptions", "external_customer_id", "required",
                     "one of calendar, anniversary", "Idempotency-Key", "404"):  # fmt: skip
            self.assertIn(part, text)
        request, answer = article.xpath(".//pre")
        self.assertIn(f"curl -X POST '{self.base_url()}{BASE}/subscriptions'", request.text)
        self.assertIn('-H "Authorization: Bearer $KEY"', request.text)
        self.assertIn('"plan_code": "pro"', request.text)
        self.assertIn('"current_billing_period_ending_at"', answer.text)
        [open_one] = self.page.xpath("//article[@id='health']//pre[1]")
        self.assertNotIn("Authorization", open_one.text)

    def test_a_browser_that_has_the_page_is_not_sent_it_again(self) -> None:
        etag = self.answer.headers["ETag"]
        with patch.object(docs, "sections", side_effect=AssertionError("made again")):
            again = self.url_open(f"{BASE}/docs", headers={"If-None-Match": etag})
            self.assertEqual((again.status_code, again.content), (304, b""))
            other = self.url_open(f"{BASE}/docs", headers={"If-None-Match": '"another"'})
        self.assertEqual(other.content, self.answer.content)

    def test_the_page_names_the_server_that_was_asked(self) -> None:
        port = self.base_url().rsplit(":", 1)[1]
        elsewhere = self.url_open(f"http://localhost:{port}{BASE}/docs")
        self.assertIn(f"http://localhost:{port}{BASE}", elsewhere.text)
        self.assertNotIn(self.base_url(), elsewhere.text)
        self.assertNotEqual(elsewhere.headers["ETag"], self.answer.headers["ETag"])
        for page in (elsewhere, self.answer):
            self.assertNotIn(docs.ADDRESS, page.text)

    def test_what_is_nested_is_shown_with_its_path(self) -> None:
        [article] = self.page.xpath("//article[@id='create_plan']")
        names = [name.text for name in article.xpath(".//th/code")]
        self.assertIn("plan.charges[].charge_model", names)
        schema = {"properties": {"a": {"type": "array", "items": {"$ref": "#/x/B"}}}}
        found = rows(schema, {"B": {"type": "object", "properties": {"b": {"type": "string"}}}})
        self.assertEqual([(row["name"], row["type"]) for row in found],
                         [("a", "list of object"), ("a[].b", "text")])  # fmt: skip

    def test_markup_in_a_docstring_stays_text(self) -> None:
        told = pieces("a `<b>` c")
        self.assertEqual([piece["text"] for piece in told], ["a ", "<b>", " c"])
        self.assertEqual([piece["code"] for piece in told], [False, True, False])
