"""What the document shows as an example is what the API takes and gives."""

from pydantic import TypeAdapter

from odoo.tests import tagged

from ..controllers.openapi_routes import mounted
from ..models.webhook_types import WEBHOOK_TYPES
from ..schemas.declared import Flat, Many, Maybe, Media, Nothing
from .api_common import BASE, ApiCase
from .described import misfit

JSON = "application/json"
CONTEXT = {
    "is_country": lambda code: code == "CA",
    "is_currency": lambda code: code == "CAD",
    "known_types": WEBHOOK_TYPES,
}


@tagged("post_install", "-at_install")
class TestOpenapiExamples(ApiCase):
    def setUp(self) -> None:
        super().setUp()
        self.document = self.url_open(f"{BASE}/openapi.json").json()
        self.routes = mounted(self.env["ir.http"].routing_map().iter_rules())

    def operation(self, route):
        return self.document["paths"][route.path][route.method.lower()]

    def test_every_request_example_passes_the_model_that_validates(self) -> None:
        bodies = [route for route in self.routes if route.routing["fc_body"]]
        self.assertGreater(len(bodies), 20)
        for route in bodies:
            declared = route.routing["fc_body"]
            example = self.operation(route)["requestBody"]["content"][JSON]["example"]
            sent = example if isinstance(declared, Flat) else example[declared.root]
            with self.subTest(route=f"{route.method} {route.path}"):
                if getattr(declared, "partial", False):
                    self.assertLessEqual(set(sent), set(declared.shape.model_fields))
                    self.assertTrue(sent)
                    continue
                shape = list[declared.shape] if isinstance(declared, Many) else declared.shape
                TypeAdapter(shape).validate_python(sent, context=CONTEXT)

    def test_every_answer_example_is_an_answer(self) -> None:
        checked = 0
        for route in self.routes:
            declared = route.routing["fc_answer"]
            declared = declared.answer if isinstance(declared, Maybe) else declared
            if isinstance(declared, Media | Nothing):
                continue
            answer = self.operation(route)["responses"]["200"]["content"][JSON]["example"]
            checked += 1
            with self.subTest(route=f"{route.method} {route.path}"):
                self.assertEqual(misfit(route, 200, answer), "")
        self.assertGreater(checked, 60)

    def test_the_first_steps_of_the_document_work_as_they_stand(self) -> None:
        """The examples, sent one after the other, make a metric, a plan, and who uses them."""
        metric = self.example("POST", "/billable_metrics")
        metric["billable_metric"]["code"] = "traffic"
        status, made = self.call("POST", "/billable_metrics", metric)
        self.assertEqual(status, 200, made)
        plan = self.example("POST", "/plans")
        plan["plan"]["code"] = "first"
        plan["plan"]["charges"][0]["billable_metric_id"] = made["billable_metric"]["lago_id"]
        for path, body in (
            ("/plans", plan),
            ("/customers", self.example("POST", "/customers")),
            ("/subscriptions", self.example("POST", "/subscriptions")),
            ("/events", self.example("POST", "/events")),
        ):
            with self.subTest(path=path):
                status, answer = self.call("POST", path, body)
                self.assertEqual(status, 200, answer)

    def example(self, method: str, path: str):
        operation = self.document["paths"][path][method.lower()]
        return operation["requestBody"]["content"][JSON]["example"]
