"""The review queue: candidates side by side, and what a person decides."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from .nexacloud_case import NexacloudCase

HOME = {"street": "12 King Street West", "zip": "M5H 1A1", "city": "Toronto"}


@tagged("post_install", "-at_install")
class TestAccountLinkReview(NexacloudCase):
    def setUp(self):
        super().setUp()
        ontario = self.env.ref("base.state_ca_on")
        place = {"state_id": ontario.id, "country_id": ontario.country_id.id}
        self.twins = self.env["res.partner"].create(
            [{"name": name, "email": "ann@example.ca", **place} for name in ("Ann", "A. Roy")]
        )
        self.seed()

    def test_several_contacts_wait_side_by_side_and_the_draft_follows_the_chosen_one(self):
        self.run_import()
        link = self.link()
        made = link.partner_id
        self.assertEqual((link.state, link.candidate_ids), ("review", self.twins))
        self.assertIn("A. Roy", link.comparison)
        self.assertIn('<td class="text-success fw-bold">ann@example.ca</td>', link.comparison)

        self.twins[1].with_context(fc_link_id=link.id).action_fc_attach()
        again = self.run_import()

        self.assertRecordValues(
            link, [{"state": "confirmed", "match_method": "manual", "confidence": 1.0}]
        )
        self.assertEqual(self.order().partner_id, self.twins[1])
        self.assertEqual((self.twins[1].city, self.twins[1].name), ("Toronto", "A. Roy"))
        self.assertEqual(again["customers"]["unchanged"], 1)
        self.assertFalse(made.active)

    def test_name_and_address_alone_ask_and_never_attach(self):
        other = self.twins[0].copy({"name": "Bea Côté", "email": False, **HOME})
        where = {"address_line1": "12 King St. W", "postal_code": "m5h1a1", "city": "Toronto"}
        self.add_user(2, full_name="Bea Cote", **where)

        self.run_import()

        link = self.link(2)
        self.assertEqual((link.candidate_ids, link.state), (other, "review"))
        self.assertNotEqual(link.partner_id, other)

    def test_a_shared_mailbox_can_be_given_a_contact_of_its_own(self):
        self.twins.unlink()
        self.add_user(2, email="ANN@example.ca", full_name="Ben")
        self.add_subscription(102, user=2)
        self.run_import()
        link, first = self.link(2), self.link()
        self.assertEqual((link.partner_id, link.state), (first.partner_id, "review"))

        link.action_new_contact()

        self.assertEqual((link.partner_id.name, link.state), ("Ben", "confirmed"))
        self.assertEqual(self.order(102).partner_id, link.partner_id)
        self.assertTrue(first.partner_id.active)

    def test_a_live_subscription_is_not_moved_to_another_contact(self):
        self.run_import()
        self.service.go_live()
        link = self.link()

        with self.assertRaisesRegex(UserError, "Merge the two contacts"):
            link._attach(self.twins[0])

    def test_a_contact_that_is_no_candidate_cannot_be_attached(self):
        self.run_import()
        stranger = self.env["res.partner"].create({"name": "Stranger"})

        with self.assertRaisesRegex(UserError, "no candidate"):
            stranger.with_context(fc_link_id=self.link().id).action_fc_attach()

    def test_merging_contacts_keeps_the_link_and_its_other_candidates(self):
        self.run_import()
        link = self.link()
        keeper = self.twins[0]
        merge = self.env["base.partner.merge.automatic.wizard"].create({})

        merge._merge((keeper + link.partner_id).ids, keeper, extra_checks=False)

        link.invalidate_recordset()
        self.assertEqual((link.partner_id, self.twins[1] in link.candidate_ids), (keeper, True))
