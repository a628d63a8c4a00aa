"""The French of the addon is what Odoo takes over."""

from pathlib import Path

import polib

from odoo.tests import BaseCase, tagged

FOLDER = Path(__file__).resolve().parents[1] / "i18n"


@tagged("post_install", "-at_install")
class TestTranslations(BaseCase):
    def test_every_translated_text_is_in_the_template_for_odoo_drops_the_others(self):
        known = {entry.msgid for entry in polib.pofile(next(FOLDER.glob("*.pot")))}
        languages = sorted(FOLDER.glob("*.po"))
        self.assertEqual([path.stem for path in languages], ["fr", "fr_CA"])
        for path in languages:
            with self.subTest(path.name):
                lost = [entry.msgid for entry in polib.pofile(path) if entry.msgid not in known]
                self.assertEqual(lost, [])
