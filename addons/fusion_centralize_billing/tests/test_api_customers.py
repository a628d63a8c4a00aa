"""POST /customers: upsert by external id, every wrong field at once, nothing half-written."""

from odoo.tests import tagged

from .api_common import ONTARIO, ApiCase


@tagged("post_install", "-at_install")
class TestApiCustomers(ApiCase):
    def send(self, **values):
        return self.call("POST", "/customers", {"customer": values})

    def test_a_customer_is_created_with_its_partner_and_echoed(self) -> None:
        customer = self.customer("acme", metadata=[{"key": "tier", "value": "gold"}])
        self.assertEqual(customer["external_id"], "acme")
        self.assertEqual(customer["country"], "CA")
        self.assertEqual(customer["email"], "billing@acme.example")
        self.assertEqual(customer["applicable_timezone"], "America/Toronto")
        self.assertEqual(customer["metadata"][0]["value"], "gold")
        self.assertEqual((customer["taxes"], customer["error_details"]), ([], []))
        self.assertIsNone(customer["legal_number"])
        link = self.service.link_ids
        self.assertRecordValues(
            link.partner_id,
            [{"name": "Acme Inc.", "city": "Toronto", "zip": "M5H 1A1"}],
        )
        self.assertEqual(link.partner_id.state_id.code, "ON")
        self.assertEqual(link.partner_id.country_id.code, "CA")

    def test_only_the_keys_that_were_sent_change_and_null_clears(self) -> None:
        self.customer("acme", phone="+1 416 555 0100")
        status, body = self.send(external_id="acme", city="Ottawa", phone=None)
        self.assertEqual(status, 200)
        self.assertEqual(body["customer"]["city"], "Ottawa")
        self.assertIsNone(body["customer"]["phone"])
        self.assertEqual(body["customer"]["email"], "billing@acme.example")
        partner = self.service.link_ids.partner_id
        self.assertRecordValues(partner, [{"city": "Ottawa", "phone": False, "zip": "M5H 1A1"}])

    def test_the_same_customer_twice_is_one_customer_with_one_id(self) -> None:
        first, second = self.customer(), self.customer()
        self.assertEqual(first["lago_id"], second["lago_id"])
        self.assertEqual(len(self.service.link_ids), 1)

    def test_creation_and_change_are_told_once_each(self) -> None:
        self.customer()
        self.customer()
        self.customer(city="Ottawa")
        types = self.service.webhook_ids.sorted("id").mapped("webhook_type")
        self.assertEqual(types, ["customer.created", "customer.updated"])

    def test_numbers_may_stand_where_strings_are_due(self) -> None:
        status, body = self.send(external_id=42, zipcode=90210, net_payment_term="30")
        self.assertEqual(status, 200)
        customer = body["customer"]
        self.assertEqual((customer["external_id"], customer["zipcode"]), ("42", "90210"))
        self.assertEqual(customer["net_payment_term"], 30)

    def test_every_wrong_field_is_named_and_nothing_is_written(self) -> None:
        partners = self.env["res.partner"].search_count([])
        answer = self.send(
            external_id="a/b",
            email="nobody",
            country="Canada",
            currency="CADS",
            timezone="Mars/Base",
            customer_type="alien",
            net_payment_term=-1,
            name="x" * 256,
            billing_configuration={"invoice_grace_period": "soon"},
            metadata=[{"key": "fine"}, {"key": ["not", "fine"]}],
        )
        self.assert_invalid(
            answer,
            external_id=["value_is_invalid"],
            email=["invalid_email_format"],
            country=["not_a_valid_country_code"],
            currency=["value_is_invalid"],
            timezone=["invalid_timezone"],
            customer_type=["value_is_invalid"],
            net_payment_term=["value_is_out_of_range"],
            name=["value_is_too_long"],
            billing_configuration={"invoice_grace_period": ["value_is_invalid"]},
            metadata={"1": {"key": ["value_is_invalid"]}},
        )
        self.assertFalse(self.service.link_ids)
        self.assertEqual(self.env["res.partner"].search_count([]), partners)
        self.assertFalse(self.service.webhook_ids)

    def test_an_id_is_mandatory_and_fit_for_a_url(self) -> None:
        self.assert_invalid(self.send(name="x"), external_id=["value_is_mandatory"])
        self.assert_invalid(self.send(external_id=None), external_id=["value_is_mandatory"])
        self.assert_invalid(self.send(external_id=" "), external_id=["value_is_mandatory"])
        self.assert_invalid(self.send(external_id="x" * 256), external_id=["value_is_too_long"])
        for bad in ("a/b", "a#b", "a?b", "..", "a\nb"):
            self.assert_invalid(self.send(external_id=bad), external_id=["value_is_invalid"])
        for good in ("a.b", "a@b.ca", "a+b", "a b", "a:b", "é"):
            self.assertEqual(self.customer(good, email=None)["external_id"], good)

    def test_unknown_keys_are_ignored(self) -> None:
        self.assertNotIn("favourite_colour", self.customer(favourite_colour="red"))

    def test_the_currency_cannot_change_once_something_was_sold_in_it(self) -> None:
        self.customer(currency="CAD")
        self.subscribe()
        answer = self.send(external_id="acme", currency="USD")
        self.assert_invalid(answer, currency=["currencies_does_not_match"])
        self.assertEqual(self.customer(currency="CAD")["currency"], "CAD")

    def test_another_service_with_the_same_client_sees_its_own_words_only(self) -> None:
        self.customer("acme", phone="+1 416 555 0100")
        other, other_key = self.make_service("other")
        status, body = self.call(
            "POST",
            "/customers",
            {"customer": {"external_id": "a-1", "email": ONTARIO["email"], "name": "ACME"}},
            key=other_key,
        )
        self.assertEqual(status, 200)
        self.assertEqual(other.link_ids.partner_id, self.service.link_ids.partner_id)
        self.assertEqual(body["customer"]["name"], "ACME")
        self.assertIsNone(body["customer"]["phone"])
        self.assertIsNone(body["customer"]["city"])
