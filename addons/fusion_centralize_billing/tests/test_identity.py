"""One partner per client: when an app's customer attaches, when it waits, when it is new."""

from odoo.tests import tagged

from .common import BillingCase

ANN = {
    "name": "Ann Roy", "email": "ann@example.ca", "address_line1": "12 King Street West",
    "city": "Toronto", "state": "ON", "zipcode": "M5H 1A1", "country": "CA",
    "timezone": "America/Vancouver", "tax_identification_number": "123456782RT0001",
}  # fmt: skip


@tagged("post_install", "-at_install")
class TestIdentity(BillingCase):
    def resolve(self, external_id: str, service=None, **changes):
        values = {key: value for key, value in (ANN | changes).items() if value != "absent"}
        return self.env["fusion.billing.identity"]._resolve(
            service or self.service, external_id, values
        )

    def test_nobody_known_becomes_a_new_partner(self):
        link = self.resolve("c-9")

        self.assertRecordValues(
            link, [{"match_method": "created", "state": "confirmed", "confidence": 1.0}]
        )
        self.assertRecordValues(
            link.partner_id,
            [
                {
                    "name": "Ann Roy",
                    "email": "ann@example.ca",
                    "street": "12 King Street West",
                    "state_id": self.env.ref("base.state_ca_on").id,
                    "country_id": self.env.ref("base.ca").id,
                    "vat": "123456782RT0001",
                    "x_fc_billing_tz": "America/Vancouver",
                    "is_company": False,
                }
            ],
        )
        self.assertEqual(link.data["zipcode"], "M5H 1A1")

    def test_the_same_customer_twice_is_one_link_and_one_partner(self):
        first, second = self.resolve("c-9"), self.resolve("c-9")

        self.assertEqual(first, second)
        found = self.env["res.partner"].search([("email", "=", "ann@example.ca")])
        self.assertEqual(found, first.partner_id)

    def test_one_contact_with_the_tax_number_attaches_however_it_is_written(self):
        partner = self.make_partner("Roy Inc.", vat="CA 123456782 RT 0001")

        link = self.resolve("c-9", email="other@example.ca")

        self.assertEqual(link.partner_id, partner)
        self.assertRecordValues(link, [{"match_method": "vat", "state": "confirmed"}])

    def test_the_tax_number_goes_before_the_email(self):
        by_vat = self.make_partner("By number", vat="123456782RT0001")
        self.make_partner("By mail", email="ann@example.ca")

        self.assertEqual(self.resolve("c-9").partner_id, by_vat)

    def test_one_contact_with_the_email_attaches_whatever_its_case(self):
        partner = self.make_partner("Ann", email="Ann@Example.CA")

        link = self.resolve("c-9", tax_identification_number=None)

        self.assertEqual(link.partner_id, partner)
        self.assertRecordValues(link, [{"match_method": "email", "confidence": 0.9}])

    def test_several_contacts_with_the_email_attach_to_none_and_wait(self):
        one = self.make_partner("One", email="ann@example.ca")
        two = self.make_partner("Two", email="ann@example.ca")

        link = self.resolve("c-9", tax_identification_number=None)

        self.assertNotIn(link.partner_id, one | two)
        self.assertEqual((link.state, link.match_method), ("review", "created"))
        self.assertIn(f"One ({one.id}), Two ({two.id})", link.review_reason)

    def test_name_and_address_alone_are_a_hint_and_no_match(self):
        partner = self.make_partner(
            "Ann Roy", street="12 King St. W.", zip="m5h1a1", city="Toronto"
        )

        link = self.resolve("c-9", email=None, tax_identification_number=None)

        self.assertNotEqual(link.partner_id, partner)
        self.assertEqual(link.state, "review")
        self.assertIn("same name and address as Ann Roy", link.review_reason)

    def test_a_contact_of_a_company_stands_for_the_company(self):
        company = self.make_partner("Maple Holdings")
        self.env["res.partner"].create(
            {"name": "Ann", "email": "ann@example.ca", "parent_id": company.id}
        )

        link = self.resolve("c-9", tax_identification_number=None)

        self.assertEqual(link.partner_id, company)

    def test_our_own_company_and_staff_are_never_attached(self):
        self.company.partner_id.email = "ann@example.ca"
        self.env.ref("base.user_admin").partner_id.email = "ann@example.ca"

        link = self.resolve("c-9", tax_identification_number=None)

        self.assertEqual((link.match_method, link.state), ("created", "confirmed"))

    def test_a_contact_of_another_company_is_never_attached(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.make_partner("Ann there", email="ann@example.ca", company_id=other.id)

        self.assertEqual(self.resolve("c-9").match_method, "created")

    def test_two_customers_of_one_app_with_one_email_share_a_partner_in_review(self):
        first = self.resolve("c-1")
        second = self.resolve("c-2", email="ANN@example.ca", tax_identification_number=None)

        self.assertEqual(first.partner_id, second.partner_id)
        self.assertEqual(first.state, "confirmed")
        self.assertRecordValues(second, [{"match_method": "email", "state": "review"}])
        self.assertEqual(second.review_reason, "same e-mail as this app's customer c-1")

    def test_another_service_finds_the_same_partner_without_a_review(self):
        first = self.resolve("c-1")
        other = self.make_service("maps")

        second = self.resolve("m-1", service=other)

        self.assertEqual(first.partner_id, second.partner_id)
        self.assertEqual(second.state, "confirmed")

    def test_a_batch_puts_equal_customers_on_one_partner(self):
        rows = [(f"c-{n}", ANN | {"email": mail}) for n, mail in
                enumerate(["a@x.ca", "b@x.ca", "A@x.ca", "a@X.ca"])]  # fmt: skip
        for _external_id, values in rows:
            values["tax_identification_number"] = None
            values["zipcode"] = None

        found = self.env["fusion.billing.identity"]._resolve_many(self.service, rows)

        links = {result.external_id: result.link for result in found}
        self.assertEqual({result.outcome for result in found}, {"created"})
        self.assertEqual(links["c-0"].partner_id, links["c-2"].partner_id | links["c-3"].partner_id)
        self.assertNotEqual(links["c-0"].partner_id, links["c-1"].partner_id)
        self.assertEqual(links["c-3"].state, "review")

    def test_without_a_province_the_link_waits_until_there_is_one(self):
        link = self.resolve("c-9", state=None)
        self.assertEqual(link.state, "review")
        self.assertEqual(link.review_reason, "no province: tax cannot be determined")

        self.resolve("c-9", state="Québec")

        self.assertRecordValues(link, [{"state": "confirmed", "review_reason": False}])
        self.assertEqual(link.partner_id.state_id, self.env.ref("base.state_ca_qc"))

    def test_abroad_no_province_is_needed_but_a_country_is(self):
        self.assertEqual(self.resolve("c-8", country="FR", state=None).state, "confirmed")

        link = self.resolve("c-9", country=None, state=None, email="x@example.ca", zipcode=None,
                            tax_identification_number=None)  # fmt: skip
        self.assertEqual(link.review_reason, "no country: tax cannot be determined")
