"""A refused write leaves nothing behind: not a row, not a date, whatever was wrong with it."""

import copy
from collections.abc import Iterator
from typing import Any

from odoo.tests import tagged
from odoo.tools import SQL

from ..controllers.openapi_routes import MountedRoute, mounted
from .api_billed_case import BilledCase
from .api_common import BASE

# What a refusal may write: when the key was used, and that something was pushed.
TOLD = ("fusion_billing_api_key", "fusion_billing_usage_push", "fusion_billing_rate_window")
NATIVE = (
    "res_partner", "sale_order", "sale_order_line", "sale_subscription_plan", "product_template",
    "product_product", "product_pricelist", "product_pricelist_item", "account_move",
    "account_move_line", "account_payment", "account_partial_reconcile", "ir_attachment",
)  # fmt: skip
WRONG: tuple[Any, ...] = ({"a": [1]}, "", -1, "x" * 300, [{"key": {}}], True)


@tagged("post_install", "-at_install")
class TestApiRefused(BilledCase):
    def setUp(self) -> None:
        super().setUp()
        self.document = self.url_open(f"{BASE}/openapi.json").json()
        self.env.cr.execute(
            SQL(
                "SELECT relname FROM pg_class WHERE relkind = 'r' AND NOT relispartition "
                "AND relname LIKE %s ORDER BY 1",
                "fusion_billing_%",
            )
        )
        own = [name for (name,) in self.env.cr.fetchall() if name not in TOLD]
        self.assertGreater(len(own), 15)
        self.tables = [*own, "fusion_billing_usage_event", *NATIVE]
        self.ids = {
            "customers": "acme",
            "subscriptions": "sub-1",
            "plans": "pro",
            "charges": "bandwidth-over",
            "billable_metrics": "bandwidth",
            "invoices": self.invoice_id,
            "fees": self.fee_id,
        }

    def look(self) -> dict[str, tuple]:
        """Rows of every table, and a hash of all that is in them."""
        self.env.flush_all()
        found = {}
        for table in self.tables:
            query = "SELECT count(*), sum(hashtextextended(t::text, 0)::numeric) FROM %s t"
            [found[table]] = self.env.execute_query(SQL(query, SQL.identifier(table)))
        return found

    def path(self, route: MountedRoute) -> str:
        """With names of what is there."""
        parts = route.path.split("/")
        for number, part in enumerate(parts):
            if part.startswith("{"):
                parts[number] = self.ids.get(parts[number - 1], "nobody")
        return "/".join(parts)

    def bodies(self, route: MountedRoute) -> Iterator[Any]:
        """The example of the document with each of its keys wrong in turn, and no body at all."""
        operation = self.document["paths"][route.path][route.method.lower()]
        if not route.routing["fc_body"]:
            return
        example = operation["requestBody"]["content"]["application/json"]["example"]
        yield {}
        [root] = list(example)[:1]
        inner = example[root][0] if isinstance(example[root], list) else example[root]
        for key in inner if isinstance(inner, dict) else ():
            for wrong in WRONG:
                body = copy.deepcopy(example)
                at = body[root][0] if isinstance(body[root], list) else body[root]
                at[key] = wrong
                yield body
        if isinstance(example[root], list):
            yield {root: [inner, {**inner, "code": None}]}

    def test_no_refused_write_changes_a_row(self) -> None:
        before, refused = self.look(), 0
        for route in mounted(self.env["ir.http"].routing_map().iter_rules()):
            if not route.writes:
                continue
            for body in self.bodies(route):
                status, answer = self.call(route.method, self.path(route), body)
                self.assertLess(status, 500, f"{route.method} {route.path} {body}")
                after = self.look()
                if 400 <= status < 500:
                    refused += 1
                    self.assertEqual(after, before, f"{route.method} {route.path} {body} {answer}")
                before = after
        self.assertGreater(refused, 200)
        self.assert_book_is_right()
