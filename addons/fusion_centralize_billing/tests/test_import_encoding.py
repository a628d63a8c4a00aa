"""A NexaCloud that is not in UTF-8: read right where the server can, one sentence where not."""

import psycopg2

from odoo.tests import tagged

from ..pipeline.import_report import OBJECTS
from .nexacloud_case import NexacloudCase

# "Hélène" as a program wrote it in Latin-1; no valid UTF-8.
LATIN1_BYTES = b"H\xe9l\xe8ne"


@tagged("post_install", "-at_install")
class TestImportEncoding(NexacloudCase):
    def recreate(self, encoding: str) -> None:
        """The app's database anew in this encoding, with Ann in it.

        The provider is named because a server's default may be one that knows UTF-8 alone.
        """
        cls = type(self)
        cls.app.close()
        cls._admin(
            f'DROP DATABASE "{cls.app_db}" WITH (FORCE)',
            f"CREATE DATABASE \"{cls.app_db}\" TEMPLATE template0 ENCODING '{encoding}'"
            " LOCALE_PROVIDER libc LC_COLLATE 'C' LC_CTYPE 'C'",
        )
        cls.app = psycopg2.connect(**cls.server | {"dbname": cls.app_db})
        cls.addClassCleanup(cls.app.close)
        cls.app.autocommit = True
        self.setUp()
        self.seed()

    def name_ann(self, encoding: str) -> None:
        """Put the raw bytes where Ann's name is, as the app itself would."""
        self.sql(
            f"UPDATE users SET full_name = convert_from('\\x{LATIN1_BYTES.hex()}', '{encoding}')"
        )

    def test_a_database_in_latin_1_is_read_as_what_it_says(self):
        self.recreate("LATIN1")
        self.name_ann("LATIN1")

        self.assertTrue(self.run_import()["ok"])
        self.assertEqual(self.link().partner_id.name, "Hélène")

    def test_bytes_without_an_encoding_are_one_sentence_and_nothing_is_half_taken(self):
        self.recreate("SQL_ASCII")
        self.name_ann("SQL_ASCII")

        products = self.env["product.template"].search_count([])
        for mode in ("dry_run", "run"):
            report = self.run_import(mode)
            self.assertFalse(report["ok"])
            (problem,) = report["problems"]
            self.assertIn("gave no answer about table users after 0 rows", problem)
            self.assertEqual({report[name]["created"] for name in OBJECTS}, {0})
            self.assertFalse(self.link())
            self.assertFalse(self.order())
            self.assertEqual(self.env["product.template"].search_count([]), products)
