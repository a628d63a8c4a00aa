"""GET and DELETE /customers."""

from datetime import date

from odoo.tests import tagged

from .api_common import ApiCase


@tagged("post_install", "-at_install")
class TestApiCustomersRead(ApiCase):
    def setUp(self) -> None:
        super().setUp()
        self.customer()
        self.customer(
            "zeta",
            name="Zeta GmbH",
            email="ap@zeta.example",
            country="DE",
            state="BE",
            currency="EUR",
            customer_type="company",
            account_type="partner",
            tax_identification_number="DE123",
            metadata=[{"key": "tier", "value": "gold"}],
        )

    def ids(self, query: str = "", key: str = "") -> list[str]:
        status, body = self.call("GET", f"/customers{query}", key=key)
        self.assertEqual(status, 200, body)
        return [customer["external_id"] for customer in body["customers"]]

    def test_the_list_has_the_newest_first_and_pages(self) -> None:
        self.assertEqual(self.ids(), ["zeta", "acme"])
        _status, body = self.call("GET", "/customers?per_page=1&page=2")
        self.assertEqual(body["meta"]["prev_page"], 1)
        [customer] = body["customers"]
        self.assertEqual((customer["external_id"], customer["name"]), ("acme", "Acme Inc."))
        self.assertNotIn("error_details", customer)

    def test_every_filter_of_lago_filters(self) -> None:
        for query in (
            "search_term=zet",
            "search_term=ap@zeta",
            "external_id=zeta",
            "countries[]=DE",
            "countries=de&countries=FR",
            "states[]=BE",
            "currencies[]=EUR",
            "account_type[]=partner",
            "customer_type=company",
            "has_customer_type=true",
            "has_tax_identification_number=true",
            "metadata[tier]=gold",
        ):
            self.assertEqual(self.ids(f"?{query}"), ["zeta"], query)
        for query in ("has_customer_type=false", "account_type=customer", "metadata[tier]=",
                      "countries[]=CA&zipcodes[]=M5H%201A1"):  # fmt: skip
            self.assertEqual(self.ids(f"?{query}"), ["acme"], query)
        self.assertEqual(self.ids("?billing_entity_codes[]=none"), [])
        answer = self.call("GET", "/customers?customer_type=robot")
        self.assert_invalid(answer, customer_type=["value_is_invalid"])

    def test_one_customer_is_shown(self) -> None:
        status, body = self.call("GET", "/customers/zeta")
        self.assertEqual((status, body["customer"]["email"]), (200, "ap@zeta.example"))
        self.assertEqual(body["customer"]["error_details"], [])
        self.assert_not_found(self.call("GET", "/customers/nope"), "customer_not_found")

    def test_a_customers_subscriptions(self) -> None:
        self.subscribe()
        self.subscribe("sub-z", external_customer_id="zeta")
        _status, body = self.call("GET", "/customers/acme/subscriptions")
        self.assertEqual([s["external_id"] for s in body["subscriptions"]], ["sub-1"])
        self.assertNotIn("plan", body["subscriptions"][0])
        _status, body = self.call("GET", "/customers/acme/subscriptions?status[]=pending")
        self.assertEqual((body["subscriptions"], body["meta"]["total_count"]), ([], 0))
        answer = self.call("GET", "/customers/nope/subscriptions")
        self.assert_not_found(answer, "customer_not_found")

    def test_a_customers_invoices(self) -> None:
        self.subscribe()
        self.subscribe("sub-z", external_customer_id="zeta")
        self.env["fusion.billing.invoice"]._run(self.service, date(2026, 3, 10))
        _status, body = self.call("GET", "/customers/acme/invoices?status[]=finalized")
        owners = [invoice["customer"]["external_id"] for invoice in body["invoices"]]
        self.assertEqual((owners, body["meta"]["total_count"]), (["acme"], 1))
        _status, body = self.call("GET", "/customers/acme/invoices?status[]=voided")
        self.assertEqual(body["invoices"], [])
        answer = self.call("GET", "/customers/nope/invoices")
        self.assert_not_found(answer, "customer_not_found")

    def test_a_deleted_customer_is_gone_with_what_ran(self) -> None:
        self.subscribe()
        self.subscribe("later", subscription_at="2026-06-01T00:00:00Z")
        status, body = self.call("DELETE", "/customers/acme")
        self.assertEqual((status, body["customer"]["external_id"]), (200, "acme"))
        self.assert_not_found(self.call("GET", "/customers/acme"), "customer_not_found")
        self.assertEqual(self.ids(), ["zeta"])
        states = {
            order.x_fc_external_id: self.env["fusion.billing.subscribe"]._status(
                order, self.service._now()
            )
            for order in self.service.subscription_ids
        }
        self.assertEqual(states, {"sub-1": "terminated", "later": "canceled"})
        self.assert_not_found(self.call("DELETE", "/customers/acme"), "customer_not_found")

    def test_a_deleted_id_begins_anew(self) -> None:
        self.call("DELETE", "/customers/zeta")
        body = {"customer": {"external_id": "zeta", "name": "Zeta 2"}}
        status, body = self.call("POST", "/customers", body)
        self.assertEqual(status, 200, body)
        self.assertEqual((body["customer"]["name"], body["customer"]["country"]), ("Zeta 2", None))
        self.assertEqual(self.ids(), ["zeta", "acme"])

    def test_another_services_customer_is_404_like_nothing(self) -> None:
        _other, key = self.make_service("other")
        self.assertEqual(self.ids(key=key), [])
        for method, path in (
            ("GET", ""),
            ("DELETE", ""),
            ("GET", "/subscriptions"),
            ("GET", "/invoices"),
        ):
            mine = self.call(method, f"/customers/acme{path}", key=key)
            self.assert_not_found(mine, "customer_not_found")
            self.assertEqual(mine, self.call(method, f"/customers/nope{path}", key=key))
        self.assertEqual(self.ids(), ["zeta", "acme"])
