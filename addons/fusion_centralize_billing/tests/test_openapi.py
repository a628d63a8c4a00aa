"""The document says what there is: every route, with what it takes and what it gives."""

import json

from odoo.tests import tagged

from ..controllers.openapi_routes import mounted
from ..schemas.declared import Media, One
from .api_common import BASE, ApiCase
from .described import misfit, route_of

HOW = "declare body=, query= and answer= in billing_route (see controllers/README.md)"


@tagged("post_install", "-at_install")
class TestOpenapi(ApiCase):
    def setUp(self) -> None:
        super().setUp()
        answer = self.url_open(f"{BASE}/openapi.json")
        self.assertEqual(answer.status_code, 200)
        self.document = answer.json()

    @property
    def routes(self):
        return mounted(self.env["ir.http"].routing_map().iter_rules())

    def test_every_mounted_route_is_in_the_document(self) -> None:
        for route in self.routes:
            with self.subTest(route=f"{route.method} {route.path}"):
                self.assertIn(route.method.lower(), self.document["paths"].get(route.path, {}), HOW)
        count = sum(len(operations) for operations in self.document["paths"].values())
        self.assertEqual(count, len(self.routes))
        self.assertGreater(count, 70)

    def test_every_operation_has_its_own_id_and_is_told_in_words(self) -> None:
        operations = [o for path in self.document["paths"].values() for o in path.values()]
        self.assertEqual(len({o["operationId"] for o in operations}), len(operations))
        for operation in operations:
            with self.subTest(operation=operation["operationId"]):
                self.assertRegex(operation["summary"], r"^[A-Z0-9][^{}]{8,}$")

    def test_every_reference_leads_somewhere(self) -> None:
        text = json.dumps(self.document)
        schemas = self.document["components"]["schemas"]
        prefix = '"$ref": "#/components/schemas/'
        found = {part.split('"')[0] for part in text.split(prefix)[1:]}
        self.assertEqual(found - set(schemas), set())

    def test_writes_name_the_idempotency_key_and_what_needs_no_key_says_so(self) -> None:
        for route in self.routes:
            operation = self.document["paths"][route.path][route.method.lower()]
            headers = [p["name"] for p in operation["parameters"] if p["in"] == "header"]
            with self.subTest(route=f"{route.method} {route.path}"):
                self.assertEqual(headers, ["Idempotency-Key"] if route.writes else [])
                self.assertEqual(operation.get("security"), None if "401" in
                                 operation["responses"] else [])  # fmt: skip

    def test_an_answer_of_another_shape_or_status_is_noticed(self) -> None:
        route = route_of(self.env, "GET", "/plans/pro")
        self.assertIsInstance(route.routing["fc_answer"], One)
        status, body = self.call("GET", "/plans/pro")
        self.assertEqual(misfit(route, status, body), "")
        for change in ({"amount_cents": 20.5}, {"amount_cents": "2000"}, {"created_at": None},
                       {"extra": 1}):  # fmt: skip
            with self.subTest(change=change):
                self.assertTrue(misfit(route, 200, {"plan": body["plan"] | change}))
        del body["plan"]["description"]
        self.assertIn("description", misfit(route, 200, body))
        self.assertIn("not declared", misfit(route, 405, {}))

    def test_the_document_needs_no_key_and_is_no_page_of_a_list(self) -> None:
        route = route_of(self.env, "GET", "/openapi.json")
        self.assertFalse(route.routing["fc_key"])
        self.assertEqual(route.routing["fc_answer"], Media("application/json"))
        self.assertTrue(self.document["openapi"].startswith("3.1"))
        self.assertEqual(self.document["servers"], [{"url": BASE}])
