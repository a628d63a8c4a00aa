"""Whose word counts on a partner: the app that made it, a person, or another app."""

from odoo.tests import tagged

from .common import BillingCase

BOB = {
    "name": "Bob Tremblay", "email": "bob@example.ca", "city": "Montréal", "state": "QC",
    "country": "CA",
}  # fmt: skip


@tagged("post_install", "-at_install")
class TestIdentityPartners(BillingCase):
    def resolve(self, external_id: str, service=None, **changes):
        return self.env["fusion.billing.identity"]._resolve(
            service or self.service, external_id, BOB | changes
        )

    def send(self, external_id: str, **values):
        """Only these keys, as the API passes them on."""
        return self.env["fusion.billing.identity"]._resolve(self.service, external_id, values)

    def test_the_app_changes_the_partner_it_made(self):
        link = self.resolve("c-9")

        self.send("c-9", city="Laval", phone="+1 450 555 0100")

        self.assertRecordValues(
            link.partner_id,
            [{"city": "Laval", "phone": "+1 450 555 0100", "name": "Bob Tremblay"}],
        )
        self.assertEqual((link.data["city"], link.data["state"]), ("Laval", "QC"))

    def test_null_clears_and_an_absent_key_leaves_alone(self):
        link = self.resolve("c-9", phone="+1 514 555 0100")

        self.send("c-9", phone=None)

        self.assertFalse(link.partner_id.phone)
        self.assertEqual(link.partner_id.city, "Montréal")
        self.assertIsNone(link.data["phone"])

    def test_what_a_person_changed_survives_the_same_message_again(self):
        link = self.resolve("c-9")
        link.partner_id.write({"name": "Robert Tremblay", "city": "Québec"})

        self.resolve("c-9")

        self.assertRecordValues(link.partner_id, [{"name": "Robert Tremblay", "city": "Québec"}])

    def test_a_partner_that_was_here_before_is_only_filled_where_blank(self):
        partner = self.make_partner("Tremblay inc.", email="bob@example.ca", phone=False)

        link = self.resolve("c-9", phone="+1 514 555 0100")
        self.send("c-9", name="Bobby", phone="+1 514 555 0199")

        self.assertEqual(link.partner_id, partner)
        self.assertRecordValues(
            partner, [{"name": "Tremblay inc.", "city": "Ottawa", "phone": "+1 514 555 0100"}]
        )
        self.assertEqual(link.data["name"], "Bobby")

    def test_two_addresses_are_never_mixed(self):
        partner = self.make_partner("Tremblay inc.", email="bob@example.ca", street=False)

        self.resolve("c-9", address_line1="1 rue Saint-Paul")

        self.assertFalse(partner.street)

    def test_a_blank_of_the_same_address_is_filled(self):
        partner = self.make_partner(
            "Tremblay inc.", email="bob@example.ca", city="Montréal", state_id=False, zip=False
        )

        self.resolve("c-9")

        self.assertEqual(partner.state_id, self.env.ref("base.state_ca_qc"))

    def test_a_partner_two_apps_share_is_changed_by_neither(self):
        link = self.resolve("c-9")
        self.resolve("m-9", service=self.make_service("maps"))

        self.send("c-9", name="Somebody else")

        self.assertEqual(link.partner_id.name, "Bob Tremblay")
        self.assertEqual(link.data["name"], "Somebody else")

    def test_a_rejected_link_writes_to_no_partner(self):
        link = self.resolve("c-9")
        link.action_reject()

        self.send("c-9", name="Somebody else")

        self.assertEqual((link.partner_id.name, link.state), ("Bob Tremblay", "rejected"))

    def test_merging_partners_keeps_every_link_and_subscription(self):
        bob = self.resolve("c-9")
        maple_order = self.make_order("sub-1")
        merge = self.env["base.partner.merge.automatic.wizard"]

        merge._merge((bob.partner_id | self.partner).ids, self.partner)

        self.assertEqual(bob.partner_id, self.partner)
        self.assertEqual(self.link.partner_id, self.partner)
        self.assertEqual(maple_order.partner_id, self.partner)
        self.assertEqual(self.resolve("c-9"), bob)

    def test_the_language_is_the_canadian_one_if_it_is_active(self):
        self.env["res.lang"]._activate_lang("fr_CA")
        self.env["res.lang"]._activate_lang("fr_FR")
        wanted = {"fr": "fr_CA", "fr-FR": "fr_FR", "fr_BE": "fr_CA"}
        for number, (locale, language) in enumerate(wanted.items()):
            with self.subTest(locale=locale):
                link = self.resolve(
                    f"c-{number}",
                    email=f"bob{number}@example.ca",
                    billing_configuration={"document_locale": locale},
                )
                self.assertEqual(link.partner_id.lang, language)

    def test_an_unknown_state_or_timezone_is_left_blank(self):
        link = self.resolve("c-9", state="Atlantis", timezone="Mars/Olympus")

        self.assertRecordValues(link.partner_id, [{"state_id": False, "x_fc_billing_tz": False}])
        self.assertEqual(link.state, "review")

    def test_nested_configuration_keeps_its_other_keys(self):
        link = self.resolve("c-9", billing_configuration={"document_locale": "en"})

        self.send("c-9", billing_configuration={"provider_customer_id": "cus_9"})

        self.assertEqual(
            link.data["billing_configuration"],
            {"document_locale": "en", "provider_customer_id": "cus_9"},
        )
