"""A cut-over stays within its service and its company, and speaks the reader's language."""

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged

from .cutover_case import CutoverCase

MANAGER = "fusion_centralize_billing.group_fusion_billing_manager,sales_team.group_sale_manager"


@tagged("post_install", "-at_install")
class TestCutoverCompany(CutoverCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.other = cls.env["res.company"].create({"name": "Elsewhere Ltd."})
        cls.both = new_test_user(
            cls.env, "cutover-both", groups=MANAGER, company_id=cls.other.id,
            company_ids=[Command.set((cls.company | cls.other).ids)],
        )  # fmt: skip
        cls.stranger = new_test_user(
            cls.env, "cutover-stranger", groups=MANAGER, company_id=cls.other.id,
            company_ids=[Command.set(cls.other.ids)],
        )  # fmt: skip
        cls.theirs = cls.env["fusion.billing.service"].create(
            {"name": "Elsewhere", "code": "elsewhere", "company_id": cls.other.id}
        )

    def cutovers(self, user, company=None):
        found = self.env["fusion.billing.cutover"].with_user(user)
        return found.with_context(allowed_company_ids=(company or self.other).ids)

    def test_a_manager_of_another_company_sees_and_does_nothing(self):
        self.prove()
        self.cutover.action_rehearse()
        mine = self.cutovers(self.stranger)
        self.env.invalidate_all()
        self.assertFalse(mine.search([("id", "=", self.cutover.id)]))
        for action in ("rehearse", "cut_over", "roll_back", "add_all"):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                getattr(mine.browse(self.cutover.id), f"action_{action}")()
        with self.assertRaises(AccessError):
            mine.create({"service_id": self.service.id})
        self.assertEqual(set(self.orders.mapped("state")), {"draft"})

    def test_in_the_other_company_s_windows_even_who_works_in_both_sees_nothing(self):
        self.assertFalse(self.cutovers(self.both).search([("id", "=", self.cutover.id)]))
        here = self.cutovers(self.both, self.company)
        self.assertEqual(here.search([("id", "=", self.cutover.id)]), self.cutover)

    def test_no_cut_over_takes_the_subscriptions_of_another_service(self):
        for user in (self.env.user, self.both, self.stranger):
            cutovers = self.cutovers(user)
            with self.assertRaises(UserError), self.env.cr.savepoint():
                cutovers.create(
                    {"service_id": self.theirs.id, "order_ids": [Command.set(self.orders.ids)]}
                )
            own = cutovers.create({"service_id": self.theirs.id})
            self.assertEqual(own.waiting_count, 0)
            own.action_add_all()
            with self.assertRaises(UserError), self.env.cr.savepoint():
                own.order_ids = [Command.link(self.first.id)]
            self.assertFalse(own.sudo().order_ids)
        with self.assertRaisesRegex(ValidationError, "of its own service alone"):
            self.cutover.copy({"service_id": self.theirs.id, "order_ids": self.first.ids})

    def test_a_service_of_another_company_cannot_be_put_under_a_cut_over(self):
        with self.assertRaises(ValidationError):
            self.cutover.service_id = self.theirs

    # ------------------------------------------------------------------ language
    def test_a_reader_of_french_rehearses_in_french(self):
        self.env["res.lang"]._activate_lang("fr_CA")
        self.env["ir.module.module"]._load_module_terms(
            ["fusion_centralize_billing"], ["fr_CA"], overwrite=True
        )
        cutover = self.cutover.with_context(lang="fr_CA")
        cutover.action_rehearse()
        self.assertIn("2 abonnements sur 2 sont retenus", cutover.lock)
        self.assertEqual(cutover.line_ids[0].obstacle, "0 période sans écart sur 3.")
        arch = cutover.get_view(view_type="form")["arch"]
        for words in ("Répéter de nouveau", "Basculer", "Premières factures", "Verrouillé."):
            self.assertIn(words, arch)
        told = cutover.fields_get(["state", "clean_periods_required"])
        self.assertEqual(dict(told["state"]["selection"])["done"], "Fait")
        with Form(cutover) as form:
            self.assertEqual(form.clean_periods_required, 3)
