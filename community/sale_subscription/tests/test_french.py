"""A customer in Québec reads French: the portal's pages and the lines of invoices."""

import html
import re

import polib
from freezegun import freeze_time

from odoo import Command
from odoo.addons.base.tests.common import HttpCaseWithUserPortal
from odoo.tests import tagged
from odoo.tools.misc import file_path

from .common import SubscriptionCase

ENGLISH = (
    "Subscription", "Next invoice", "In progress", "Started on", "Payment method", "Unit price",
    "What you subscribe to", "without taxes", "every month", "Invoices", "Close subscription",
    "Why are you leaving", "Keep subscription",
)  # fmt: skip


@tagged("post_install", "-at_install")
class TestFrench(SubscriptionCase, HttpCaseWithUserPortal):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("fr_CA")
        module = cls.env["ir.module.module"].search([("name", "=", "sale_subscription")])
        module._update_translations("fr_CA")
        cls.user_portal.write(
            {
                "company_ids": [Command.set(cls.env.company.ids)],
                "company_id": cls.env.company.id,
                "lang": "fr_CA",
            }
        )
        cls.customer = cls.partner_portal
        closable = cls._plan("Pro", user_closable=True)
        with freeze_time("2026-01-01 12:00:00"):
            cls.order = cls._order("2026-01-01", plan=closable)
            cls.invoice = cls.order._create_recurring_invoice()

    def page(self, url: str) -> str:
        self.authenticate("portal", "portal")
        self.opener.cookies["frontend_lang"] = "fr_CA"
        return html.unescape(self.url_open(url).text)

    def test_the_subscription_page_is_french_from_top_to_bottom(self):
        page = self.page(f"/my/subscriptions/{self.order.id}")
        for text in (
            "Abonnements", "Prochaine facture", "En cours", "Commencé le", "par mois",
            ", avant taxes", "Mode de paiement", "Ce que comprend votre abonnement",
            "Prix unitaire", "Total avant taxes", "Factures", "Pourquoi nous quittez-vous?",
            "Choisissez une raison", "Fin du contrat", "Garder l'abonnement",
            "Mettre fin à l'abonnement",
        ):  # fmt: skip
            self.assertIn(text, page)
        visible = page.split("<main")[1]
        for text in ENGLISH:
            self.assertNotIn(f">{text}", visible)

    def test_the_list_is_french(self):
        page = self.page("/my/subscriptions")
        for text in ("Abonnements", "Forfait", "Par période, avant taxes", "État"):
            self.assertIn(text, page)

    def test_the_line_of_an_invoice_is_french(self):
        [line] = self.invoice.invoice_line_ids
        self.assertEqual(line.name, "Hosting\n1 mois, du 2026-01-01 au 2026-01-31")

    def test_every_text_of_the_portal_is_translated_and_still_there(self):
        folder = "sale_subscription/i18n/"
        template = polib.pofile(file_path(f"{folder}sale_subscription.pot"))
        french = {entry.msgid: entry for entry in polib.pofile(file_path(f"{folder}fr.po"))}
        portal = [
            entry.msgid
            for entry in template
            if any("sale_subscription.portal_" in place for place, _line in entry.occurrences)
        ]
        self.assertGreater(len(portal), 40)
        self.assertEqual([text for text in portal if text not in french], [])
        self.assertEqual([text for text, entry in french.items() if not entry.msgstr], [])
        views = self.env["ir.ui.view"].search([("key", "like", "sale_subscription.portal_")])
        terms = {
            term
            for view in views
            for term in view._fields["arch_db"].get_trans_terms(view.arch_db)
            if re.search(r"\w", term)
        }
        self.assertEqual(sorted(terms - set(french)), [])
